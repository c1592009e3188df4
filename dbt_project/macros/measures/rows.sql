{#- What msr models share: the columns that they do not name, and shares of two columns of a form. -#}
{#- A measure's rows from a relation that holds some of their columns; what it does not hold is empty.
    A ratio's n is its denominator, a count's or a flag's is one school, unless the relation gives another.

    relation: a CTE with measure_code, school_id, school_year and delivery_ids at least.
    given: columns of `msr_columns` that it holds beside these. -#}
{% macro measure_rows(relation, given) %}
    {%- set empty = {
        "cal_year": "cast(null as integer)",
        "season": "cast(null as string)",
        "grade": "cast(null as integer)",
        "grade_label": "cast(null as integer)",
        "subject": "cast(null as string)",
        "breakdown": "'all'",
        "numerator": "cast(null as double)",
        "denominator": "cast(null as double)",
        "base_numerator": "cast(null as double)",
        "base_denominator": "cast(null as double)",
        "n": "coalesce(denominator, 1)",
        "value": "cast(null as double)",
        "sd": "cast(null as double)",
        "value_text": "cast(null as string)",
        "has_unconfirmed": "false",
    } -%}
    {%- set types = {
        "cal_year": "integer",
        "grade": "integer",
        "grade_label": "integer",
        "numerator": "double",
        "denominator": "double",
        "base_numerator": "double",
        "base_denominator": "double",
        "value": "double",
        "sd": "double",
    } -%}
    select
        measure_code,
        school_id,
        school_year,
        {%- for name, nothing in empty.items() %}
            {%- if name == "n" %} cast({{ "n" if "n" in given else nothing }} as bigint)
            {%- elif name not in given %} {{ nothing }}
            {%- elif name in types %} cast({{ name }} as {{ types[name] }})
            {%- else %} {{ name }}
            {%- endif %} as {{ name }},
            {%- if name == "value_text" %} delivery_ids, {%- endif %}
        {%- endfor %}
    from {{ relation }}
{% endmacro %}

{#- Shares of two columns of one form, summed over its rows by school and school year: one select for
    each, to be joined by `union all`. A sum of zero tells that the school has nobody to measure.

    shares: dicts of measure_code, form (a model with school_id, school_year, delivery_id),
        numerator and denominator (SQL over its columns; rows without one do not count), and if need be grade, subject, breakdown
        (SQL of a cut) and filter (SQL). -#}
{% macro shares_of_forms(shares) %}
    {%- for share in shares %}
        {%- set cuts = [] -%}
        {%- for cut in ["grade", "subject", "breakdown"] if share[cut] %}
            {%- do cuts.append(share[cut]) -%}
        {%- endfor %}
        select
            '{{ share["measure_code"] }}' as measure_code,
            school_id,
            school_year,
            {{ share["grade"] or "cast(null as integer)" }} as grade,
            {{ share["subject"] or "cast(null as string)" }} as subject,
            {{ share["breakdown"] or "'all'" }} as breakdown,
            sum({{ share["numerator"] }}) as numerator,
            sum({{ share["denominator"] }}) as denominator,
            {{ distinct_list("delivery_id") }} as delivery_ids
        from {{ ref(share["form"]) }}
        where
            {{ share["filter"] or "true" }}
            and {{ share["numerator"] }} is not null
            and {{ share["denominator"] }} is not null
        group by school_id, school_year {%- for cut in cuts %}, {{ cut }} {%- endfor %}
        {% if not loop.last %}
            union all
        {% endif %}
    {%- endfor %}
{% endmacro %}

{#- Rows of several relations, each with the columns that it holds beside the first ones.

    relations: CTE → `given` of measure_rows. -#}
{% macro measure_rows_of(relations) %}
    {%- for relation, given in relations.items() %}
        {{ measure_rows(relation, given) }}
        {% if not loop.last %}
            union all
        {% endif %}
    {%- endfor %}
{% endmacro %}
