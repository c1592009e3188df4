{#- Hint on a CTE that many others read: each of them computes it anew, because to keep it whole would
    cost more memory than to compute it. Engines without the hint decide by themselves. -#}
{% macro computed_where_used() -%}
    {{ return(adapter.dispatch('computed_where_used')()) }}
{%- endmacro %}

{% macro default__computed_where_used() -%} {%- endmacro %}

{% macro duckdb__computed_where_used() -%} not materialized {%- endmacro %}
