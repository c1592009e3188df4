with
    source as (select * from {{ source('raw', 'exam_change') }}),

    renamed as (
        select
            delivery_id,
            part_no,
            school_id,
            procedure,
            cal_year,
            subject,
            participant_pid,
            name_pid,
            level,
            exam_date,
            changed_at,
            primary_score,
            score_before,
            score_after
        from source
    )

select *
from renamed
