with
    target as (select * from {{ ref("stg_programme_target") }}),

    catalogue as ({{ edition_rows("measures", ["measure_code"]) }}),

    fact as (
        select figure.measure_code, figure.school_year, figure.value, figure.unit, figure.status
        from {{ ref("indicator_value") }} as figure
        inner join
            {{ ref("int_measure") }} as measure
            on figure.measure_code = measure.measure_code
            and figure.breakdown = measure.main_breakdown
            and {{ in_force("measure", "figure") }}
        where
            figure.level = 'register'
            and figure.season is null
            and figure.grade is null
            and figure.subject is null
    )

select
    target.school_year,
    target.direction_code,
    target.goal_text,
    target.measure_code,
    catalogue.name_ru as measure_name,
    catalogue.better,
    fact.unit,
    target.target_value as plan_value,
    fact.value as fact_value,
    fact.status as fact_status,
    -- for what should be low the plan is held against the fact
    case
        when catalogue.better in ('lower', 'false')
        then
            case
                when fact.value = 0 and target.target_value >= 0
                then 100.0
                else 100.0 * target.target_value / nullif(fact.value, 0)
            end
        else 100.0 * fact.value / nullif(target.target_value, 0)
    end as percent_of_plan,
    case
        when catalogue.better in ('lower', 'false')
        then fact.value <= target.target_value
        else fact.value >= target.target_value
    end as is_reached,
    target.document_no,
    target.document_date,
    {{ list_of(["target.delivery_id"]) }} as delivery_ids
from target
left join
    catalogue
    on target.measure_code = catalogue.measure_code
    and {{ in_force("catalogue", "target") }}
left join fact on target.measure_code = fact.measure_code and target.school_year = fact.school_year
