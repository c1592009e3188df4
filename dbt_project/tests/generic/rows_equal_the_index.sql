{#- What: the totals of the year of each planned measure are as many as its index asks for: every school
    open in a year of the direction has exactly one row of the main cut, with a value or the reason why
    there is none; every school is told of no other year; a row without deliveries has no value.
    When it matters: figures are missing without a word, or a school is told of twice.
    To resolve: `problem` names the side; see macros/values/missing.sql. -#}
{% test rows_equal_the_index(model) %}
    with
        total as (
            select figure.*
            from {{ model }} as figure
            inner join
                {{ ref("int_measure") }} as measure
                on figure.measure_code = measure.measure_code
                and {{ in_force("measure", "figure") }}
                and measure.planned_by is not null
                and measure.main_breakdown = figure.breakdown
            where figure.season is null and figure.grade is null and figure.subject is null
        ),

        span as (
            select direction_code, min(school_year) as first_year, max(school_year) as last_year
            from {{ model }}
            group by direction_code
        ),

        -- of a year that the calendar does not reach it plans nothing
        calendar_year as (
            select distinct procedure, school_year from {{ ref("assessment_calendar") }}
        ),

        due as (
            select measure.measure_code, school.school_id, school.school_year
            from {{ ref("int_school_open") }} as school
            inner join span on school.school_year between span.first_year and span.last_year
            inner join
                {{ ref("int_measure") }} as measure
                on span.direction_code = measure.direction_code
                and {{ in_force("measure", "school") }}
                and measure.planned_by is not null
                and measure.has_school_level
            left join
                calendar_year
                on measure.procedure = calendar_year.procedure
                and school.school_year = calendar_year.school_year
            where measure.planned_by <> 'calendar' or calendar_year.procedure is not null
        ),

        told as (
            select
                measure_code,
                school_id,
                school_year,
                count(*) as n_rows,
                bool_or(
                    value is not null and {{ list_length("delivery_ids") }} = 0
                ) as is_groundless
            from total
            where level = 'school'
            group by measure_code, school_id, school_year
        )

    select
        coalesce(due.measure_code, told.measure_code) as measure_code,
        coalesce(due.school_id, told.school_id) as school_id,
        coalesce(due.school_year, told.school_year) as school_year,
        case
            when told.school_id is null
            then 'нет строки'
            when told.n_rows > 1
            then 'строк больше одной'
            else 'значение без поставок'
        end as problem
    from due
    full join
        told
        on due.measure_code = told.measure_code
        and due.school_id = told.school_id
        and due.school_year = told.school_year
    where told.school_id is null or told.n_rows > 1 or told.is_groundless
{% endtest %}
