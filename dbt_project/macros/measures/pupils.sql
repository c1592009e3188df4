{#- Measures of which share of a school's pupils a register of persons names. -#}
{#- One select a measure, joined by `union all`. Only of schools for which the register speaks:
    one that a register of the city does not name has none of its pupils in it.

    shares: dicts of measure_code, form (a staging model with person_pid, school_id, school_year),
        first_grade and last_grade of the pupils who are the whole, named (SQL: whether a row counts)
        and if need be register (SQL: which rows of the form make the register). -#}
{% macro shares_of_pupils(shares) %}
    {%- for share in shares %}
        {%- set register = share["register"] or "true" %}
        select
            '{{ share["measure_code"] }}' as measure_code,
            pupils.school_id,
            pupils.school_year,
            coalesce(own.n_named, 0) as numerator,
            pupils.n_pupils as denominator,
            {{ merged_list("pupils.delivery_ids", "register.delivery_ids") }} as delivery_ids,
            pupils.has_unconfirmed
        from
            (
                select
                    school_id,
                    school_year,
                    sum(n_pupils) as n_pupils,
                    bool_or(has_unconfirmed) as has_unconfirmed,
                    {{ union_of_lists("delivery_ids") }} as delivery_ids
                from {{ ref("int_school_grade") }}
                where grade between {{ share["first_grade"] }} and {{ share["last_grade"] }}
                group by school_id, school_year
            ) as pupils
        inner join
            (
                {{ register_speaks_for(
                    ref("int_school_grade"),
                    "(select * from " ~ ref(share["form"]) ~ " where " ~ register ~ ")",
                ) }}
            ) as register
            on pupils.school_id = register.school_id
            and pupils.school_year = register.school_year
        left join
            (
                select
                    school_id,
                    school_year,
                    count(distinct case when {{ share["named"] }} then person_pid end) as n_named
                from {{ ref(share["form"]) }}
                where {{ register }}
                group by school_id, school_year
            ) as own
            on pupils.school_id = own.school_id
            and pupils.school_year = own.school_year
        {% if not loop.last %}
            union all
        {% endif %}
    {%- endfor %}
{% endmacro %}
