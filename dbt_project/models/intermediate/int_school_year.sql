with
    pupils as (
        select
            school_id,
            school_year,
            sum(n_pupils) as n_pupils,
            bool_or(has_unconfirmed) as pupils_unconfirmed,
            {{ union_of_lists("delivery_ids") }} as pupils_delivery_ids
        from {{ ref("int_school_grade") }}
        group by school_id, school_year
    ),

    form as (
        select
            school_id,
            school_year,
            {%- for variable in [
                "n_pupils_shift2",
                "n_classes",
                "n_teachers",
                "n_teachers_higher_ped",
                "n_sen",
                "n_sen_inclusive",
                "n_computers",
                "accessibility_items",
                "accessibility_done",
            ] %}
                sum(value) filter (where variable = '{{ variable }}') as {{ variable }},
            {%- endfor %}
            {%- for form in ["oo1", "oo2"] %}
                coalesce(
                    bool_or(has_unconfirmed) filter (where form = '{{ form }}'), false
                ) as {{ form }}_unconfirmed,
                {{ union_of_lists("case when form = '" ~ form ~ "' then delivery_ids end") }}
                as {{ form }}_delivery_ids
                {% if not loop.last %},{% endif %}
            {%- endfor %}
        from {{ ref("int_fsn_value") }}
        where form in ('oo1', 'oo2')
        group by school_id, school_year
    )

select
    coalesce(pupils.school_id, form.school_id) as school_id,
    coalesce(pupils.school_year, form.school_year) as school_year,
    pupils.n_pupils,
    form.n_pupils_shift2,
    form.n_classes,
    form.n_teachers,
    form.n_teachers_higher_ped,
    form.n_sen,
    form.n_sen_inclusive,
    form.n_computers,
    form.accessibility_items,
    form.accessibility_done,
    coalesce(pupils.pupils_unconfirmed, false) as pupils_unconfirmed,
    coalesce(form.oo1_unconfirmed, false) as oo1_unconfirmed,
    coalesce(form.oo2_unconfirmed, false) as oo2_unconfirmed,
    coalesce(pupils.pupils_delivery_ids, {{ empty_list() }}) as pupils_delivery_ids,
    coalesce(form.oo1_delivery_ids, {{ empty_list() }}) as oo1_delivery_ids,
    coalesce(form.oo2_delivery_ids, {{ empty_list() }}) as oo2_delivery_ids
from pupils
full join form on pupils.school_id = form.school_id and pupils.school_year = form.school_year
