{{ config(materialized="view") }}
{#- source, table, staging model, condition, register that knows the persons -#}
{%- set registers = [
    ("S14", "extra_enrolment", "stg_extra_enrolment", "true", "pupil"),
    ("S15", "vsosh_result", "stg_vsosh", "true", "pupil"),
    ("S16", "contest_result", "stg_contest", "participant_role = 'pupil'", "pupil"),
    ("S18", "leaver", "stg_leaver", "true", "pupil"),
    ("S33", "prevention_pupil", "stg_prevention_pupil", "true", "pupil"),
    ("S34", "sen_pupil", "stg_sen_pupil", "true", "pupil"),
    ("S16", "contest_result", "stg_contest", "participant_role = 'teacher'", "staff"),
    ("S21", "cpd_course", "stg_cpd", "true", "staff"),
    ("S22", "teacher_diagnostics", "stg_teacher_diag", "true", "staff"),
    ("S24", "meth_event", "stg_meth_event", "true", "staff"),
    ("S26", "network_member", "stg_network", "true", "staff"),
    ("S45", "expert", "stg_expert", "true", "staff"),
] -%}
with
    person as (
        {%- for source, table, model, condition, known_by in registers %}
            select distinct
                '{{ source }}' as source,
                '{{ table }}' as table_name,
                '{{ known_by }}' as known_by,
                school_year,
                person_pid
            from {{ ref(model) }}
            where {{ condition }}
            {% if not loop.last %}
                union all
            {% endif %}
        {%- endfor %}
    ),

    known as (
        select distinct 'pupil' as known_by, school_year, person_pid
        from {{ ref("stg_pupil_year") }}
        union all
        select distinct 'staff', school_year, person_pid
        from {{ ref("stg_staff") }}
    ),

    known_year as (select distinct known_by, school_year from known),

    linked as (
        select
            case
                procedure
                when 'ESSAY'
                then 'S05'
                when 'INTERVIEW'
                then 'S06'
                when 'OGE'
                then 'S04'
                when 'GVE9'
                then 'S04'
                else 'S03'
            end as source,
            case
                procedure
                when 'ESSAY'
                then 'essay_result'
                when 'INTERVIEW'
                then 'interview_result'
                when 'OGE'
                then 'oge_result'
                when 'GVE9'
                then 'oge_result'
                else 'ege_result'
            end as table_name,
            'pupil' as known_by,
            school_year,
            link_state
        from
            (
                select procedure, school_year, link_state
                from {{ ref("int_exam_participant") }}
                union all
                select procedure, school_year, link_state
                from {{ ref("int_admission_participant") }}
            ) as participant
        union all
        select
            person.source,
            person.table_name,
            person.known_by,
            person.school_year,
            case when known.person_pid is null then 'unknown' else 'linked' end
        from person
        left join
            known
            on person.known_by = known.known_by
            and person.school_year = known.school_year
            and person.person_pid = known.person_pid
    )

select
    linked.source,
    linked.table_name,
    linked.known_by,
    linked.school_year,
    count(*) as n,
    count(*) filter (where link_state = 'linked') as n_linked,
    count(*) filter (where link_state = 'ambiguous') as n_ambiguous,
    count(known_year.school_year) > 0 as is_register_delivered
from linked
left join
    known_year
    on linked.known_by = known_year.known_by
    and linked.school_year = known_year.school_year
group by linked.source, linked.table_name, linked.known_by, linked.school_year
