{#- What: where fewer than `value_n_show` persons stand behind a row, only their number is shown.
    When it matters: a mart printed the results of one or two persons.
    To resolve: null the columns in the mart. `only` narrows the rows to those that are about persons. -#}
{% test few_are_not_shown(model, n, columns, only=none) %}
    with parameter as ({{ parameter_row(["value_n_show"]) }})

    select shown.*
    from {{ model }} as shown
    cross join parameter
    where
        shown.{{ n }} < value_n_show
        and (
            {%- for column in columns %}
                shown.{{ column }} is not null {{ "or" if not loop.last }}
            {%- endfor %}
        )
        {%- if only == "persons" %}
            and exists (
                select 1
                from {{ ref("int_measure") }} as measure
                where measure.measure_code = shown.measure_code and measure.of_persons
            )
        {%- endif %}
{% endtest %}
