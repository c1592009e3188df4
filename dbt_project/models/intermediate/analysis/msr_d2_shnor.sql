{#- Measures D2.01a, b, d, e (catalogue): a second layer, read from the analysis marts. -#}
with
    component as (
        select * from {{ ref('mart_shnor_component') }} where in_seed_rule and not pooled
    ),

    rule as (select * from {{ ref('mart_shnor') }}),

    component_state as (
        select
            'D2.01a' as measure_code,
            school_id,
            school_year,
            y2 as cal_year,
            season2 as season,
            grade,
            subject,
            component_code as breakdown,
            n2 as n,
            case
                when state in ('worse', 'worse_weak', 'better', 'stable')
                then case when state = 'worse' then 1.0 else 0.0 end
            end as value,
            state as value_text,
            cast(null as bigint) as numerator,
            cast(null as bigint) as denominator,
            cast(null as bigint) as base_numerator,
            cast(null as bigint) as base_denominator,
            delivery_ids,
            has_unconfirmed
        from component
        union all
        select
            'D2.01a',
            school_id,
            school_year,
            y2,
            cast(null as varchar),
            cast(null as integer),
            cast(null as varchar),
            'BIAS',
            -- the school itself: a list has no participants
            cast(1 as bigint),
            case when bias_ever then 1.0 else 0.0 end,
            case when bias_ever then 'biased_ever' else 'never' end,
            cast(null as bigint),
            cast(null as bigint),
            cast(null as bigint),
            cast(null as bigint),
            delivery_ids,
            false
        from rule
        where rule_code = 'seed_operational'
    ),

    fail_delta as (
        select
            'D2.01b' as measure_code,
            school_id,
            school_year,
            y2 as cal_year,
            season2 as season,
            grade,
            subject,
            component_code as breakdown,
            least(n1, n2) as n,
            delta_pp as value,
            state as value_text,
            cast(fail2 as bigint) as numerator,
            cast(n2 as bigint) as denominator,
            cast(fail1 as bigint) as base_numerator,
            cast(n1 as bigint) as base_denominator,
            delivery_ids,
            has_unconfirmed
        from {{ ref('mart_shnor_component') }}
        where delta_pp is not null and not pooled
    ),

    component_totals as (
        select
            school_id,
            school_year,
            bool_or(state = 'worse') as any_worse,
            bool_or(state = 'better') as any_better
        from component
        group by school_id, school_year
    ),

    positive_dynamics as (
        select
            'D2.01d' as measure_code,
            r.school_id,
            r.school_year,
            r.y2 as cal_year,
            cast(null as varchar) as season,
            cast(null as integer) as grade,
            cast(null as varchar) as subject,
            'all' as breakdown,
            cast(1 as bigint) as n,
            cast(null as double) as value,
            cast(null as varchar) as value_text,
            cast(
                case when t.any_better and not t.any_worse then 1 else 0 end as bigint
            ) as numerator,
            cast(1 as bigint) as denominator,
            cast(null as bigint),
            cast(null as bigint),
            r.delivery_ids,
            r.has_unconfirmed
        from rule as r
        inner join
            component_totals as t on r.school_id = t.school_id and r.school_year = t.school_year
        where r.rule_code = 'official_list' and r.status = 'listed'
    ),

    federal_flag as (
        select
            'D2.01e' as measure_code,
            school_id,
            school_year,
            y2 as cal_year,
            cast(null as varchar) as season,
            cast(null as integer) as grade,
            cast(null as varchar) as subject,
            'all' as breakdown,
            cast(n_federal_low as bigint) as n,
            case when is_proposed then 1.0 when not is_proposed then 0.0 end as value,
            status as value_text,
            cast(null as bigint) as numerator,
            cast(null as bigint) as denominator,
            cast(null as bigint),
            cast(null as bigint),
            delivery_ids,
            has_unconfirmed
        from rule
        where rule_code = 'federal_30pct' and status <> 'excluded_kind'
    ),

    measure as (
        select *
        from component_state
        union all
        select *
        from fail_delta
        union all
        select *
        from positive_dynamics
        union all
        select *
        from federal_flag
    )

select
    measure_code,
    school_id,
    school_year,
    cal_year,
    season,
    grade,
    grade as grade_label,
    subject,
    breakdown,
    cast(numerator as double) as numerator,
    cast(denominator as double) as denominator,
    cast(base_numerator as double) as base_numerator,
    cast(base_denominator as double) as base_denominator,
    cast(n as bigint) as n,
    cast(value as double) as value,
    cast(null as double) as sd,
    value_text,
    delivery_ids,
    has_unconfirmed
from measure
-- A state of which no file says anything is no state.
where {{ list_item('delivery_ids', 1) }} is not null
