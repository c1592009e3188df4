{#- Tail probabilities that engines do not have, as finite sums; checked against scipy in the tests. -#}
{#- P(|T| >= |t|) for Student's t with a whole number of degrees of freedom, exact: the sums of
    Abramowitz and Stegun 26.7.3 and 26.7.4, their factors written with the log-gamma function. -#}
{% macro student_two_sided(t, df) -%}
    {{ return(adapter.dispatch('student_two_sided')(t, df)) }}
{%- endmacro %}

{% macro duckdb__student_two_sided(t, df) -%}
    {%- set cosine_squared = "((" ~ df ~ ") / ((" ~ df ~ ") + power(" ~ t ~ ", 2)))" -%}
    {%- set sine = "(abs(" ~ t ~ ") / sqrt((" ~ df ~ ") + power(" ~ t ~ ", 2)))" -%}
    case
        when ({{ t }}) is null or ({{ df }}) is null or ({{ df }}) < 1
        then null
        when mod(cast({{ df }} as bigint), 2) = 0
        then
            greatest(
                0.0,
                1
                - {{ sine }}
                * list_sum(
                    list_transform(
                        range(0, cast(floor(({{ df }}) / 2) as bigint)),
                        lambda k:exp(
                            lgamma(k + 0.5)
                            - lgamma(k + 1.0)
                            - 0.5 * ln(pi())
                            + k * ln({{ cosine_squared }})
                        )
                    )
                )
            )
        else
            greatest(
                0.0,
                1
                - 2
                / pi()
                * (
                    asin({{ sine }})
                    + {{ sine }}
                    * sqrt({{ cosine_squared }})
                    * coalesce(
                        list_sum(
                            list_transform(
                                range(0, cast(floor((({{ df }}) - 1) / 2) as bigint)),
                                lambda k:exp(
                                    lgamma(k + 1.0)
                                    - lgamma(k + 1.5)
                                    + 0.5 * ln(pi())
                                    - ln(2.0)
                                    + k * ln({{ cosine_squared }})
                                )
                            )
                        ),
                        0.0
                    )
                )
            )
    end
{%- endmacro %}

{#- P(X >= x) for chi-square with a whole number of degrees of freedom (Abramowitz and Stegun 26.4.4
    and 26.4.5). -#}
{% macro chi_square_upper_tail(x, df) -%}
    {{ return(adapter.dispatch('chi_square_upper_tail')(x, df)) }}
{%- endmacro %}

{% macro duckdb__chi_square_upper_tail(x, df) -%}
    case
        when ({{ x }}) is null or ({{ df }}) is null or ({{ df }}) < 1
        then null
        when ({{ x }}) <= 0
        then 1.0
        else
            case
                when mod(cast({{ df }} as bigint), 2) = 0
                then 0.0
                else 2 * {{ normal_upper_tail("sqrt(" ~ x ~ ")") }}
            end + coalesce(
                list_sum(
                    list_transform(
                        range(0, cast(floor(({{ df }}) / 2) as bigint)),
                        lambda k:exp(
                            - ({{ x }}) / 2
                            + (k + (mod(cast({{ df }} as bigint), 2)) / 2.0) * ln(({{ x }}) / 2)
                            - lgamma(k + 1.0 + (mod(cast({{ df }} as bigint), 2)) / 2.0)
                        )
                    )
                ),
                0.0
            )
    end
{%- endmacro %}

{#- A number from 0 to 1 that looks random and is the same in every run. The keys are hashed as one
    text: hashes of small numbers combined one by one repeat themselves. -#}
{% macro pseudo_random(keys) -%}
    {{ return(adapter.dispatch('pseudo_random')(keys)) }}
{%- endmacro %}

{% macro duckdb__pseudo_random(keys) -%}
    (hash(concat_ws('/', {{ keys | join(", ") }})) >> 11) / 9007199254740992.0
{%- endmacro %}
