{#- Tests of hypotheses; the tails of Student's and the chi-square distribution are in dialect/. -#}
{#- P(Z >= z) for the normal distribution, within 1.2e-7 of the probability itself (Chebyshev fit of
    erfc: Press et al., Numerical Recipes, 6.2). -#}
{% macro normal_upper_tail(z) -%}
    {%- set t = "(1 / (1 + 0.5 * abs(" ~ z ~ ") / sqrt(2.0)))" -%}
    {%- set coefficients = [
        "1.00002368",
        "0.37409196",
        "0.09678418",
        "-0.18628806",
        "0.27886807",
        "-1.13520398",
        "1.48851587",
        "-0.82215223",
        "0.17087277",
    ] -%}
    {%- set tail -%}
        (0.5 * {{ t }} * exp(-power({{ z }}, 2) / 2 - 1.26551223
        {%- for coefficient in coefficients %} + {{ t }} * ({{ coefficient }} {%- endfor %}
        {%- for coefficient in coefficients %}){% endfor %}))
    {%- endset -%}
    case when ({{ z }}) >= 0 then {{ tail }} when ({{ z }}) < 0 then 1 - {{ tail }} end
{%- endmacro %}

{#- CTEs that add `column`, the p-value adjusted after Benjamini and Hochberg (1995), to the rows of
    `relation`; the last CTE is `name`. Rows without a p-value are not counted.

    family: columns within which all tests count together. -#}
{% macro benjamini_hochberg(name, relation, p_value, column, family) %}
    {{ name }}_step as (
        select
            *,
            {{ p_value }}
            * count({{ p_value }}) over (partition by {{ family | join(", ") }})
            / count({{ p_value }}) over (
                partition by {{ family | join(", ") }}
                order by {{ p_value }} nulls last
                range between unbounded preceding and current row
            ) as {{ column }}_step
        from {{ relation }}
    ),

    {{ name }} as (
        select
            *,
            case
                when {{ p_value }} is not null
                then
                    least(
                        1.0,
                        min({{ column }}_step) over (
                            partition by {{ family | join(", ") }}
                            order by {{ p_value }} desc nulls last
                            range between unbounded preceding and current row
                        )
                    )
            end as {{ column }}
        from {{ name }}_step
    )
{%- endmacro %}
