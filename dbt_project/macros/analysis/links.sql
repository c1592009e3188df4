{#- Links between results and what may go with them, school by school, in one municipality and span (a
    school year, or the mean of its last three). Spearman is the method, Pearson stands beside it.

    Limits: Fisher's z, for Spearman with the error of Bonett and Wright (2000); of fewer schools than
    `link_bootstrap_below` percentiles of resamples of schools. p: Student's t with n - 2 degrees of
    freedom, adjusted after Benjamini and Hochberg over all links of a municipality and span. The
    ranks stay those of all schools when one is left out or schools are drawn again.

    role: of the variables in the seed `link_variable`.
    with_change: whether results are also taken as the change on the school year before. -#}
{% macro link_mart(role, with_change) %}
    {%- set link = ["municipality_id", "outcome_code", "outcome_form", "variable_code", "span"] -%}
    {%- set own = link + ["method"] -%}
    {%- set columns = [
        "n_pupils",
        "class_size",
        "ovz_share",
        "non_native_share",
        "low_income_share",
        "parents_higher_share",
        "distance_km",
        "context_index",
        "head_tenure_years",
    ] -%}
    with
        parameter as (
            {{ parameters_in_force(["link_min_schools", "link_bootstrap_below", "risk_q"]) }}
        ),

        variable as ({{ edition_rows("link_variable", ["variable_code"]) }}),

        figure as (
            select
                variable.role,
                variable.variable_code,
                figure.municipality_id,
                figure.school_id,
                figure.school_year,
                cast(left(figure.school_year, 4) as integer) as starts,
                figure.value,
                figure.comparability
            from {{ ref("indicator_value") }} as figure
            inner join
                variable
                on figure.measure_code = variable.measure_code
                and figure.breakdown = variable.breakdown
                and {{ in_force("variable", "figure") }}
            where
                figure.level = 'school'
                and figure.season is null
                and figure.grade is null
                and figure.subject is null
                and figure.status = 'ok'
                and figure.value is not null
        ),

        condition as (
            select variable_code, school_id, school_year, value
            from figure
            where role = '{{ role }}'
            {%- for column in columns %}
                union all
                select variable.variable_code, school_id, school_year, {{ column }}
                from {{ ref("int_school_context") }} as context
                inner join
                    variable
                    on variable.context_column = '{{ column }}'
                    and variable.role = '{{ role }}'
                    and {{ in_force("variable", "context") }}
                where {{ column }} is not null
            {%- endfor %}
        ),

        outcome as (
            select *, 'level' as outcome_form
            from figure
            where role = 'outcome'
            {%- if with_change %}
                union all
                select
                    now.role,
                    now.variable_code,
                    now.municipality_id,
                    now.school_id,
                    now.school_year,
                    now.starts,
                    now.value - before.value,
                    now.comparability,
                    'change'
                from figure as now
                inner join
                    figure as before
                    on now.variable_code = before.variable_code
                    and now.school_id = before.school_id
                    and now.starts = before.starts + 1
                where
                    now.role = 'outcome'
                    and before.role = 'outcome'
                    and now.comparability = 'comparable'
                    and before.comparability = 'comparable'
            {%- endif %}
        ),

        yearly as (
            select
                outcome.municipality_id,
                outcome.variable_code as outcome_code,
                outcome.outcome_form,
                condition.variable_code,
                outcome.school_year,
                outcome.school_id,
                condition.value as x,
                outcome.value as y,
                dense_rank() over (
                    partition by
                        outcome.municipality_id,
                        outcome.variable_code,
                        outcome.outcome_form,
                        condition.variable_code
                    order by outcome.school_year desc
                ) as years_ago
            from outcome
            inner join
                condition
                on outcome.school_id = condition.school_id
                and outcome.school_year = condition.school_year
        ),

        pair as (
            select
                municipality_id,
                outcome_code,
                outcome_form,
                variable_code,
                school_year as span,
                school_id,
                x,
                y
            from yearly
            union all
            select
                municipality_id,
                outcome_code,
                outcome_form,
                variable_code,
                {{ span_of_years("school_year") }},
                school_id,
                avg(x),
                avg(y)
            from yearly
            where years_ago <= 3 and outcome_form = 'level'
            group by municipality_id, outcome_code, outcome_form, variable_code, school_id
            having count(*) = 3
        ),

        ranked as (
            select
                *,
                {%- for side in ["x", "y"] %}
                    rank() over (partition by {{ link | join(", ") }} order by {{ side }})
                    + (count(*) over (partition by {{ link | join(", ") }}, {{ side }}) - 1)
                    / 2.0 as rank_{{ side }}
                    {%- if not loop.last %},{% endif %}
                {%- endfor %}
            from pair
        ),

        by_method as (
            select {{ link | join(", ") }}, school_id, 'pearson' as method, x, y
            from ranked
            union all
            select {{ link | join(", ") }}, school_id, 'spearman', rank_x, rank_y
            from ranked
        ),

        -- sums about the mean, so that one school can be taken out of them
        centred as (
            select
                {{ own | join(", ") }},
                school_id,
                x - avg(x) over sample as x,
                y - avg(y) over sample as y,
                1.0 * count(*) over sample as n
            from by_method
            window sample as (partition by {{ own | join(", ") }})
        ),

        point as (
            select
                *,
                sum(x * x) over whole as xx,
                sum(y * y) over whole as yy,
                sum(x * y) over whole as xy,
                row_number() over (partition by {{ own | join(", ") }} order by school_id) as place
            from centred
            window whole as (partition by {{ own | join(", ") }})
        ),

        left_out as (
            select
                *,
                case
                    when xx > 1e-9 and yy > 1e-9 then greatest(-1, least(1, xy / sqrt(xx * yy)))
                end as coef,
                (xy - x * y * n / nullif(n - 1, 0)) / sqrt(
                    nullif(
                        greatest(0, xx - x * x * n / nullif(n - 1, 0))
                        * greatest(0, yy - y * y * n / nullif(n - 1, 0)),
                        0
                    )
                ) as coef_without
            from point
        ),

        influence as (
            select
                *,
                row_number() over (
                    partition by {{ own | join(", ") }}
                    order by abs(coef_without - coef) desc nulls last, school_id
                ) as influence_rank
            from left_out
        ),

        linked as (
            select {{ own | join(", ") }}, n, coef, coef_without, school_id
            from influence
            where influence_rank = 1
        ),

        -- resamples of the schools, the same for all links of as many schools
        digit as (
            select i from (values (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) as ten(i)
        ),

        number as (
            select 100 * hundreds.i + 10 * tens.i + units.i as i
            from digit as hundreds
            cross join digit as tens
            cross join digit as units
            where hundreds.i < 5
        ),

        few as (
            select distinct n
            from linked
            inner join parameter on {{ of_year("right(linked.span, 7)") }}
            where n >= link_min_schools and n < link_bootstrap_below
        ),

        resample as (
            select n, replicate, place, count(*) as weight
            from
                (
                    select
                        few.n,
                        replicate.i as replicate,
                        cast(
                            floor(
                                few.n * {{ pseudo_random(["few.n", "replicate.i", "draw.i"]) }}
                            ) as integer
                        )
                        + 1 as place
                    from few
                    cross join number as replicate
                    cross join (select i from number where i < 100) as draw
                    where draw.i < few.n
                ) as drawn
            group by n, replicate, place
        ),

        replicated as (
            select
                {% for column in own %} point.{{ column }}, {% endfor %}
                resample.replicate,
                (max(point.n) * sum(weight * x * y) - sum(weight * x) * sum(weight * y)) / sqrt(
                    nullif(
                        greatest(
                            0,
                            max(point.n) * sum(weight * x * x) - power(sum(weight * x), 2)
                        ) * greatest(
                            0, max(point.n) * sum(weight * y * y) - power(sum(weight * y), 2)
                        ),
                        0
                    )
                ) as coef
            from point
            inner join resample on point.n = resample.n and point.place = resample.place
            where xx > 1e-9 and yy > 1e-9
            group by {% for column in own %} point.{{ column }}, {% endfor %} resample.replicate
        ),

        bootstrap as (
            select
                {{ own | join(", ") }},
                {{ quantile("coef", 0.025) }} as ci_low,
                {{ quantile("coef", 0.975) }} as ci_high
            from replicated
            group by {{ own | join(", ") }}
        ),

        probable as (
            select
                {% for column in own %} linked.{{ column }}, {% endfor %}
                linked.n,
                linked.coef,
                linked.coef_without,
                linked.school_id,
                linked.n >= link_min_schools and linked.coef is not null as is_enough,
                case
                    when linked.n < link_min_schools or linked.coef is null
                    then null
                    when abs(linked.coef) >= 1
                    then 0.0
                    else
                        {{
                            student_two_sided(
                                "(linked.coef * sqrt((linked.n - 2) / (1 - linked.coef * linked.coef)))",
                                "(linked.n - 2)",
                            )
                        }}
                end as p_value,
                case
                    when linked.n < link_bootstrap_below then 'bootstrap' else 'fisher_z'
                end as ci_method,
                case
                    when linked.n < link_min_schools
                    then null
                    when linked.n < link_bootstrap_below
                    then bootstrap.ci_low
                    when abs(linked.coef) < 1
                    then tanh(atanh(linked.coef) - {{ z95() }} * {{ fisher_error() }})
                end as ci_low,
                case
                    when linked.n < link_min_schools
                    then null
                    when linked.n < link_bootstrap_below
                    then bootstrap.ci_high
                    when abs(linked.coef) < 1
                    then tanh(atanh(linked.coef) + {{ z95() }} * {{ fisher_error() }})
                end as ci_high
            from linked
            inner join parameter on {{ of_year("right(linked.span, 7)") }}
            left join
                bootstrap
                on {% for column in own -%}
                    linked.{{ column }} = bootstrap.{{ column }} {{ "and " if not loop.last }}
                {%- endfor %}
        ),

        {{
            benjamini_hochberg(
                "adjusted", "probable", "p_value", "p_adj", ["municipality_id", "span", "method"]
            )
        }}

    select
        adjusted.municipality_id,
        adjusted.outcome_code,
        outcome_variable.name_ru as outcome_name,
        outcome_variable.measure_code as outcome_measure,
        adjusted.outcome_form,
        adjusted.variable_code,
        variable.name_ru as variable_name,
        adjusted.span,
        adjusted.method,
        cast(adjusted.n as integer) as n_schools,
        adjusted.coef,
        adjusted.ci_low,
        adjusted.ci_high,
        case when is_enough then adjusted.ci_method end as ci_method,
        adjusted.p_value,
        adjusted.p_adj,
        quantile.t_975 / sqrt(adjusted.n - 2 + quantile.t_975 * quantile.t_975) as r_critical,
        case
            when adjusted.n < link_min_schools
            then 'insufficient_n'
            when adjusted.coef is null
            then 'no_spread'
            when p_adj <= risk_q
            then 'linked'
            else 'not_shown'
        end as status,
        case when is_enough then adjusted.school_id end as influential_school_id,
        case when is_enough then adjusted.coef_without end as coef_without_influential,
        'связь не означает причину' as note
    from adjusted
    inner join parameter on {{ of_year("right(adjusted.span, 7)") }}
    inner join
        variable
        on adjusted.variable_code = variable.variable_code
        and right(adjusted.span, 7) between variable.first_year and variable.last_year
    inner join
        variable as outcome_variable
        on adjusted.outcome_code = outcome_variable.variable_code
        and right(adjusted.span, 7)
        between outcome_variable.first_year and outcome_variable.last_year
    left join
        {{ ref("t_quantile") }} as quantile
        on adjusted.is_enough
        and quantile.df = least(302, adjusted.n) - 2
{% endmacro %}

{#- Error of Fisher's z: 1 / (n - 3), for Spearman (1 + r² / 2) / (n - 3). -#}
{% macro fisher_error() -%}
    sqrt(
        case linked.method when 'spearman' then 1 + linked.coef * linked.coef / 2 else 1 end
        / (linked.n - 3)
    )
{%- endmacro %}
