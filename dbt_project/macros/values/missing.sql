{#- Figures that should be there and are not: the calendar of procedures, or every school year, × the
    schools that were open. Each is either not delivered or not applicable, never zero. -#}
{% macro value_missing() %}
    span as (select min(school_year) as first_year, max(school_year) as last_year from cell),

    open_school as (
        select *
        from {{ ref("int_school_open") }}
        where
            school_year >= (select first_year from span)
            and school_year <= (select last_year from span)
    ),

    planned as (
        select
            measure.measure_code,
            open_school.school_year,
            calendar.season,
            calendar.cal_year,
            calendar.programme_grade as grade,
            calendar.subject,
            measure.main_breakdown as breakdown,
            measure.absent_reason,
            measure.unconcerned_reason,
            open_school.school_id,
            calendar.held,
            calendar.grade_label
            between open_school.first_grade and open_school.last_grade as has_grade,
            calendar.subject <> '*'
            and (
                not calendar.held
                or calendar.selection = 'all'
                or (calendar.procedure = 'OGE' and calendar.selection is null)
            ) as is_for_all
        from {{ ref("assessment_calendar") }} as calendar
        inner join
            measure
            on calendar.procedure = measure.procedure
            and measure.planned_by = 'calendar'
            and {{ in_force("measure", "calendar") }}
        inner join open_school on calendar.school_year = open_school.school_year
        -- base mathematics has a threshold and no test score
        where calendar.subject <> 'MA_base' or measure.keeps_breakdown
    ),

    -- the calendar may name any foreign language by one code
    present as (
        select measure_code, school_id, school_year, season, grade, subject
        from cell
        union
        select measure_code, school_id, school_year, season, grade, {{ subject_group("subject") }}
        from cell
    ),

    missing_cut as (
        select
            {{ cut_of("planned") }},
            planned.school_id,
            planned.cal_year,
            case
                when planned.held and planned.has_grade then 'no_data' else 'not_applicable'
            end as absence,
            case
                when not planned.held
                then 'процедура не проводилась'
                when not planned.has_grade
                then 'в школе нет таких классов'
                else planned.absent_reason
            end as absence_reason
        from planned
        left join
            present
            on planned.measure_code = present.measure_code
            and planned.school_id = present.school_id
            and planned.school_year = present.school_year
            and planned.season = present.season
            and planned.grade = present.grade
            and planned.subject = present.subject
        where planned.is_for_all and present.school_id is null
    ),

    held_year as (
        select procedure, school_year, bool_or(held) as held
        from {{ ref("assessment_calendar") }}
        group by procedure, school_year
        union all
        -- exams of grade 9 in subjects that a pupil chooses himself
        select 'OGE_CHOICE', school_year, bool_or(held)
        from {{ ref("assessment_calendar") }}
        where procedure = 'OGE' and subject not in ('RU', 'MA')
        group by school_year
    ),

    planned_total as (
        select
            measure_code,
            school_year,
            breakdown,
            school_id,
            absent_reason,
            unconcerned_reason,
            held,
            has_grade
        from planned
        union all
        select
            measure.measure_code,
            open_school.school_year,
            measure.main_breakdown,
            open_school.school_id,
            measure.absent_reason,
            measure.unconcerned_reason,
            coalesce(held_year.held, true),
            open_school.last_grade >= measure.first_grade
            and open_school.first_grade <= measure.last_grade
        from open_school
        inner join
            measure on measure.planned_by = 'year' and {{ in_force("measure", "open_school") }}
        left join
            held_year
            on measure.procedure = held_year.procedure
            and open_school.school_year = held_year.school_year
    ),

    -- measures that not every school has in every year: where others have one, a school without
    -- is not concerned
    given_year as (select distinct measure_code, school_year from total_row),

    missing_total as (
        select
            planned_total.measure_code,
            planned_total.school_year,
            planned_total.breakdown,
            planned_total.school_id,
            max(planned_total.absent_reason) as absent_reason,
            max(
                case
                    when given_year.school_year is not null then planned_total.unconcerned_reason
                end
            ) as unconcerned_reason,
            bool_or(planned_total.held) as held,
            bool_or(planned_total.held and planned_total.has_grade) as is_due
        from planned_total
        left join
            given_year
            on planned_total.measure_code = given_year.measure_code
            and planned_total.school_year = given_year.school_year
        left join
            total_row
            on planned_total.measure_code = total_row.measure_code
            and planned_total.school_id = total_row.school_id
            and planned_total.school_year = total_row.school_year
            and planned_total.breakdown = total_row.breakdown
        where total_row.school_id is null
        group by
            planned_total.measure_code,
            planned_total.school_year,
            planned_total.breakdown,
            planned_total.school_id
    ),

    missing as (
        select
            measure_code,
            school_year,
            season,
            grade,
            subject,
            breakdown,
            school_id,
            cal_year,
            absence,
            absence_reason
        from missing_cut
        union all
        select
            measure_code,
            school_year,
            null,
            null,
            null,
            breakdown,
            school_id,
            null,
            case
                when is_due and unconcerned_reason is null then 'no_data' else 'not_applicable'
            end,
            case
                when is_due
                then coalesce(unconcerned_reason, absent_reason)
                when held
                then 'в школе нет таких классов'
                else 'процедура не проводилась'
            end
        from missing_total
    )
{% endmacro %}
