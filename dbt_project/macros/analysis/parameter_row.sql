{#- One row with the named parameters of the methodology as numeric columns, to be cross joined. -#}
{% macro parameter_row(codes) %}
    select
        {%- for code in codes %}
            max(
                case when parameter_code = '{{ code }}' then cast(value as double) end
            ) as {{ code }}
            {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from {{ ref('parameters') }}
{%- endmacro %}
