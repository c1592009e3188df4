{#- P(X >= x) for X ~ Binomial(n, p), exact: a sum of terms made with the log-gamma function.
    Terms more than 20 standard deviations above both x and the mean are below 1e-80 and left out,
    so that the sum stays short for any n. NULL in gives NULL out. -#}
{% macro binomial_upper_tail(x, n, p) -%}
    {{ return(adapter.dispatch('binomial_upper_tail')(x, n, p)) }}
{%- endmacro %}

{% macro duckdb__binomial_upper_tail(x, n, p) -%}
    case
        when ({{ x }}) is null or ({{ n }}) is null or ({{ p }}) is null
        then null
        when ({{ x }}) <= 0
        then 1.0
        else
            least(
                1.0,
                coalesce(
                    list_sum(
                        list_transform(
                            range(
                                cast({{ x }} as bigint),
                                1 + least(
                                    cast({{ n }} as bigint),
                                    cast(
                                        ceil(
                                            greatest(({{ x }}), ({{ n }}) * ({{ p }}))
                                            + 20 * sqrt(({{ n }}) * ({{ p }}) * (1 - ({{ p }})))
                                            + 20
                                        ) as bigint
                                    )
                                )
                            ),
                            lambda k:exp(
                                lgamma(({{ n }}) + 1.0)
                                - lgamma(k + 1.0)
                                - lgamma(({{ n }}) - k + 1.0)
                                + k * ln({{ p }})
                                + (({{ n }}) - k) * ln(1.0 - ({{ p }}))
                            )
                        )
                    ),
                    0.0
                )
            )
    end
{%- endmacro %}
