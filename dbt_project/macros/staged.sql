{#- Rows of a raw table as they were delivered: the columns that the model's yml declares.

    table: table of schema raw.
    derived: column → expression over the raw columns. -#}
{% macro staged(table, derived={}) -%}
    select
        {%- for column in model.columns %}
            {% if column in derived %} {{ derived[column] }} as {% endif %}
            {{- column }}
            {% if not loop.last %},{% endif %}
        {%- endfor %}
    from {{ source('raw', table) }}
{%- endmacro %}

{#- School year of a day: it begins on 1 September. -#}
{% macro school_year_of(day) -%}
    {%- set last_year = "extract(year from " ~ day ~ ") + case when extract(month from " ~ day ~ ") >= 9 then 1 else 0 end" -%}
    {{ list_school_year("(" ~ last_year ~ ")") }}
{%- endmacro %}
