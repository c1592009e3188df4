with
    source as (select * from {{ source('raw', 'vpr_paper_task') }}),

    renamed as (
        select
            delivery_id,
            part_no,
            cal_year,
            season,
            school_year,
            subject,
            grade_label,
            programme_grade,
            task_position,
            task_label,
            is_running_number,
            max_score
        from source
    )

select *
from renamed
