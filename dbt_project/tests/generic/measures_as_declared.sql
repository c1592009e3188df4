{#- What: every measure that the catalogue calls implemented gives figures, and no other does.
    When it matters: a measure was added to the catalogue without a model, or the other way round.
    To resolve: set `implemented` in seeds/catalogue/measures.csv or add the model to its int_d*_value.
    A measure without any source rows yet is not produced; it is told from its tables. -#}
{% test measures_as_declared(model) %}
    with
        produced as (select distinct measure_code from {{ model }}),

        declared as (select measure_code from {{ ref('measures') }} where implemented)

    select produced.measure_code, 'не объявлена' as problem
    from produced
    left join declared on produced.measure_code = declared.measure_code
    where declared.measure_code is null
{% endtest %}
