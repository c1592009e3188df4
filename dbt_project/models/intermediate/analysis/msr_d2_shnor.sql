{#- Measures D2.01a, b, d, e (catalogue): a second layer, read from the analysis marts. -#}
with
    any_component as (
        select c.*
        from {{ ref('int_shnor_component') }} as c
        inner join {{ ref('stg_school') }} as s on c.school_id = s.school_id
        where not c.pooled and s.school_kind not in ('special', 'evening')
    ),

    component as (select * from any_component where in_seed_rule),

    rule as (select * from {{ ref('mart_shnor') }}),

    official as (
        select list_school_year, school_id, {{ distinct_list('delivery_id') }} as delivery_ids
        from {{ ref('stg_shnor_official') }}
        group by list_school_year, school_id
    ),

    -- whether a school is in a list is told by every list of the year or before
    bias_list as (
        select study_year.y2, {{ distinct_list('listed.delivery_id') }} as delivery_ids
        from (select distinct y2 from rule) as study_year
        inner join {{ ref('stg_bias_list') }} as listed on study_year.y2 >= listed.list_year
        group by study_year.y2
    ),

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
            coalesce(n2, 0) as n,
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
            rule.school_id,
            rule.school_year,
            rule.y2,
            cast(null as string),
            cast(null as integer),
            cast(null as string),
            'BIAS',
            -- the school itself: a list has no participants
            cast(1 as bigint),
            case when rule.bias_ever then 1.0 else 0.0 end,
            case when rule.bias_ever then 'biased_ever' else 'never' end,
            cast(null as bigint),
            cast(null as bigint),
            cast(null as bigint),
            cast(null as bigint),
            bias_list.delivery_ids,
            false
        from rule
        inner join bias_list on rule.y2 = bias_list.y2
        where rule.rule_code = 'seed_operational' and rule.status <> 'excluded_kind'
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
        from {{ ref('int_shnor_component') }}
        where delta_pp is not null and not pooled
    ),

    component_totals as (
        select
            school_id,
            school_year,
            coalesce(bool_or(in_seed_rule and state = 'worse'), false) as any_worse,
            coalesce(bool_or(in_seed_rule and state = 'better'), false) as any_better,
            {{ union_of_lists('case when in_seed_rule then delivery_ids end') }}
            as rule_delivery_ids,
            -- results that were looked at, of both years
            sum(coalesce(n1, 0) + coalesce(n2, 0)) as n_results,
            {{ union_of_lists('delivery_ids') }} as delivery_ids
        from any_component
        group by school_id, school_year
    ),

    positive_dynamics as (
        select
            'D2.01d' as measure_code,
            r.school_id,
            r.school_year,
            r.y2 as cal_year,
            cast(null as string) as season,
            cast(null as integer) as grade,
            cast(null as string) as subject,
            'all' as breakdown,
            cast(1 as bigint) as n,
            cast(null as double) as value,
            cast(null as string) as value_text,
            cast(
                case when t.any_better and not t.any_worse then 1 else 0 end as bigint
            ) as numerator,
            cast(1 as bigint) as denominator,
            cast(null as bigint),
            cast(null as bigint),
            {{ merged_list('official.delivery_ids', 't.rule_delivery_ids') }},
            r.has_unconfirmed
        from rule as r
        inner join
            component_totals as t on r.school_id = t.school_id and r.school_year = t.school_year
        inner join
            official
            on r.school_id = official.school_id
            and r.school_year = official.list_school_year
        where r.rule_code = 'official_list' and r.status = 'listed'
    ),

    federal_flag as (
        select
            'D2.01e' as measure_code,
            r.school_id,
            r.school_year,
            r.y2 as cal_year,
            cast(null as string) as season,
            cast(null as integer) as grade,
            cast(null as string) as subject,
            'all' as breakdown,
            cast(t.n_results as bigint) as n,
            case when r.is_proposed then 1.0 when not r.is_proposed then 0.0 end as value,
            r.status as value_text,
            cast(null as bigint) as numerator,
            cast(null as bigint) as denominator,
            cast(null as bigint),
            cast(null as bigint),
            t.delivery_ids,
            r.has_unconfirmed
        from rule as r
        inner join
            component_totals as t on r.school_id = t.school_id and r.school_year = t.school_year
        where r.rule_code = 'federal_30pct'
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
