{#- Quantiles and limits of figures; Wilson and Newcombe themselves stand in analysis/intervals. -#}
{#- Two-sided 95 % quantile of the normal distribution. -#}
{% macro z95() -%} 1.959963984540054{%- endmacro %}

{#- A limit of the difference of two shares x / d - bx / bd of one row (Newcombe 1998, method 10).
    Works of one cohort carry codes that do not link, so the pair is treated as independent:
    the interval is wider than a paired one. -#}
{% macro share_difference_limit(side) -%}
    {%- set after = "(x / d)" -%}
    {%- set before = "(bx / bd)" -%}
    {%- if side == "low" -%}
        {{ newcombe_low(before, wilson_limit(before, "bd", z95(), "+"), after, wilson_limit(after, "d", z95(), "-")) }}
    {%- else -%}
        {{ newcombe_high(before, wilson_limit(before, "bd", z95(), "-"), after, wilson_limit(after, "d", z95(), "+")) }}
    {%- endif -%}
{%- endmacro %}
