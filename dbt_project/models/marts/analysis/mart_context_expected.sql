{#- Results against what the conditions of the school let one expect: least squares over the schools
    of a municipality, by year and over the mean of the last three years; one predictor for ten
    schools. The interval of a residual is its own error in that line (internally studentised). -#}
{%- set fit = ["municipality_id", "measure_code", "span"] -%}
with
    parameter as ({{ parameters_in_force(["link_min_pupils", "expected_schools_each"]) }}),

    result as (
        {%- for code, marks in [("D1.03a", "n3 + n4 + n5"), ("D1.07a", "n5")] %}
            select
                '{{ code }}' as measure_code,
                school_id,
                school_year,
                100.0 * sum({{ marks }}) / sum(n_marked) as value,
                sum(n_marked) as n,
                bool_or(has_unconfirmed) as has_unconfirmed,
                {{ union_of_lists("marks_delivery_ids") }} as delivery_ids
            from {{ ref("int_vpr_school_paper") }}
            where n_marked > 0
            group by school_id, school_year
            {%- if not loop.last %}
                union all
            {%- endif %}
        {%- endfor %}
    ),

    observed as (
        select
            context.municipality_id,
            result.measure_code,
            result.school_id,
            result.school_year,
            result.value,
            result.n,
            context.context_index,
            cast(own.n_pupils as double) as n_pupils,
            result.has_unconfirmed
            or context.has_unconfirmed
            or own.pupils_unconfirmed as has_unconfirmed,
            {{ merged_list(merged_list("result.delivery_ids", "context.delivery_ids"), "own.pupils_delivery_ids") }}
            as delivery_ids,
            dense_rank() over (
                partition by context.municipality_id, result.measure_code
                order by result.school_year desc
            ) as years_ago
        from result
        inner join parameter on {{ of_year("result.school_year") }}
        inner join
            {{ ref("int_context_index") }} as context
            on result.school_id = context.school_id
            and result.school_year = context.school_year
        inner join
            {{ ref("int_school_year") }} as own
            on result.school_id = own.school_id
            and result.school_year = own.school_year
        where result.n >= link_min_pupils and own.n_pupils > 0
    ),

    point as (
        select
            municipality_id,
            measure_code,
            school_id,
            school_year as span,
            1 as n_years,
            value,
            n,
            context_index,
            n_pupils,
            ln(n_pupils) as log_pupils,
            has_unconfirmed,
            delivery_ids
        from observed
        union all
        select
            municipality_id,
            measure_code,
            school_id,
            {{ span_of_years("school_year") }},
            3,
            avg(value),
            sum(n),
            avg(context_index),
            avg(n_pupils),
            ln(avg(n_pupils)),
            bool_or(has_unconfirmed),
            {{ union_of_lists("delivery_ids") }}
        from observed
        where years_ago <= 3
        group by municipality_id, measure_code, school_id
        having count(*) = 3
    ),

    centred as (
        select
            point.*,
            count(*) over whole as n_schools,
            cast(
                least(2, floor(count(*) over whole / expected_schools_each)) as integer
            ) as n_predictors,
            avg(value) over whole as mean_value,
            value - avg(value) over whole as y,
            context_index - avg(context_index) over whole as x,
            log_pupils - avg(log_pupils) over whole as z
        from point
        inner join parameter on {{ of_year("right(point.span, 7)") }}
        window whole as (partition by {{ fit | join(", ") }})
    ),

    line as (
        select
            {{ fit | join(", ") }},
            sum(x * x) as xx,
            sum(x * z) as xz,
            sum(z * z) as zz,
            sum(x * y) as xy,
            sum(z * y) as zy,
            sum(y * y) as yy
        from centred
        group by {{ fit | join(", ") }}
    ),

    expected as (
        select
            centred.*,
            line.yy,
            case
                n_predictors
                when 1
                then x * xy / nullif(xx, 0)
                when 2
                then
                    (x * (zz * xy - xz * zy) + z * (xx * zy - xz * xy))
                    / nullif(xx * zz - xz * xz, 0)
            end as above_mean,
            1.0 / n_schools + case
                n_predictors
                when 1
                then x * x / nullif(xx, 0)
                when 2
                then (zz * x * x - 2 * xz * x * z + xx * z * z) / nullif(xx * zz - xz * xz, 0)
            end as leverage
        from centred
        inner join
            line
            on centred.municipality_id = line.municipality_id
            and centred.measure_code = line.measure_code
            and centred.span = line.span
    ),

    left_over as (
        select
            *,
            y - above_mean as residual,
            sum(power(y - above_mean, 2)) over (partition by {{ fit | join(", ") }}) as error_sum
        from expected
    ),

    erred as (
        select
            *,
            n_schools - n_predictors - 1 as df,
            sqrt(
                error_sum / nullif(n_schools - n_predictors - 1, 0) * greatest(0, 1 - leverage)
            ) as residual_error
        from left_over
    )

select
    municipality_id,
    measure_code,
    school_id,
    span,
    n_years,
    cast(n_schools as integer) as n_schools,
    n_predictors,
    case
        n_predictors when 1 then 'context_index' when 2 then 'context_index, log_pupils'
    end as predictors,
    cast(n as integer) as n,
    value,
    context_index,
    n_pupils,
    mean_value + above_mean as expected,
    residual,
    residual - t_975 * residual_error as ci_low,
    residual + t_975 * residual_error as ci_high,
    residual / nullif(residual_error, 0) as standardised_residual,
    abs(residual) > t_975 * residual_error as is_distinct,
    leverage,
    1 - error_sum / nullif(yy, 0) as r_squared,
    case when residual is null then 'insufficient_n' else 'ok' end as status,
    has_unconfirmed,
    delivery_ids
from erred
left join {{ ref("t_quantile") }} as quantile on quantile.df = least(300, erred.df)
