{#- Of which schools a register tells, also that they have nothing in it. -#}
{#- For which schools of a school year a register speaks, and which deliveries tell so: a school that
    it names, and every school if one delivery names two or more, for that is a register of the city.
    What one school sends tells nothing of another: that one has no data, which is not zero.

    schools: a relation with school_id, school_year; who is asked for.
    rows: a relation with school_id (may be empty), school_year, delivery_id: rows of the register
        that tell of the year. -#}
{% macro register_speaks_for(schools, rows) %}
    select
        asked.school_id,
        asked.school_year,
        coalesce(own.delivery_ids, city.delivery_ids) as delivery_ids
    from (select distinct school_id, school_year from {{ schools }} as school) as asked
    left join
        (
            select school_id, school_year, {{ distinct_list("delivery_id") }} as delivery_ids
            from {{ rows }} as told
            where school_id is not null
            group by school_id, school_year
        ) as own
        on asked.school_id = own.school_id
        and asked.school_year = own.school_year
    left join ({{ registers_of_city(rows) }}) as city on asked.school_year = city.school_year
    where own.school_id is not null or city.school_year is not null
{% endmacro %}

{#- School years of which a register of the whole city tells: a delivery that names two schools or more.

    rows: as above. -#}
{% macro registers_of_city(rows) %}
    select school_year, {{ distinct_list("delivery_id") }} as delivery_ids
    from
        (
            select school_year, delivery_id
            from {{ rows }} as told
            group by school_year, delivery_id
            having count(distinct school_id) > 1
        ) as of_several
    group by school_year
{% endmacro %}

{#- Rows of a share for schools of which a register tells that it has nobody and nothing of the kind:
    nothing of nothing, which is no zero.

    measure: code of the measure.
    rows: as above.
    shares: a relation with measure_code, school_id, school_year: rows that the measure has.
    schools: a relation with school_id, school_year; who is asked for. -#}
{% macro told_of_none(measure, rows, shares, schools=ref("int_school_open")) %}
    select
        '{{ measure }}' as measure_code,
        told.school_id,
        told.school_year,
        0 as numerator,
        0 as denominator,
        told.delivery_ids
    from ({{ register_speaks_for(schools, rows) }}) as told
    left join
        (
            select distinct school_id, school_year
            from {{ shares }} as share
            where measure_code = '{{ measure }}'
        ) as own
        on told.school_id = own.school_id
        and told.school_year = own.school_year
    where own.school_id is null
{% endmacro %}
