{#- What engines spell differently about lists; models call these and stay portable. -#}
{#- Aggregate: sorted distinct list of a scalar. -#}
{% macro distinct_list(expression) -%}
    {{ return(adapter.dispatch('distinct_list')(expression)) }}
{%- endmacro %}

{% macro duckdb__distinct_list(expression) -%}
    list_sort(
        coalesce(list(distinct {{ expression }}) filter (where {{ expression }} is not null), [])
    )
{%- endmacro %}

{#- Aggregate: sorted distinct union of lists. -#}
{% macro union_of_lists(expression) -%}
    {{ return(adapter.dispatch('union_of_lists')(expression)) }}
{%- endmacro %}

{% macro duckdb__union_of_lists(expression) -%}
    list_sort(list_distinct(flatten(coalesce(list({{ expression }}), []))))
{%- endmacro %}

{#- Sorted distinct union of two lists of one row; either may be null. -#}
{% macro merged_list(first, second) -%}
    {{ return(adapter.dispatch('merged_list')(first, second)) }}
{%- endmacro %}

{% macro duckdb__merged_list(first, second) -%}
    list_sort(list_distinct(list_concat(coalesce({{ first }}, []), coalesce({{ second }}, []))))
{%- endmacro %}

{#- Whether a comma-separated text holds an item. -#}
{% macro text_list_contains(text, item) -%}
    {{ return(adapter.dispatch('text_list_contains')(text, item)) }}
{%- endmacro %}

{% macro duckdb__text_list_contains(text, item) -%}
    list_contains(string_split({{ text }}, ','), {{ item }})
{%- endmacro %}

{#- Whether a list holds an item. -#}
{% macro list_has(list, item) -%}
    {{ return(adapter.dispatch('list_has')(list, item)) }}
{%- endmacro %}

{% macro duckdb__list_has(list, item) -%} list_contains({{ list }}, {{ item }}) {%- endmacro %}

{#- Aggregate: texts joined in order, each once. -#}
{% macro joined_text(expression, separator=', ') -%}
    {{ return(adapter.dispatch('joined_text')(expression, separator)) }}
{%- endmacro %}

{% macro duckdb__joined_text(expression, separator=', ') -%}
    string_agg(distinct {{ expression }}, '{{ separator }}' order by {{ expression }})
{%- endmacro %}

{#- Sorted distinct list of the values of one row that are not null. -#}
{% macro list_of(expressions) -%}
    {{ return(adapter.dispatch('list_of')(expressions)) }}
{%- endmacro %}

{% macro duckdb__list_of(expressions) -%}
    list_sort(list_distinct([{{ expressions | join(', ') }}]))
{%- endmacro %}

{#- A code without its leading zeros: spreadsheets drop them. -#}
{% macro without_leading_zeros(code) -%}
    {{ return(adapter.dispatch('without_leading_zeros')(code)) }}
{%- endmacro %}

{% macro duckdb__without_leading_zeros(code) -%} ltrim({{ code }}, '0') {%- endmacro %}

{#- The list of texts that holds nothing. -#}
{% macro empty_list() -%} {{ return(adapter.dispatch('empty_list')()) }} {%- endmacro %}

{% macro duckdb__empty_list() -%} cast([] as varchar[]) {%- endmacro %}
