with
    checked as (select * from {{ ref("stg_check") }}),

    check_year as (
        select school_year, {{ distinct_list("delivery_id") }} as delivery_ids
        from checked
        group by school_year
    ),

    observation as (
        select *
        from {{ ref("stg_observation") }}
        where procedure_kind not in ('vsosh_school', 'vsosh_municipal')
    ),

    olympiad as (select * from {{ ref("stg_vsosh") }} where stage in ('school', 'municipal')),

    told as (
        {{
            register_speaks_for(
                "(select school_id, school_year from observation"
                " union select school_id, school_year from olympiad)",
                "checked",
            )
        }}
    ),

    -- days of procedures are known from observation: a visit of another day is none of them;
    -- olympiads have a measure of their own
    procedure_day as (
        select
            school_day.school_year,
            school_day.procedure_kind,
            count(visit.checked_on) as n_visited,
            count(*) as n_days,
            {{ union_of_lists("school_day.delivery_ids") }} as delivery_ids
        from
            (
                select
                    observation.school_id,
                    observation.school_year,
                    observation.procedure_kind,
                    observation.held_on,
                    {{ distinct_list("observation.delivery_id") }} as delivery_ids
                from observation
                inner join
                    told
                    on observation.school_id = told.school_id
                    and observation.school_year = told.school_year
                group by
                    observation.school_id,
                    observation.school_year,
                    observation.procedure_kind,
                    observation.held_on
            ) as school_day
        left join
            (
                select distinct school_id, school_year, procedure_kind, checked_on from checked
            ) as visit
            on school_day.school_id = visit.school_id
            and school_day.school_year = visit.school_year
            and school_day.procedure_kind = visit.procedure_kind
            and school_day.held_on = visit.checked_on
        group by school_day.school_year, school_day.procedure_kind
    ),

    visited as (
        select
            'D5.02a' as measure_code,
            cast(null as string) as school_id,
            procedure_day.school_year,
            procedure_day.procedure_kind as breakdown,
            procedure_day.n_visited as numerator,
            procedure_day.n_days as denominator,
            {{ merged_list("procedure_day.delivery_ids", "check_year.delivery_ids") }}
            as delivery_ids
        from procedure_day
        inner join check_year on procedure_day.school_year = check_year.school_year
    ),

    violated as (
        select
            'D5.02b' as measure_code,
            school_id,
            school_year,
            procedure_kind as breakdown,
            count(case when is_violation then 1 end) as numerator,
            count(distinct check_id) as denominator,
            {{ distinct_list("delivery_id") }} as delivery_ids
        from checked
        group by school_id, school_year, procedure_kind
    ),

    -- a register of checks that names none in a school
    unchecked as ({{ told_of_none("D5.02b", "checked", "violated") }}),

    olympiad_session as (
        select
            school_session.school_year,
            count(visit.subject) as n_visited,
            count(*) as n_sessions,
            {{ union_of_lists("school_session.delivery_ids") }} as delivery_ids
        from
            (
                select
                    olympiad.school_id,
                    olympiad.school_year,
                    olympiad.subject,
                    {{ distinct_list("olympiad.delivery_id") }} as delivery_ids
                from olympiad
                inner join
                    told
                    on olympiad.school_id = told.school_id
                    and olympiad.school_year = told.school_year
                where olympiad.stage = 'school'
                group by olympiad.school_id, olympiad.school_year, olympiad.subject
            ) as school_session
        left join
            (
                select distinct school_id, school_year, subject
                from checked
                where procedure_kind = 'vsosh_school'
            ) as visit
            on school_session.school_id = visit.school_id
            and school_session.school_year = visit.school_year
            and school_session.subject = visit.subject
        group by school_session.school_year
    ),

    olympiad_visited as (
        select
            'D5.03a' as measure_code,
            cast(null as string) as school_id,
            olympiad_session.school_year,
            olympiad_session.n_visited as numerator,
            olympiad_session.n_sessions as denominator,
            {{ merged_list("olympiad_session.delivery_ids", "check_year.delivery_ids") }}
            as delivery_ids
        from olympiad_session
        inner join check_year on olympiad_session.school_year = check_year.school_year
    ),

    appealed as (
        select
            'D5.03b' as measure_code,
            school_id,
            school_year,
            subject,
            count(case when appeal_changed then 1 end) as numerator,
            count(*) as denominator,
            {{ distinct_list("delivery_id") }} as delivery_ids
        from olympiad
        group by school_id, school_year, subject
    ),

    observed as (
        {{
            shares_of_forms(
                [
                    {
                        "measure_code": "D5.05a",
                        "form": "stg_observation",
                        "breakdown": "procedure_kind",
                        "numerator": "n_rooms_observed",
                        "denominator": "n_rooms",
                    },
                    {
                        "measure_code": "D5.05b",
                        "form": "stg_observation",
                        "breakdown": "procedure_kind",
                        "numerator": "n_independent",
                        "denominator": "n_observers",
                    },
                ]
            )
        }}
    )

    {{
        measure_rows_of(
            {
                "visited": ["breakdown", "numerator", "denominator"],
                "violated": ["breakdown", "numerator", "denominator"],
                "unchecked": ["numerator", "denominator"],
                "olympiad_visited": ["numerator", "denominator"],
                "appealed": ["subject", "numerator", "denominator"],
                "observed": ["breakdown", "numerator", "denominator"],
            }
        )
    }}
