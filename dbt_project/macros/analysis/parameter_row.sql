{#- One row with the named parameters of the methodology as numeric columns, to be cross joined: the
    last edition, for tests of what is shown now. Figures and marts take `parameters_in_force`. -#}
{% macro parameter_row(codes) %}
    select
        {%- for code in codes %}
            max(
                case when parameter_code = '{{ code }}' then cast(value as double) end
            ) as {{ code }}
            {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from {{ ref('parameters') }}
    where valid_to is null
{%- endmacro %}
