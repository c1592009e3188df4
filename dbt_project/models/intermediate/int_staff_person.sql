with
    parameter as (
        {{ parameters_by_year(ref("stg_staff"), ["young_age", "beginner_years", "hours_limit", "admin_hours_limit"]) }}
    ),

    person as (
        select
            school_id,
            school_year,
            person_pid,
            bool_or(is_teacher) as is_teacher,
            bool_or(is_admin) as is_admin,
            bool_or(
                coalesce(is_class_tutor, false)
                or post_kind in ('deputy_upbringing', 'adviser', 'social')
            ) as is_upbringing,
            max(case when is_teacher then subject end) as subject,
            max(birth_year) as birth_year,
            max(ped_experience) as ped_experience,
            sum(case when is_teacher then weekly_hours end) as teacher_hours,
            coalesce(sum(weekly_hours), 0) as all_hours,
            {{ distinct_list("delivery_id") }} as delivery_ids
        from {{ ref("stg_staff") }}
        group by school_id, school_year, person_pid
    )

select
    person.school_id,
    person.school_year,
    person.person_pid,
    person.is_teacher,
    person.is_admin,
    person.is_upbringing,
    person.subject,
    cast(left(person.school_year, 4) as integer) - person.birth_year
    < parameter.young_age as is_young,
    person.ped_experience < parameter.beginner_years as is_beginner,
    person.teacher_hours,
    person.teacher_hours > parameter.hours_limit as is_overloaded,
    case when person.is_admin then person.all_hours end as admin_hours,
    case
        when person.is_admin then person.all_hours > parameter.admin_hours_limit
    end as is_over_admin_limit,
    person.delivery_ids
from person
inner join parameter on person.school_year = parameter.school_year
