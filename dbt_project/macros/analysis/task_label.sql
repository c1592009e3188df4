{#- One spelling of a task's label: Cyrillic К for Latin K, 5.1 for 5(1). -#}
{% macro task_label(label) -%}
    replace(replace(replace({{ label }}, 'K', 'К'), '(', '.'), ')', '')
{%- endmacro %}
