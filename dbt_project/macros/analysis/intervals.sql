{#- Wilson limit of a share `p` of `n`; `sign` is '-' for the lower and '+' for the upper limit.
    Source: E. B. Wilson (1927). -#}
{% macro wilson_limit(p, n, z, sign) -%}
    (
        (
            ({{ p }}) + ({{ z }}) * ({{ z }}) / (2.0 * ({{ n }}))
            {{ sign }} ({{ z }}) * sqrt(
                ({{ p }}) * (1 - ({{ p }})) / ({{ n }})
                + ({{ z }}) * ({{ z }}) / (4.0 * ({{ n }}) * ({{ n }}))
            )
        )
        / (1 + ({{ z }}) * ({{ z }}) / ({{ n }}))
    )
{%- endmacro %}

{#- Limit of the difference p2 - p1 from the limits of both shares (Newcombe 1998, method 10). -#}
{% macro newcombe_low(p1, high1, p2, low2) -%}
    (
        ({{ p2 }})
        - ({{ p1 }})
        - sqrt(power(({{ p2 }}) - ({{ low2 }}), 2) + power(({{ high1 }}) - ({{ p1 }}), 2))
    )
{%- endmacro %}

{% macro newcombe_high(p1, low1, p2, high2) -%}
    (
        ({{ p2 }})
        - ({{ p1 }})
        + sqrt(power(({{ high2 }}) - ({{ p2 }}), 2) + power(({{ p1 }}) - ({{ low1 }}), 2))
    )
{%- endmacro %}
