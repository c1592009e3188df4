with
    source as (select * from {{ source('raw', 'shnor_decision') }}),

    renamed as (
        select
            delivery_id,
            school_id,
            decision_school_year,
            decision,
            document_no,
            document_date,
            reason
        from source
    )

select *
from renamed
