with
    ege as (
        select
            *, 'EGE' as procedure, case when level = 'base' then mark else test_score end as result
        from {{ ref("stg_ege") }}
        where is_present
    ),

    oge_scale as (
        select *, not {{ is_unconfirmed("confidence") }} as is_confirmed
        from {{ ref("oge_scale") }}
        -- where the mark has conditions beyond the sum, only a delivered mark counts
        where coalesce(extra_condition, '') = ''
    ),

    oge as (
        select
            stg_oge.*,
            'OGE' as procedure,
            cast(null as integer) as test_score,
            stg_oge.mark is null
            and oge_scale.cut3 is not null
            and not oge_scale.is_confirmed as has_unconfirmed,
            case
                when stg_oge.mark is not null
                then stg_oge.mark
                when stg_oge.primary_score >= oge_scale.cut5
                then 5
                when stg_oge.primary_score >= oge_scale.cut4
                then 4
                when stg_oge.primary_score >= oge_scale.cut3
                then 3
                when stg_oge.primary_score < oge_scale.cut3
                then 2
            end as result
        from {{ ref("stg_oge") }} as stg_oge
        left join
            oge_scale
            on stg_oge.cal_year = oge_scale.cal_year
            and {{ subject_group("stg_oge.subject") }} = oge_scale.subject
        where stg_oge.is_present
    ),

    delivered_result as (
        select
            procedure,
            delivery_id,
            part_no,
            school_id,
            cal_year,
            season,
            school_year,
            subject,
            programme_grade,
            participant_pid,
            pid_basis,
            name_pid,
            level,
            exam_date,
            primary_score,
            result,
            false as has_unconfirmed
        from ege
        where school_id is not null
        union all
        select
            procedure,
            delivery_id,
            part_no,
            school_id,
            cal_year,
            season,
            school_year,
            subject,
            programme_grade,
            participant_pid,
            pid_basis,
            name_pid,
            level,
            exam_date,
            primary_score,
            result,
            has_unconfirmed
        from oge
        where school_id is not null
    ),

    -- Protocols of different forms know a person by document or by code. One name of a school is
    -- one person if each form knows it once; two of a form are namesakes and stay apart.
    pid_of_name as (
        select
            procedure,
            cal_year,
            school_id,
            name_pid,
            pid_basis,
            min(participant_pid) as participant_pid,
            count(distinct participant_pid) as n_pids
        from delivered_result
        where name_pid is not null
        group by procedure, cal_year, school_id, name_pid, pid_basis
    ),

    person_of_name as (
        select procedure, cal_year, school_id, name_pid, min(participant_pid) as person_pid
        from pid_of_name
        group by procedure, cal_year, school_id, name_pid
        having count(*) > 1 and max(n_pids) = 1
    ),

    person as (
        select
            pid.procedure,
            pid.cal_year,
            pid.school_id,
            pid.participant_pid,
            min(person_of_name.person_pid) as person_pid
        from pid_of_name as pid
        inner join
            person_of_name
            on pid.procedure = person_of_name.procedure
            and pid.cal_year = person_of_name.cal_year
            and pid.school_id = person_of_name.school_id
            and pid.name_pid = person_of_name.name_pid
        group by pid.procedure, pid.cal_year, pid.school_id, pid.participant_pid
    ),

    known_result as (
        select
            delivered_result.*,
            coalesce(person.person_pid, delivered_result.participant_pid) as person_pid
        from delivered_result
        left join
            person
            on delivered_result.procedure = person.procedure
            and delivered_result.cal_year = person.cal_year
            and delivered_result.school_id = person.school_id
            and delivered_result.participant_pid = person.participant_pid
    ),

    precedence as (
        select *
        from {{ ref("stg_delivery_part") }}
        where table_name in ('ege_result', 'oge_result')
    ),

    -- the same exam of the same person in two deliveries: authority, then recency
    ranked as (
        select
            known_result.*,
            row_number() over (
                partition by
                    known_result.procedure,
                    known_result.cal_year,
                    known_result.person_pid,
                    known_result.subject,
                    known_result.level,
                    known_result.exam_date
                order by
                    precedence.precedence desc nulls last,
                    known_result.delivery_id,
                    known_result.part_no
            ) as preference
        from known_result
        left join
            precedence
            on known_result.delivery_id = precedence.delivery_id
            and known_result.part_no = precedence.part_no
            and precedence.table_name
            = case when known_result.procedure = 'EGE' then 'ege_result' else 'oge_result' end
    ),

    attempt as (
        select
            *,
            count(*) over (
                partition by procedure, cal_year, subject, level, exam_date, name_pid
            ) as n_of_name
        from ranked
        where preference = 1
    ),

    change as (select * from {{ ref("stg_exam_change") }}),

    -- a change names its person by document or code; else by a name that is unique
    matched_change as (
        select
            attempt.procedure,
            attempt.cal_year,
            attempt.participant_pid,
            attempt.subject,
            attempt.level,
            attempt.exam_date,
            change.score_after,
            change.primary_score as primary_after,
            change.delivery_id as change_delivery_id,
            row_number() over (
                partition by
                    attempt.procedure,
                    attempt.cal_year,
                    attempt.participant_pid,
                    attempt.subject,
                    attempt.level,
                    attempt.exam_date
                order by change.changed_at desc, change.delivery_id
            ) as preference
        from attempt
        inner join
            change
            on attempt.procedure = change.procedure
            and attempt.cal_year = change.cal_year
            and attempt.subject = change.subject
            and attempt.level = change.level
            and (change.exam_date is null or attempt.exam_date = change.exam_date)
            and (
                attempt.participant_pid = change.participant_pid
                or (attempt.name_pid = change.name_pid and attempt.n_of_name = 1)
            )
    ),

    corrected as (
        select
            attempt.procedure,
            attempt.cal_year,
            attempt.school_year,
            attempt.season,
            attempt.programme_grade,
            attempt.subject,
            attempt.level,
            attempt.person_pid as participant_pid,
            attempt.school_id,
            attempt.exam_date,
            coalesce(matched_change.primary_after, attempt.primary_score) as primary_score,
            coalesce(matched_change.score_after, attempt.result) as result,
            coalesce(matched_change.score_after <> attempt.result, false) as is_changed,
            attempt.has_unconfirmed and matched_change.score_after is null as has_unconfirmed,
            attempt.delivery_id,
            matched_change.change_delivery_id
        from attempt
        left join
            matched_change
            on attempt.procedure = matched_change.procedure
            and attempt.cal_year = matched_change.cal_year
            and attempt.participant_pid = matched_change.participant_pid
            and attempt.subject = matched_change.subject
            and attempt.level = matched_change.level
            and attempt.exam_date = matched_change.exam_date
            and matched_change.preference = 1
    ),

    -- ЕГЭ: the best valid result of the year; ОГЭ: the last one, after reserve and September
    final as (
        select
            *,
            count(*) over (
                partition by procedure, cal_year, participant_pid, subject, level
            ) as n_attempts,
            row_number() over (
                partition by procedure, cal_year, participant_pid, subject, level
                order by
                    case when procedure = 'EGE' then result else 0 end desc nulls last,
                    exam_date desc,
                    delivery_id
            ) as preference
        from corrected
        where result is not null or primary_score is not null
    )

select
    procedure,
    cal_year,
    school_year,
    programme_grade,
    subject,
    level,
    participant_pid,
    school_id,
    season,
    exam_date,
    primary_score,
    case when procedure = 'EGE' and level <> 'base' then result end as test_score,
    case when procedure = 'OGE' or level = 'base' then result end as mark,
    n_attempts,
    is_changed,
    has_unconfirmed,
    {{ list_of(["delivery_id", "case when is_changed then change_delivery_id end"]) }}
    as delivery_ids
from final
where preference = 1
