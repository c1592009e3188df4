{#- Element of a list at a place counted from 1; NULL beyond its end. -#}
{% macro list_item(list_column, place) -%}
    {{ return(adapter.dispatch('list_item')(list_column, place)) }}
{%- endmacro %}

{% macro duckdb__list_item(list_column, place) -%} {{ list_column }} [{{ place }}] {%- endmacro %}

{#- Select list that turns several expressions per place into rows, one row a place: `columns` maps
    a column name to the list of expressions in the order of the places. -#}
{% macro rows_from_places(columns) -%}
    {{ return(adapter.dispatch('rows_from_places')(columns)) }}
{%- endmacro %}

{% macro duckdb__rows_from_places(columns) -%}
    {%- for name, expressions in columns.items() %}
        unnest([{{ expressions | join(', ') }}]) as {{ name }}{% if not loop.last %},{% endif %}
    {%- endfor %}
{%- endmacro %}

{#- Number of elements of a list. -#}
{% macro list_length(list_column) -%}
    {{ return(adapter.dispatch('list_length')(list_column)) }}
{%- endmacro %}

{% macro duckdb__list_length(list_column) -%} len({{ list_column }}) {%- endmacro %}

{#- Aggregate: all values in order. An ordered aggregate would keep a sorter for each group. -#}
{% macro sorted_list(expression) -%}
    {{ return(adapter.dispatch('sorted_list')(expression)) }}
{%- endmacro %}

{% macro duckdb__sorted_list(expression) -%} list_sort(list({{ expression }})) {%- endmacro %}
