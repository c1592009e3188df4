with
    {%- set columns = [
        "delivery_id",
        "part_no",
        "school_id",
        "procedure",
        "cal_year",
        "season",
        "school_year",
        "subject",
        "programme_grade",
        "participant_pid",
        "pid_basis",
        "name_pid",
        "full_name_pid",
        "level",
        "exam_date",
        "is_present",
        "primary_score",
        "mark",
    ] | join(", ") %}
    delivered as (
        select {{ columns }}, test_score, 'ege_result' as table_name
        from {{ ref("stg_ege") }}
        where school_id is not null
        union all
        select {{ columns }}, cast(null as integer), 'oge_result'
        from {{ ref("stg_oge") }}
        where school_id is not null
    ),

    oge_scale as (
        select *, {{ is_unconfirmed("confidence") }} as is_unconfirmed
        from {{ ref("oge_scale") }}
        -- where the mark has conditions beyond the sum, only a delivered mark counts
        where coalesce(extra_condition, '') = '' and cut3 is not null
    ),

    judged as (
        select
            delivered.*,
            delivered.mark is null and coalesce(oge_scale.is_unconfirmed, false) as has_unconfirmed,
            case
                when delivered.procedure = 'EGE' and delivered.level <> 'base'
                then delivered.test_score
                when delivered.mark is not null
                then delivered.mark
                when delivered.primary_score >= oge_scale.cut5
                then 5
                when delivered.primary_score >= oge_scale.cut4
                then 4
                when delivered.primary_score >= oge_scale.cut3
                then 3
                when delivered.primary_score < oge_scale.cut3
                then 2
            end as result
        from delivered
        left join
            oge_scale
            on delivered.procedure = 'OGE'
            and delivered.cal_year = oge_scale.cal_year
            and {{ subject_group("delivered.subject") }} = oge_scale.subject
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
        from delivered
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

    known as (
        select judged.*, coalesce(person.person_pid, judged.participant_pid) as person_pid
        from judged
        left join
            person
            on judged.procedure = person.procedure
            and judged.cal_year = person.cal_year
            and judged.school_id = person.school_id
            and judged.participant_pid = person.participant_pid
    ),

    precedence as (select * from {{ ref("stg_delivery_part") }}),

    -- the same exam of the same person in two deliveries: authority, then recency
    ranked as (
        select
            known.*,
            row_number() over (
                partition by
                    known.procedure,
                    known.cal_year,
                    known.person_pid,
                    known.subject,
                    known.level,
                    known.exam_date
                order by
                    case when known.is_present then 0 else 1 end,
                    precedence.precedence desc nulls last,
                    known.delivery_id,
                    known.part_no
            ) as preference
        from known
        left join
            precedence
            on known.table_name = precedence.table_name
            and known.delivery_id = precedence.delivery_id
            and known.part_no = precedence.part_no
    ),

    attempt as (
        select
            *,
            sum(case when is_present then 1 else 0 end) over (
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
        where attempt.is_present
    )

select
    attempt.procedure,
    attempt.cal_year,
    attempt.school_year,
    attempt.season,
    attempt.programme_grade,
    attempt.subject,
    attempt.level,
    attempt.person_pid as participant_pid,
    attempt.full_name_pid,
    attempt.school_id,
    attempt.exam_date,
    attempt.is_present,
    coalesce(matched_change.primary_after, attempt.primary_score) as primary_score,
    coalesce(matched_change.score_after, attempt.result) as result,
    coalesce(matched_change.score_after <> attempt.result, false) as is_changed,
    attempt.has_unconfirmed and matched_change.score_after is null as has_unconfirmed,
    attempt.delivery_id,
    {{ list_of([
        "attempt.delivery_id",
        "case when matched_change.score_after <> attempt.result then matched_change.change_delivery_id end",
    ]) }}
    as delivery_ids
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
