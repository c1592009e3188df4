with
    source as (select * from {{ source('raw', 'school') }}),

    renamed as (
        select
            school_id,
            short_name,
            full_name,
            fis_login,
            rcoi_code,
            school_kind,
            place_type,
            municipality_id,
            municipality_name,
            opened_on,
            closed_on,
            successor_school_id
        from source
    )

select *
from renamed
