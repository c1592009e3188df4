with
    source as (select * from {{ source('raw', 'vpr_journal') }}),

    renamed as (
        select
            delivery_id,
            part_no,
            school_id,
            cal_year,
            season,
            school_year,
            subject,
            grade_label,
            programme_grade,
            unit_level,
            unit_name,
            n_compared,
            n_lowered,
            n_confirmed,
            n_raised
        from source
    )

select *
from renamed
