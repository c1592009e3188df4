with
    source as (select * from {{ source('raw', 'vpr_score_distribution') }}),

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
            n_part,
            primary_score,
            pct
        from source
    )

select *
from renamed
