{#- Results of groups of schools beside the rest of the municipality, never beside the whole that holds
    them. Pupils of one school are alike: errors are those of a ratio of school sums, linearised
    (W. G. Cochran, Sampling Techniques, 6.3), degrees of freedom after Welch and Satterthwaite. -#}
{%- set paper = [
    "procedure", "school_year", "cal_year", "season", "programme_grade", "subject", "exam_level"
] -%}
{%- set group = ["municipality_id", "group_type"] + paper + ["outcome"] -%}
with
    parameter as (
        {{ parameters_in_force(["group_min_schools", "group_test_schools", "link_min_pupils"]) }}
    ),

    -- x of d: pupils who reached a level, or points; squares are there for points only
    paper_cell as (
        {%- for outcome in ["basic", "quality", "high"] %}
            select
                school_id,
                municipality_id,
                {{ paper | join(", ") }},
                '{{ outcome }}' as outcome,
                cast(n_{{ outcome }} as double) as x,
                cast(n_marked as double) as d,
                cast(null as double) as squares,
                delivery_ids,
                has_unconfirmed
            from {{ ref("int_school_result") }}
            where n_{{ outcome }} is not null and n_marked > 0
            union all
        {%- endfor %}
        select
            school_id,
            municipality_id,
            {{ paper | join(", ") }},
            'mean',
            sum_score,
            n_scored,
            sum_sq,
            delivery_ids,
            false
        from {{ ref("int_school_result") }}
        where sum_score is not null and n_scored > 0
    ),

    -- beside each paper the whole of a procedure and year; points of papers do not add up
    cell as (
        select *
        from paper_cell
        union all
        select
            school_id,
            municipality_id,
            procedure,
            school_year,
            null,
            null,
            null,
            null,
            null,
            outcome,
            sum(x),
            sum(d),
            null,
            {{ union_of_lists("delivery_ids") }},
            bool_or(has_unconfirmed)
        from paper_cell
        where outcome <> 'mean'
        group by school_id, municipality_id, procedure, school_year, outcome
    ),

    city as (
        select
            municipality_id,
            {{ paper | join(", ") }},
            outcome,
            count(*) as schools,
            sum(x) as x,
            sum(d) as d,
            sum(x * x) as xx,
            sum(x * d) as xd,
            sum(d * d) as dd,
            sum(squares) as squares
        from cell
        group by municipality_id, {{ paper | join(", ") }}, outcome
    ),

    member as (
        select
            cell.*,
            bridge.group_type,
            bridge.group_value,
            bridge.group_name,
            bridge.delivery_ids as group_delivery_ids,
            case when cell.d >= link_min_pupils then cell.x / cell.d end as school_value
        from cell
        inner join parameter on {{ of_year("cell.school_year") }}
        inner join
            {{ ref("bridge_school_group") }} as bridge
            on cell.school_id = bridge.school_id
            and cell.school_year = bridge.school_year
    ),

    ranked as (
        select
            *,
            case
                when school_value is not null
                then
                    rank() over by_value
                    + (count(*) over (partition by {{ group | join(", ") }}, school_value) - 1)
                    / 2.0
            end as school_rank,
            count(*) over (partition by {{ group | join(", ") }}, school_value) as n_ties
        from member
        window by_value as (partition by {{ group | join(", ") }} order by school_value nulls last)
    ),

    pooled as (
        select
            {{ group | join(", ") }},
            group_value,
            min(group_name) as group_name,
            count(*) as schools,
            count(school_value) as n_valued,
            sum(x) as x,
            sum(d) as d,
            sum(x * x) as xx,
            sum(x * d) as xd,
            sum(d * d) as dd,
            sum(squares) as squares,
            median(school_value) as school_median,
            {{ quantile("school_value", 0.25) }} as school_q1,
            {{ quantile("school_value", 0.75) }} as school_q3,
            stddev_samp(school_value) as between_school_sd,
            sum(school_rank) as rank_sum,
            sum(case when school_value is not null then n_ties * n_ties - 1 end) as tie_sum,
            {{ union_of_lists("delivery_ids") }} as delivery_ids,
            {{ union_of_lists("group_delivery_ids") }} as group_delivery_ids,
            bool_or(has_unconfirmed) as has_unconfirmed
        from ranked
        group by {{ group | join(", ") }}, group_value
    ),

    -- Kruskal and Wallis (1952), corrected for ties
    kruskal as (
        select
            {{ group | join(", ") }},
            count(*) as n_groups,
            min(n_valued) as n_least,
            (
                12.0
                / (sum(n_valued) * (sum(n_valued) + 1))
                * sum(rank_sum * rank_sum / nullif(n_valued, 0))
                - 3 * (sum(n_valued) + 1)
            ) / nullif(
                1
                - sum(tie_sum)
                / nullif(1.0 * sum(n_valued) * (sum(n_valued) * sum(n_valued) - 1), 0),
                0
            ) as h
        from pooled
        group by {{ group | join(", ") }}
    ),

    compared as (
        select
            pooled.*,
            pooled.x / pooled.d as value,
            city.schools - pooled.schools as rest_schools,
            (city.x - pooled.x) / nullif(city.d - pooled.d, 0) as rest_value,
            city.d - pooled.d as rest_d,
            city.xx - pooled.xx as rest_xx,
            city.xd - pooled.xd as rest_xd,
            city.dd - pooled.dd as rest_dd,
            (
                pooled.squares
                - pooled.x * pooled.x / pooled.d
                + (city.squares - pooled.squares)
                - (city.x - pooled.x) * (city.x - pooled.x) / nullif(city.d - pooled.d, 0)
            )
            / nullif(city.d - 2, 0) as pupil_variance,
            kruskal.h,
            kruskal.n_groups,
            kruskal.n_least
        from pooled
        inner join
            city on pooled.municipality_id = city.municipality_id and pooled.outcome = city.outcome
            {%- for column in paper %}
                and pooled.{{ column }} is not distinct from city.{{ column }}
            {%- endfor %}
        inner join
            kruskal
            on pooled.municipality_id = kruskal.municipality_id
            and pooled.group_type = kruskal.group_type
            and pooled.outcome = kruskal.outcome
            {%- for column in paper %}
                and pooled.{{ column }} is not distinct from kruskal.{{ column }}
            {%- endfor %}
    ),

    erred as (
        select
            compared.*,
            greatest(0, xx - 2 * value * xd + value * value * dd)
            / (d * d)
            * schools
            / nullif(schools - 1, 0) as variance,
            greatest(0, rest_xx - 2 * rest_value * rest_xd + rest_value * rest_value * rest_dd)
            / (rest_d * rest_d)
            * rest_schools
            / nullif(rest_schools - 1, 0) as rest_variance
        from compared
        inner join parameter on {{ of_year("compared.school_year") }}
        where schools >= group_min_schools
    ),

    bounded as (
        select
            erred.*,
            case when outcome = 'mean' then 1 else 100 end as multiplier,
            own.t_975 * sqrt(nullif(variance, 0)) as half_width,
            case when rest_schools >= group_min_schools then value - rest_value end as gap,
            gap_quantile.t_975 * sqrt(nullif(variance + rest_variance, 0)) as gap_half_width
        from erred
        inner join parameter on {{ of_year("erred.school_year") }}
        left join {{ ref("t_quantile") }} as own on own.df = least(schools, 301) - 1
        left join
            {{ ref("t_quantile") }} as gap_quantile
            on gap_quantile.df = greatest(
                1,
                least(
                    300,
                    floor(
                        power(variance + rest_variance, 2) / nullif(
                            power(variance, 2) / (schools - 1)
                            + power(rest_variance, 2) / nullif(rest_schools - 1, 0),
                            0
                        )
                    )
                )
            )
    )

select
    bounded.municipality_id,
    bounded.group_type,
    bounded.group_value,
    bounded.group_name,
    bounded.procedure,
    bounded.school_year,
    bounded.cal_year,
    bounded.season,
    bounded.programme_grade,
    bounded.subject,
    bounded.exam_level,
    bounded.outcome,
    cast(bounded.schools as integer) as n_schools,
    cast(bounded.d as integer) as n_results,
    multiplier * value as value,
    case
        when outcome = 'mean' then value - half_width else 100 * greatest(0, value - half_width)
    end as ci_low,
    case
        when outcome = 'mean' then value + half_width else 100 * least(1, value + half_width)
    end as ci_high,
    multiplier * school_median as school_median,
    multiplier * school_q1 as school_q1,
    multiplier * school_q3 as school_q3,
    multiplier * between_school_sd as between_school_sd,
    case when gap is not null then multiplier * rest_value end as rest_value,
    multiplier * gap as gap_rest,
    multiplier * (gap - gap_half_width) as gap_rest_ci_low,
    multiplier * (gap + gap_half_width) as gap_rest_ci_high,
    case
        when gap is null
        then null
        when outcome = 'mean'
        then gap / sqrt(nullif(pupil_variance, 0))
        else 2 * asin(sqrt(value)) - 2 * asin(sqrt(rest_value))
    end as effect_size,
    case
        when gap is null then null when outcome = 'mean' then 'cohen_d' else 'cohen_h'
    end as effect_kind,
    case
        outcome
        when 'basic'
        then 100 * value - trend.krai_share_basic
        when 'mean'
        then case when bounded.procedure = 'EGE' then value - trend.krai_mean_score end
    end as gap_krai,
    case
        when n_groups > 1 and n_least >= group_test_schools
        then {{ chi_square_upper_tail("h", "n_groups - 1") }}
    end as kruskal_p,
    bounded.has_unconfirmed,
    {{ merged_list("bounded.delivery_ids", "bounded.group_delivery_ids") }} as delivery_ids
from bounded
inner join parameter on {{ of_year("bounded.school_year") }}
left join
    {{ ref("mart_result_trend") }} as trend
    on trend.level = 'municipality'
    and bounded.municipality_id = trend.municipality_id
    {%- for column in paper %} and bounded.{{ column }} = trend.{{ column }}{% endfor %}
