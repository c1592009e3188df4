{#- What: only measures that the catalogue calls implemented have figures. (That each implemented one
    has a model is told from the code: tests/unit/dbt_project/test_manifest.py.)
    When it matters: a version of a measure was closed, or a model gives a code of its own.
    To resolve: set `implemented` in seeds/catalogue/measures.csv or mend the msr model. -#}
{% test measures_as_declared(model) %}
    with
        produced as (select distinct measure_code from {{ model }}),

        declared as (select measure_code from {{ ref('measures') }} where implemented)

    select produced.measure_code, 'не объявлена' as problem
    from produced
    left join declared on produced.measure_code = declared.measure_code
    where declared.measure_code is null
{% endtest %}
