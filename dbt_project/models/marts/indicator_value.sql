{%- for number in range(1, 10) %}
    select *
    from {{ ref("int_d" ~ number ~ "_value") }}
    {%- if not loop.last %}
        union all
    {%- endif %}
{%- endfor %}
