{#- Results over the years for a school, a municipality and the whole register. A break of
    comparability splits a series into segments; changes and slopes never cross it. -#}
{%- set paper = [
    'procedure', 'programme_grade', 'subject', 'exam_level', 'school_year', 'cal_year', 'season'
] -%}
{%- set series = [
    'level', 'school_id', 'municipality_id', 'procedure', 'programme_grade', 'subject', 'exam_level'
] -%}
{%- set shares = ['fail', 'basic', 'quality', 'high'] -%}
with
    parameter as (
        {{ parameters_in_force(['trend_min_windows', 'trend_flat_pp', 'obj_n_min', 'value_low_confidence_n', 'value_n_show']) }}
    ),

    result as (select * from {{ ref('int_school_result') }}),

    -- A school once for each unit that it belongs to.
    member as (
        select 'school' as level, school_id as unit_school, municipality_id as unit_municipality, *
        from result
        union all
        select 'municipality', null, municipality_id, *
        from result
        union all
        select 'register', null, null, *
        from result
    ),

    -- Shares without one school each: the jackknife over schools.
    left_out as (
        select
            *,
            {%- for share in shares %}
                1.0
                * (sum(n_{{ share }}) over (unit) - n_{{ share }})
                / nullif(
                    sum(case when n_{{ share }} is not null then n_marked end) over (unit)
                    - n_marked,
                    0
                ) as without_{{ share }}{{ ',' if not loop.last }}
            {%- endfor %}
        from member
        window
            unit as (partition by level, unit_school, unit_municipality, {{ paper | join(', ') }})
    ),

    pooled as (
        select
            level,
            unit_school as school_id,
            unit_municipality as municipality_id,
            {{ paper | join(', ') }},
            min(grade_label) as grade_label,
            count(*) as n_schools,
            sum(n_listed) as n_listed,
            sum(n_part) as n_part,
            sum(n_marked) as n_marked,
            -- of a few pupils only their number is told
            case
                when sum(n_part) >= max(value_n_show)
                then sum(case when n_listed is not null then n_part end)
            end as n_part_of_listed,
            {%- for mark in ['n2', 'n3', 'n4', 'n5'] %}
                case when sum(n_marked) >= max(value_n_show) then sum({{ mark }}) end as {{ mark }},
            {%- endfor %}
            {%- for share in shares %}
                case
                    when
                        sum(case when n_{{ share }} is not null then n_marked end)
                        >= max(value_n_show)
                    then
                        1.0
                        * sum(n_{{ share }})
                        / sum(case when n_{{ share }} is not null then n_marked end)
                end as {{ share }},
                sum(case when n_{{ share }} is not null then n_marked end) as n_for_{{ share }},
                nullif(
                    sqrt((count(without_{{ share }}) - 1) * var_pop(without_{{ share }})), 0
                ) as se_{{ share }},
                count(without_{{ share }}) as clusters_{{ share }},
            {%- endfor %}
            sum(n_scored) as n_scored,
            case
                when sum(n_scored) >= max(value_n_show) then sum(sum_score) / sum(n_scored)
            end as mean_score,
            case
                when sum(n_scored) >= max(value_n_show)
                then
                    sqrt(
                        greatest(0, sum(sum_sq) - sum(sum_score) * sum(sum_score) / sum(n_scored))
                        / (sum(n_scored) - 1)
                    )
            end as sd_score,
            max(max_score) as max_score,
            level = 'school' and bool_or(is_biased) as is_biased,
            bool_or(has_unconfirmed) as has_unconfirmed,
            {{ union_of_lists('delivery_ids') }} as delivery_ids
        from left_out
        inner join parameter on {{ of_year("left_out.school_year") }}
        group by level, unit_school, unit_municipality, {{ paper | join(', ') }}
    ),

    limited as (
        select
            pooled.*,
            {%- for share in shares %}
                case
                    when level = 'school'
                    then {{ wilson_limit(share, 'n_for_' ~ share, z95(), '-') }}
                    when se_{{ share }} is not null
                    then
                        greatest(
                            0, {{ share }} - coalesce(t_{{ share }}.t_975, 1.96) * se_{{ share }}
                        )
                end as {{ share }}_low,
                case
                    when level = 'school'
                    then {{ wilson_limit(share, 'n_for_' ~ share, z95(), '+') }}
                    when se_{{ share }} is not null
                    then
                        least(1, {{ share }} + coalesce(t_{{ share }}.t_975, 1.96) * se_{{ share }})
                end as {{ share }}_high{{ ',' if not loop.last }}
            {%- endfor %}
        from pooled
        {%- for share in shares %}
            left join
                {{ ref('t_quantile') }} as t_{{ share }}
                on pooled.clusters_{{ share }} - 1 = t_{{ share }}.df
        {%- endfor %}
    ),

    window_break as (
        select
            procedure,
            cal_year,
            season,
            subject,
            {{ joined_text('code') }} as codes,
            {{ joined_text('reason_ru', '; ') }} as reasons
        from {{ ref('comparability_break') }}
        group by procedure, cal_year, season, subject
    ),

    scale as (
        select
            cal_year,
            season,
            programme_grade,
            subject,
            cast(max_score as string)
            || ':'
            || cast(cut3 as string)
            || ':'
            || cast(cut4 as string)
            || ':'
            || cast(cut5 as string) as signature
        from {{ ref('int_vpr_scale') }}
    ),

    keyed as (
        select
            l.*,
            coalesce(any_subject.codes, '') || coalesce(own_subject.codes, '') as codes,
            nullif(concat_ws('; ', any_subject.reasons, own_subject.reasons), '') as reasons,
            scale.signature,
            case l.season when 'autumn' then 2 else 1 end as season_order
        from limited as l
        left join
            window_break as any_subject
            on l.procedure = any_subject.procedure
            and l.cal_year = any_subject.cal_year
            and l.season = any_subject.season
            and any_subject.subject = '*'
        left join
            window_break as own_subject
            on l.procedure = own_subject.procedure
            and l.cal_year = own_subject.cal_year
            and l.season = own_subject.season
            and l.subject = own_subject.subject
        left join
            scale
            on l.procedure = 'VPR'
            and l.cal_year = scale.cal_year
            and l.season = scale.season
            and l.programme_grade = scale.programme_grade
            and l.subject = scale.subject
    ),

    followed as (
        select
            *,
            lag(cal_year) over ordered as previous_year,
            lag(codes) over ordered as previous_codes,
            lag(reasons) over ordered as previous_reasons,
            lag(signature) over ordered as previous_signature,
            lag(is_biased) over ordered as previous_biased,
            count(basic) over (partition by {{ series | join(', ') }}) as n_series
        from keyed
        window ordered as (partition by {{ series | join(', ') }} order by cal_year, season_order)
    ),

    broken as (
        select
            *,
            case
                when previous_year is null
                then null
                else
                    nullif(
                        concat_ws(
                            '; ',
                            case
                                when codes <> previous_codes
                                then coalesce(reasons, previous_reasons)
                            end,
                            case
                                when signature <> previous_signature then 'изменилась шкала отметок'
                            end,
                            case
                                when is_biased
                                then 'школа этого года в списке с признаками необъективности'
                                when previous_biased
                                then 'предыдущее окно школы в списке с признаками необъективности'
                            end
                        ),
                        ''
                    )
            end as comparability_break
        from followed
    ),

    segmented as (
        select
            *,
            1 + sum(case when comparability_break is not null then 1 else 0 end) over (
                partition by {{ series | join(', ') }}
                order by cal_year, season_order
                rows between unbounded preceding and current row
            ) as segment_no
        from broken
    ),

    -- Slopes between any two windows of a segment; their median is the Theil–Sen slope.
    slope as (
        select
            {% for c in series %} a.{{ c }}, {% endfor %} a.segment_no,
            100 * median((b.basic - a.basic) / (b.cal_year - a.cal_year)) as slope_pp_per_year
        from segmented as a
        inner join
            segmented as b
            on {% for c in series %} a.{{ c }} is not distinct from b.{{ c }} and {% endfor %}
            a.segment_no = b.segment_no and a.cal_year < b.cal_year
        where a.basic is not null and b.basic is not null
        group by {% for c in series %} a.{{ c }}, {% endfor %} a.segment_no
    ),

    compared as (
        select
            *,
            lag(basic) over ordered as previous_basic,
            lag(basic_low) over ordered as previous_low,
            lag(basic_high) over ordered as previous_high,
            min(cal_year) over whole as first_year,
            count(basic) over whole as n_years,
            first_value(basic) over whole as first_basic,
            first_value(basic_low) over whole as first_low,
            first_value(basic_high) over whole as first_high,
            last_value(basic) over whole as last_basic,
            last_value(basic_low) over whole as last_low,
            last_value(basic_high) over whole as last_high
        from segmented
        window
            ordered as (
                partition by {{ series | join(', ') }}, segment_no order by cal_year, season_order
            ),
            whole as (
                partition by {{ series | join(', ') }}, segment_no
                order by cal_year, season_order
                rows between unbounded preceding and unbounded following
            )
    ),

    reference as (
        select
            cal_year,
            season,
            grade,
            subject,
            max(case when measure_code in ('D1.03a', 'D1.03b') then krai_value end) as krai_basic,
            max(case when measure_code in ('D1.03a', 'D1.03b') then rf_value end) as rf_basic,
            max(case when measure_code = 'ege_mean' then krai_value end) as krai_mean_score,
            max(case when measure_code = 'ege_mean' then rf_value end) as rf_mean_score
        from {{ ref('int_reference_value') }}
        where breakdown = 'all'
        group by cal_year, season, grade, subject
    )

select
    c.level,
    c.school_id,
    c.municipality_id,
    c.procedure,
    c.programme_grade,
    c.grade_label,
    c.subject,
    c.exam_level,
    c.school_year,
    c.cal_year,
    c.season,
    cast(c.n_schools as integer) as n_schools,
    cast(c.n_listed as integer) as n_listed,
    cast(c.n_part as integer) as n_part,
    100.0 * c.n_part_of_listed / nullif(c.n_listed, 0) as participation,
    c.mean_score,
    c.sd_score,
    cast(c.max_score as integer) as max_score,
    100.0 * c.mean_score / c.max_score as mean_pct_max,
    cast(c.n2 as integer) as n2,
    cast(c.n3 as integer) as n3,
    cast(c.n4 as integer) as n4,
    cast(c.n5 as integer) as n5,
    {%- for share in shares %}
        100 * c.{{ share }} as share_{{ share }},
        100 * c.{{ share }}_low as share_{{ share }}_ci_low,
        100 * c.{{ share }}_high as share_{{ share }}_ci_high,
    {%- endfor %}
    case when c.level = 'school' then 'wilson' else 'jackknife' end as interval_method,
    f.krai_basic as krai_share_basic,
    f.rf_basic as rf_share_basic,
    100 * c.basic - f.krai_basic as gap_krai_pp,
    100 * c.basic - f.rf_basic as gap_rf_pp,
    f.krai_mean_score,
    f.rf_mean_score,
    case when c.procedure = 'EGE' then c.mean_score - f.krai_mean_score end as gap_krai_score,
    case when c.procedure = 'EGE' then c.mean_score - f.rf_mean_score end as gap_rf_score,
    c.comparability_break,
    cast(c.segment_no as integer) as segment_no,
    100 * (c.basic - c.previous_basic) as delta_prev,
    100
    * {{ newcombe_low('c.previous_basic', 'c.previous_high', 'c.basic', 'c.basic_low') }}
    as delta_prev_ci_low,
    100
    * {{ newcombe_high('c.previous_basic', 'c.previous_low', 'c.basic', 'c.basic_high') }}
    as delta_prev_ci_high,
    cast(c.first_year as integer) as first_year,
    cast(c.n_years as integer) as n_years,
    case when c.n_years >= trend_min_windows then slope.slope_pp_per_year end as slope_pp_per_year,
    case
        when c.n_series < trend_min_windows
        then 'not_enough_years'
        when c.n_years < trend_min_windows
        then 'broken'
        when
            slope.slope_pp_per_year >= trend_flat_pp
            and {{ newcombe_low('c.first_basic', 'c.first_high', 'c.last_basic', 'c.last_low') }}
            > 0
        then 'rise'
        when
            slope.slope_pp_per_year <= - trend_flat_pp
            and {{ newcombe_high('c.first_basic', 'c.first_low', 'c.last_basic', 'c.last_high') }}
            < 0
        then 'fall'
        else 'flat'
    end as trend_class,
    c.n_part < value_low_confidence_n as low_confidence,
    c.has_unconfirmed,
    c.delivery_ids
from compared as c
inner join parameter on {{ of_year("c.school_year") }}
left join
    slope on {% for s in series %} c.{{ s }} is not distinct from slope.{{ s }} and {% endfor %}
    c.segment_no = slope.segment_no
left join
    reference as f
    on c.cal_year = f.cal_year
    and c.season = f.season
    and c.programme_grade = f.grade
    and case when c.exam_level = 'base' then c.subject || '_base' else c.subject end = f.subject
