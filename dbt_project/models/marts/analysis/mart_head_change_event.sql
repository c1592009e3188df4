{#- Results before and after a change of head. The year in which it happened belongs to neither: before
    is the last year that was taught to its end, after the first that began under the new head. Values
    between which comparability breaks are shown without a difference. -#}
{%- set alike = "before.comparability = 'comparable' and after.comparability = 'comparable'" -%}
with
    variable as ({{ edition_rows("link_variable", ["variable_code"]) }}),

    appointment as (
        select school_id, person_pid, appointed_on, delivery_id
        from {{ ref("stg_head_appointment") }}
        where post_kind = 'head'
    ),

    followed as (
        select
            *,
            lag(person_pid) over by_day as previous_pid,
            lag(delivery_id) over by_day as previous_delivery_id
        from appointment
        window by_day as (partition by school_id order by appointed_on)
    ),

    event as (
        select
            school_id,
            appointed_on as changed_on,
            {{ list_of(["delivery_id", "previous_delivery_id"]) }} as delivery_ids
        from followed
        where previous_pid <> person_pid
    ),

    outcome as (
        select
            variable.variable_code as outcome_code,
            variable.name_ru as outcome_name,
            figure.measure_code,
            figure.municipality_id,
            figure.school_id,
            figure.school_year,
            cast(left(figure.school_year, 4) as integer) as starts,
            figure.value,
            figure.ci_low,
            figure.ci_high,
            figure.n,
            figure.comparability,
            figure.delivery_ids
        from {{ ref("indicator_value") }} as figure
        inner join
            variable
            on figure.measure_code = variable.measure_code
            and figure.breakdown = variable.breakdown
            and variable.role = 'outcome'
            and {{ in_force("variable", "figure") }}
        where
            figure.level = 'school'
            and figure.season is null
            and figure.grade is null
            and figure.subject is null
            and figure.status = 'ok'
            and figure.value is not null
    ),

    placed as (
        select
            event.changed_on,
            event.delivery_ids as event_delivery_ids,
            outcome.*,
            case
                when make_date(starts + 1, 5, 31) <= event.changed_on
                then 'before'
                -- a head who comes in September still begins the year
                when make_date(starts, 10, 1) >= event.changed_on
                then 'after'
            end as side
        from event
        inner join outcome on event.school_id = outcome.school_id
    ),

    nearest as (
        select
            *,
            row_number() over (
                partition by school_id, changed_on, outcome_code, side
                order by case side when 'before' then - starts else starts end
            ) as distance
        from placed
        where side is not null
    )

select
    before.municipality_id,
    before.school_id,
    before.changed_on,
    before.outcome_code,
    before.outcome_name,
    before.measure_code,
    before.school_year as school_year_before,
    after.school_year as school_year_after,
    before.value as outcome_before,
    after.value as outcome_after,
    before.n as n_before,
    after.n as n_after,
    case when {{ alike }} then after.value - before.value end as difference,
    case
        when {{ alike }}
        then {{ newcombe_low("before.value", "before.ci_high", "after.value", "after.ci_low") }}
    end as difference_ci_low,
    case
        when {{ alike }}
        then {{ newcombe_high("before.value", "before.ci_low", "after.value", "after.ci_high") }}
    end as difference_ci_high,
    before.comparability as comparability_before,
    after.comparability as comparability_after,
    {{ merged_list("before.event_delivery_ids", merged_list("before.delivery_ids", "after.delivery_ids")) }}
    as delivery_ids
from nearest as before
inner join
    nearest as after
    on before.school_id = after.school_id
    and before.changed_on = after.changed_on
    and before.outcome_code = after.outcome_code
    and after.side = 'after'
    and after.distance = 1
where before.side = 'before' and before.distance = 1
