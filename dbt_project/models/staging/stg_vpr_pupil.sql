with
    source as (select * from {{ source('raw', 'vpr_pupil') }}),

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
            pupil_code,
            class_label,
            variant,
            is_present,
            sex,
            journal_mark,
            primary_score,
            mark,
            scores
        from source
    )

select *
from renamed
