with
    attempt as (
        select
            *,
            count(*) over (partition by {{ attempts_of_one() }}) as n_attempts,
            {{ attempt_place() }} as place
        from {{ ref("int_exam_attempt") }}
        where is_present and (result is not null or primary_score is not null)
    )

select
    procedure,
    cal_year,
    school_year,
    programme_grade,
    subject,
    level,
    participant_pid,
    full_name_pid,
    school_id,
    season,
    exam_date,
    primary_score,
    case when procedure = 'EGE' and level <> 'base' then result end as test_score,
    case when procedure <> 'EGE' or level = 'base' then result end as mark,
    n_attempts,
    is_changed,
    has_unconfirmed,
    delivery_ids
from attempt
where place = 1
