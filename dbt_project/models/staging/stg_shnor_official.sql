with
    source as (select * from {{ source('raw', 'shnor_official') }}),

    renamed as (
        select delivery_id, school_id, list_school_year, document_no, document_date from source
    )

select *
from renamed
