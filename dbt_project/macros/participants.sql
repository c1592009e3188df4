{#- Whether a pupil of the contingent is known in a participant of a procedure. -#}
{#- Participants of a procedure by name: a name that is one in the school on both sides is a link.

    participants: SQL of procedure, school_id, school_year, full_name_pid, participant_pid. -#}
{% macro known_participants(participants) %}
    with
        participant as ({{ participants }}),

        pupil as (
            select school_id, school_year, full_name_pid, person_pid
            from {{ ref("stg_pupil_year") }}
            union all
            select school_id, school_year, full_name_pid, person_pid
            from {{ ref("stg_leaver") }}
        ),

        name_of_pupil as (
            select
                school_id,
                school_year,
                full_name_pid,
                count(distinct person_pid) as n_pupils,
                min(person_pid) as person_pid
            from pupil
            where full_name_pid is not null
            group by school_id, school_year, full_name_pid
        ),

        counted as (
            select
                participant.*,
                count(*) over (
                    partition by procedure, school_id, school_year, full_name_pid
                ) as n_participants
            from participant
        )

    select
        counted.procedure,
        counted.school_id,
        counted.school_year,
        counted.participant_pid,
        counted.full_name_pid,
        case
            when name_of_pupil.full_name_pid is null
            then 'unknown'
            when counted.n_participants > 1 or name_of_pupil.n_pupils > 1
            then 'ambiguous'
            else 'linked'
        end as link_state,
        case
            when counted.n_participants = 1 and name_of_pupil.n_pupils = 1
            then name_of_pupil.person_pid
        end as person_pid
    from counted
    left join
        name_of_pupil
        on counted.school_id = name_of_pupil.school_id
        and counted.school_year = name_of_pupil.school_year
        and counted.full_name_pid = name_of_pupil.full_name_pid
{% endmacro %}
