with
    form as (
        select school_id, school_year, grade, value as n_pupils, has_unconfirmed, delivery_ids
        from {{ ref("int_fsn_value") }}
        where variable = 'n_pupils' and grade is not null
    ),

    has_form as (
        select school_id, school_year, {{ union_of_lists("delivery_ids") }} as delivery_ids
        from form
        group by school_id, school_year
    ),

    pupil as (
        select *, make_date(cast(left(school_year, 4) as integer), 9, 20) as counted_on
        from {{ ref("stg_pupil_year") }}
    ),

    contingent as (
        select
            school_id,
            school_year,
            grade_label as grade,
            count(distinct person_pid) as n_pupils,
            {{ distinct_list("delivery_id") }} as delivery_ids
        from pupil
        where
            (enrolled_on is null or enrolled_on <= counted_on)
            and (left_on is null or left_on > counted_on)
        group by school_id, school_year, grade_label
    ),

    -- the form of a school wins as a whole
    compared as (
        select
            coalesce(form.school_id, contingent.school_id) as school_id,
            coalesce(form.school_year, contingent.school_year) as school_year,
            coalesce(form.grade, contingent.grade) as grade,
            form.n_pupils as n_oo1,
            contingent.n_pupils as n_contingent,
            form.delivery_ids as form_delivery_ids,
            contingent.delivery_ids as contingent_delivery_ids,
            coalesce(form.has_unconfirmed, false) as has_unconfirmed
        from form
        full join
            contingent
            on form.school_id = contingent.school_id
            and form.school_year = contingent.school_year
            and form.grade = contingent.grade
    )

select
    compared.school_id,
    compared.school_year,
    compared.grade,
    case when has_form.school_id is null then 'contingent' else 'oo1' end as basis,
    cast(
        case
            when has_form.school_id is null
            then compared.n_contingent
            else coalesce(compared.n_oo1, 0)
        end as bigint
    ) as n_pupils,
    cast(compared.n_oo1 as bigint) as n_oo1,
    compared.n_contingent,
    cast(compared.n_oo1 as bigint) - compared.n_contingent as n_difference,
    compared.has_unconfirmed,
    case
        when has_form.school_id is null
        then compared.contingent_delivery_ids
        else coalesce(compared.form_delivery_ids, has_form.delivery_ids)
    end as delivery_ids
from compared
left join
    has_form
    on compared.school_id = has_form.school_id
    and compared.school_year = has_form.school_year
where coalesce(compared.n_oo1, 0) > 0 or compared.n_contingent > 0
