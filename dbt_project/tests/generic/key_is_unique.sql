{#- The columns together identify a row and none of them is empty, in one query.
    `nullable` columns are a part of the key and may be empty. -#}
{% test key_is_unique(model, columns, nullable=[]) %}
    select {{ (columns + nullable) | join(', ') }}, count(*) as n_rows
    from {{ model }}
    group by {{ (columns + nullable) | join(', ') }}
    having count(*) > 1 {%- for column in columns %} or {{ column }} is null{% endfor %}
{% endtest %}
