with
    source as (select * from {{ source('raw', 'vpr_marks') }}),

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
            n_schools,
            n_part,
            pct_2,
            pct_3,
            pct_4,
            pct_5
        from source
    )

select *
from renamed
