{#- Arithmetic of days; models call these and stay portable. -#}
{#- The day that comes some days after a day. -#}
{% macro days_after(day, days) -%}
    {{ return(adapter.dispatch('days_after')(day, days)) }}
{%- endmacro %}

{% macro duckdb__days_after(day, days) -%} ({{ day }} + cast({{ days }} as integer)) {%- endmacro %}

{#- Whole days from one day to a later one. -#}
{% macro days_between(first, last) -%}
    {{ return(adapter.dispatch('days_between')(first, last)) }}
{%- endmacro %}

{% macro duckdb__days_between(first, last) -%} ({{ last }} - {{ first }}) {%- endmacro %}
