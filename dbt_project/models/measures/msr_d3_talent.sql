with
    olympiad as (select * from {{ ref("stg_vsosh") }}),

    municipal_stage as (
        {{
            register_speaks_for(
                ref("int_school_open"), "(select * from olympiad where stage = 'municipal')"
            )
        }}
    ),

    enrolment as (select * from {{ ref("stg_extra_enrolment") }}),

    -- every school has every direction of the year, so that the city's shares add up
    enrolled as (
        select
            school_id,
            school_year,
            count(*) as n_enrolments,
            {{ distinct_list("delivery_id") }} as delivery_ids
        from enrolment
        where school_id is not null
        group by school_id, school_year
    ),

    direction as (select distinct school_year, programme_direction from enrolment),

    covered as (
        {{
            shares_of_pupils(
                [
                    {
                        "measure_code": "D3.01a",
                        "form": "stg_vsosh",
                        "register": "stage = 'school'",
                        "first_grade": 4,
                        "last_grade": 11,
                        "named": "grade_label between 4 and 11",
                    },
                    {
                        "measure_code": "D3.01b",
                        "form": "stg_vsosh",
                        "register": "stage = 'municipal'",
                        "first_grade": 7,
                        "last_grade": 11,
                        "named": "grade_label between 7 and 11",
                    },
                    {
                        "measure_code": "D3.02a",
                        "form": "stg_contest",
                        "first_grade": 0,
                        "last_grade": 12,
                        "named": "participant_role = 'pupil' and in_official_list",
                    },
                    {
                        "measure_code": "D3.02b",
                        "form": "stg_contest",
                        "first_grade": 0,
                        "last_grade": 12,
                        "named": "participant_role = 'pupil' and result_status in ('winner', 'prize')"
                        " and contest_level in ('region', 'russia', 'world')",
                    },
                    {
                        "measure_code": "D3.03a",
                        "form": "stg_extra_enrolment",
                        "first_grade": 0,
                        "last_grade": 12,
                        "named": "age between 5 and 18 and "
                        ~ lasts_in_year("enrolled_on", "left_on", "school_year"),
                    },
                ]
            )
        }}
    ),

    form as (
        {{
            shares_of_forms(
                [
                    {
                        "measure_code": "D3.03b",
                        "form": "stg_sen",
                        "numerator": "n_extra",
                        "denominator": "n_sen",
                    },
                    {
                        "measure_code": "D3.04a",
                        "form": "stg_gifted",
                        "numerator": "n_with_support",
                        "denominator": "n_gifted",
                    },
                ]
            )
        }}
    ),

    gifted as (
        select
            'D3.04b' as measure_code,
            gifted.school_id,
            gifted.school_year,
            max(gifted.n_gifted) as numerator,
            sum(pupils.n_pupils) as denominator,
            {{ merged_list(union_of_lists("pupils.delivery_ids"), distinct_list("gifted.delivery_id")) }}
            as delivery_ids,
            bool_or(pupils.has_unconfirmed) as has_unconfirmed
        from {{ ref("stg_gifted") }} as gifted
        inner join
            {{ ref("int_school_grade") }} as pupils
            on gifted.school_id = pupils.school_id
            and gifted.school_year = pupils.school_year
        group by gifted.school_id, gifted.school_year
    ),

    successful as (
        select
            'D3.01c' as measure_code,
            school_id,
            school_year,
            subject,
            count(case when result_status in ('winner', 'prize') then 1 end) as numerator,
            count(*) as denominator,
            {{ distinct_list("delivery_id") }} as delivery_ids
        from olympiad
        where stage = 'municipal'
        group by school_id, school_year, subject
    ),

    -- one pupil may be invited in several subjects
    invited as (
        select
            'D3.01d' as measure_code,
            school_id,
            school_year,
            subject,
            count(distinct case when is_invited then person_pid end) as value,
            {{ distinct_list("delivery_id") }} as delivery_ids
        from olympiad
        where stage = 'municipal'
        group by grouping sets ((school_id, school_year, subject), (school_id, school_year))
        union all
        select
            'D3.01d',
            open_school.school_id,
            open_school.school_year,
            null,
            0,
            municipal_stage.delivery_ids
        from {{ ref("int_school_open") }} as open_school
        inner join
            municipal_stage
            on open_school.school_id = municipal_stage.school_id
            and open_school.school_year = municipal_stage.school_year
        left join
            (
                select distinct school_id, school_year from olympiad where stage = 'municipal'
            ) as taken
            on open_school.school_id = taken.school_id
            and open_school.school_year = taken.school_year
        where open_school.last_grade >= 7 and taken.school_id is null
    ),

    -- a pupil who wrote the tasks of two grades counts with the mean of the works
    stage_result as (
        select
            school_id,
            school_year,
            subject,
            person_pid,
            avg(case when stage = 'school' then 100.0 * points / max_points end) as school_pct,
            avg(
                case when stage = 'municipal' then 100.0 * points / max_points end
            ) as municipal_pct,
            {{ distinct_list("delivery_id") }} as delivery_ids
        from olympiad
        where stage in ('school', 'municipal') and max_points > 0
        group by school_id, school_year, subject, person_pid
    ),

    gap as (
        select
            'D3.01e' as measure_code,
            school_id,
            school_year,
            subject,
            count(*) as n,
            avg(school_pct - municipal_pct) as value,
            stddev_samp(school_pct - municipal_pct) as sd,
            {{ union_of_lists("delivery_ids") }} as delivery_ids
        from stage_result
        where school_pct is not null and municipal_pct is not null
        group by school_id, school_year, subject
    ),

    mix as (
        select
            'D3.03c' as measure_code,
            enrolled.school_id,
            enrolled.school_year,
            direction.programme_direction as breakdown,
            count(enrolment.person_pid) as numerator,
            max(enrolled.n_enrolments) as denominator,
            max(enrolled.delivery_ids) as delivery_ids
        from enrolled
        inner join direction on enrolled.school_year = direction.school_year
        left join
            enrolment
            on enrolled.school_id = enrolment.school_id
            and enrolled.school_year = enrolment.school_year
            and direction.programme_direction = enrolment.programme_direction
        group by enrolled.school_id, enrolled.school_year, direction.programme_direction
    )

    {{
        measure_rows_of(
            {
                "covered": ["numerator", "denominator", "has_unconfirmed"],
                "form": ["numerator", "denominator"],
                "gifted": ["numerator", "denominator", "has_unconfirmed"],
                "successful": ["subject", "numerator", "denominator"],
                "invited": ["subject", "value"],
                "gap": ["subject", "n", "value", "sd"],
                "mix": ["breakdown", "numerator", "denominator"],
            }
        )
    }}
