{#- Who is a pupil of a school on which day. -#}
{#- Whether a row of the contingent is of somebody who had come by a day and left after it. -#}
{% macro is_pupil_on(row, day) -%}
    ({{ row }}.enrolled_on is null or {{ row }}.enrolled_on <= {{ day }})
    and ({{ row }}.left_on is null or {{ row }}.left_on > {{ day }})
{%- endmacro %}
