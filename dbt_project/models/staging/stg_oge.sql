with
    source as (select * from {{ source('raw', 'oge_result') }}),

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
            participant_pid,
            pid_basis,
            name_pid,
            level,
            exam_date,
            is_present,
            primary_score,
            mark
        from source
    )

select *
from renamed
