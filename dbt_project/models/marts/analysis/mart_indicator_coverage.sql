with
    source_table as ({{ raw_tables() }}),

    indicator as ({{ edition_rows("indicators", ["indicator_code"]) }}),

    measure as (
        select indicator_code, measure_code, kind, tables, first_year, last_year
        from {{ ref("int_measure") }}
    ),

    school_year as (select distinct school_year from {{ ref("indicator_value") }}),

    figure as (
        select
            measure_code,
            school_year,
            count(
                case
                    when value is not null or status = 'suppressed' or value_text is not null then 1
                end
            ) as n_figures,
            count(case when status <> 'not_applicable' then 1 end) as n_due,
            count(
                distinct case
                    when level = 'school' and (value is not null or value_text is not null)
                    then school_id
                end
            ) as n_schools,
            count(
                distinct case
                    when
                        level = 'school'
                        and season is null
                        and grade is null
                        and subject is null
                        and status = 'no_data'
                    then school_id
                end
            ) as n_schools_without
        from {{ ref("indicator_value") }}
        group by measure_code, school_year
    ),

    measured as (
        select
            measure.indicator_code,
            measure.measure_code,
            measure.kind,
            measure.tables,
            school_year.school_year,
            coalesce(figure.n_figures, 0) > 0 as is_computed,
            figure.n_due = 0 as is_foreign,
            coalesce(figure.n_schools, 0) as n_schools,
            coalesce(figure.n_schools_without, 0) as n_schools_without
        from measure
        inner join
            school_year on school_year.school_year between measure.first_year and measure.last_year
        left join
            figure
            on measure.measure_code = figure.measure_code
            and school_year.school_year = figure.school_year
    ),

    delivered as (
        select school_year, {{ union_of_lists("delivery_ids") }} as delivery_ids
        from {{ ref("indicator_value") }}
        group by school_year
    ),

    -- a table that some figure of the year stands on has come
    come as (
        select distinct delivered.school_year, part.table_name
        from delivered
        inner join
            {{ ref("stg_delivery_part") }} as part
            on {{ list_has("delivered.delivery_ids", "part.delivery_id") }}
    ),

    absent as (
        select
            measured.indicator_code,
            measured.school_year,
            source_table.source || ' ' || source_table.title as title,
            source_table.producer,
            calendar.table_name is not null as is_due,
            bool_or(calendar.table_name is not null) over (
                partition by measured.measure_code, measured.school_year
            ) as has_due
        from measured
        inner join
            source_table on {{ text_list_contains("measured.tables", "source_table.table_name") }}
        left join
            come
            on measured.school_year = come.school_year
            and source_table.table_name = come.table_name
        left join
            {{ ref("delivery_calendar") }} as calendar
            on source_table.table_name = calendar.table_name
        where
            not measured.is_computed
            and not coalesce(measured.is_foreign, false)
            and come.table_name is null
    ),

    -- what somebody must hand in goes before what may stand for it or amend it
    owed as (select * from absent where is_due or not has_due),

    owed_by as (
        select
            indicator_code,
            school_year,
            {{ joined_text("title", "; ") }} as missing_sources,
            {{ joined_text("producer", "; ") }} as producers
        from owed
        group by indicator_code, school_year
    ),

    state as (
        select
            indicator_code,
            school_year,
            case
                when bool_or(is_computed and kind <> 'given')
                then 'computed'
                when bool_or(is_computed)
                then 'given'
                when bool_and(coalesce(is_foreign, false) or kind = 'given')
                then 'not_applicable'
                else 'no_data'
            end as state,
            count(*) as n_measures,
            count(case when is_computed then 1 end) as n_measures_computed,
            {{ joined_text("case when not is_computed and kind <> 'given' and not coalesce(is_foreign, false) then measure_code end") }}
            as measures_missing,
            max(n_schools) as n_schools,
            max(n_schools_without) as n_schools_without
        from measured
        group by indicator_code, school_year
    )

select
    indicator.indicator_code,
    indicator.direction_code,
    indicator.order_row,
    indicator.name_ru as indicator_name,
    state.school_year,
    state.state,
    case
        state.state
        when 'computed'
        then 'рассчитан'
        when 'given'
        then 'введён управлением образования'
        when 'not_applicable'
        then 'не бывает в этом году'
        else 'нет данных'
    end as state_name,
    state.n_measures,
    state.n_measures_computed,
    state.measures_missing,
    state.n_schools,
    state.n_schools_without,
    owed_by.missing_sources,
    owed_by.producers as owed_by
from state
inner join
    indicator
    on state.indicator_code = indicator.indicator_code
    and {{ in_force("indicator", "state") }}
left join
    owed_by
    on state.indicator_code = owed_by.indicator_code
    and state.school_year = owed_by.school_year
