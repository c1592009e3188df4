{{ config(materialized='view') }}

{#- Marker OBJ2: too many pupils exactly at the score that gives the next mark. -#}
{%- set paper = ['cal_year', 'season', 'programme_grade', 'subject'] -%}
with
    parameter as (
        {{ parameters_in_force(['obj2_pool_min', 'obj2_q', 'obj2_reference_min', 'obj2_indicative_n', 'obj2_confident_n']) }}
    ),

    vpr as (select * from {{ ref('int_school_result') }} where procedure = 'VPR'),

    scale_cut as (
        select {{ paper | join(', ') }}, is_confirmed, cut3 as cut
        from {{ ref('int_vpr_scale') }}
        union all
        select {{ paper | join(', ') }}, is_confirmed, cut4
        from {{ ref('int_vpr_scale') }}
        union all
        select {{ paper | join(', ') }}, is_confirmed, cut5
        from {{ ref('int_vpr_scale') }}
    ),

    histogram as (
        select
            school_id,
            {{ paper | join(', ') }},
            primary_score,
            sum(n) as n,
            min(school_year) as school_year
        from {{ ref('int_vpr_score_histogram') }}
        group by school_id, {{ paper | join(', ') }}, primary_score
    ),

    reference_histogram as (
        select {{ paper | join(', ') }}, primary_score, sum(n) as n, min(school_year) as school_year
        from histogram
        group by {{ paper | join(', ') }}, primary_score
    ),

    -- A least-squares line through the logarithms of the counts at c-3, c-2, c+1 and c+2 predicts
    -- the share of the upper score between c-1 and c; any parabola (a normal curve) gives the same.
    cut_neighbour as (
        select
            {% for c in paper %} k.{{ c }}, {% endfor %} k.cut,
            k.is_confirmed,
            min(h.school_year) as school_year,
            max(case when h.primary_score = k.cut - 3 then h.n end) as below_3,
            max(case when h.primary_score = k.cut - 2 then h.n end) as below_2,
            max(case when h.primary_score = k.cut + 1 then h.n end) as above_1,
            max(case when h.primary_score = k.cut + 2 then h.n end) as above_2
        from scale_cut as k
        inner join
            reference_histogram as h on {% for c in paper %} k.{{ c }} = h.{{ c }} and {% endfor %}
            h.primary_score between k.cut - 3 and k.cut + 2
        group by {% for c in paper %} k.{{ c }}, {% endfor %} k.cut, k.is_confirmed
    ),

    expected_ratio as (
        select
            {{ paper | join(', ') }},
            cut,
            is_confirmed,
            1 / (
                1 + exp(
                    - (
                        2.5 * ln(above_2)
                        + 1.5 * ln(above_1)
                        - 1.5 * ln(below_2)
                        - 2.5 * ln(below_3)
                    )
                    / 17
                )
            ) as ratio
        from cut_neighbour
        inner join parameter on {{ of_year("cut_neighbour.school_year") }}
        where
            below_3 >= obj2_reference_min
            and below_2 >= obj2_reference_min
            and above_1 >= obj2_reference_min
            and above_2 >= obj2_reference_min
    ),

    boundary as (
        select
            h.school_id,
            {% for c in paper %} h.{{ c }}, {% endfor %} e.cut,
            e.ratio,
            e.is_confirmed,
            sum(case when h.primary_score = e.cut then h.n else 0 end) as n_upper,
            sum(h.n) as n_pair
        from expected_ratio as e
        inner join
            histogram as h on {% for c in paper %} e.{{ c }} = h.{{ c }} and {% endfor %}
            h.primary_score between e.cut - 1 and e.cut
        group by
            h.school_id, {% for c in paper %} h.{{ c }}, {% endfor %} e.cut, e.ratio, e.is_confirmed
    ),

    spike_paper as (
        select
            v.school_id,
            v.municipality_id,
            v.school_year,
            {% for c in paper %} v.{{ c }}, {% endfor %}
            v.n_part,
            v.delivery_ids,
            not bool_and(b.is_confirmed) as has_unconfirmed,
            sum(b.n_upper) as n_upper,
            sum(b.n_pair) as n_pair,
            sum(b.n_pair * b.ratio) as n_expected
        from boundary as b
        inner join
            vpr as v on b.school_id = v.school_id
            {%- for c in paper %} and b.{{ c }} = v.{{ c }}{% endfor %}
        group by
            v.school_id,
            v.municipality_id,
            v.school_year,
            {% for c in paper %} v.{{ c }}, {% endfor %}
            v.n_part,
            v.delivery_ids
    ),

    spike_year as (
        select
            school_id,
            municipality_id,
            school_year,
            max(cal_year) as cal_year,
            sum(n_upper) as n_upper,
            sum(n_pair) as n_pair,
            sum(n_expected) as n_expected,
            bool_or(has_unconfirmed) as has_unconfirmed,
            {{ union_of_lists('delivery_ids') }} as delivery_ids
        from spike_paper
        group by school_id, municipality_id, school_year
    ),

    spike_tested as (
        select
            *,
            {{ binomial_upper_tail('n_upper', 'n_pair', 'n_expected / n_pair') }} as p_value,
            n_pair >= obj2_pool_min as is_testable
        from spike_year
        inner join parameter on {{ of_year("spike_year.school_year") }}
    ),

    spike_ranked as (
        select
            *,
            p_value
            * count(*) over (partition by school_year, is_testable)
            / count(*) over (
                partition by school_year, is_testable
                order by p_value
                range between unbounded preceding and current row
            ) as step
        from spike_tested
    ),

    spike_adjusted as (
        select
            *,
            min(step) over (
                partition by school_year, is_testable
                order by p_value desc
                range between unbounded preceding and current row
            ) as q_value
        from spike_ranked
    ),

    obj2 as (
        select
            school_id,
            municipality_id,
            school_year,
            cal_year,
            cast(null as string) as season,
            cast(null as integer) as programme_grade,
            cast(null as string) as subject,
            'OBJ2' as marker_code,
            100.0 * n_upper / n_pair as value,
            n_pair as n,
            obj2_q as threshold,
            p_value,
            case when is_testable then q_value < obj2_q end as fired,
            case when is_testable then 'high' else 'insufficient_n' end as confidence,
            100.0 * n_expected / n_pair as reference_value,
            'register' as reference_basis,
            'Все работы года вместе: доля верхнего балла у границ отметок; поправка на число школ: q = '
            || case
                when is_testable then cast(round(q_value, 4) as string) else 'не вычислялось'
            end as note,
            has_unconfirmed,
            delivery_ids
        from spike_adjusted
        union all
        select
            school_id,
            municipality_id,
            school_year,
            {{ paper | join(', ') }},
            'OBJ2',
            100.0 * n_upper / n_pair,
            n_pair,
            cast(null as double),
            case
                when n_part >= obj2_indicative_n
                then {{ binomial_upper_tail('n_upper', 'n_pair', 'n_expected / n_pair') }}
            end,
            cast(null as boolean),
            case
                when n_part >= obj2_confident_n
                then 'high'
                when n_part >= obj2_indicative_n
                then 'indicative'
                else 'insufficient_n'
            end,
            100.0 * n_expected / n_pair,
            'register',
            'Одна работа — только пояснение к строке школы за год',
            has_unconfirmed,
            delivery_ids
        from spike_paper
        inner join parameter on {{ of_year("spike_paper.school_year") }}
    )

select *
from obj2
