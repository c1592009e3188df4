{%- set of_year = lasts_in_year("act.started_on", "act.ended_on", "year.school_year") -%}
with
    staff as (select * from {{ ref("int_staff_person") }}),

    {{ staff_acts("trained", [{
        "form": "stg_cpd",
        "window": "act.finished_on <= " ~ year_end("year.school_year"),
        "columns": {
            "is_qualified": "(act.topic = 'management' and act.hours >= year.management_hours_min)"
            ~ " or (act.topic = 'soko' and " ~ in_last_three_years("act.finished_on", "year.school_year") ~ ")",
        },
    }], ["management_hours_min"]) }},

    {{ staff_acts("diagnosed", [{
        "form": "stg_teacher_diag",
        "window": in_last_three_years("act.diagnosed_on", "year.school_year"),
        "columns": {"is_own_will": "act.diagnosed_role = 'admin' and act.is_voluntary"},
    }]) }},

    {{ staff_acts("supported", [
        {"form": "stg_mentor", "person": "mentor_pid", "window": of_year, "columns": {"is_in_school": "true"}},
        {"form": "stg_mentor", "person": "mentee_pid", "window": of_year, "columns": {"is_in_school": "true"}},
        {
            "form": "stg_meth_event",
            "window": "act.school_year = year.school_year",
            "columns": {"is_in_school": "act.event_level = 'school'"},
        },
    ]) }},

    of_registers as (
        {{ staff_shares([
            {
                "measure_code": "D6.01a",
                "acts": "trained",
                "persons": "staff.is_admin",
                "done": "act.is_qualified",
            },
            {
                "measure_code": "D6.02a",
                "acts": "diagnosed",
                "persons": "staff.is_admin",
                "done": "act.is_own_will",
            },
            {
                "measure_code": "D6.06a",
                "acts": "supported",
                "persons": "staff.is_teacher",
                "done": "act.is_in_school",
            },
        ]) }}
    ),

    -- young teachers of a year and whether they teach at the same school in the next one
    young as (
        select
            before.school_id,
            year.school_year,
            now.person_pid is not null as has_stayed,
            {{ merged_list("before.delivery_ids", "year.delivery_ids") }} as delivery_ids
        from staff as before
        inner join
            (
                select school_id, school_year, {{ union_of_lists("delivery_ids") }} as delivery_ids
                from staff
                group by school_id, school_year
            ) as year
            on before.school_id = year.school_id
            and cast(left(before.school_year, 4) as integer) + 1
            = cast(left(year.school_year, 4) as integer)
        left join
            staff as now
            on year.school_id = now.school_id
            and year.school_year = now.school_year
            and before.person_pid = now.person_pid
            and now.is_teacher
        where before.is_teacher and before.is_young
    ),

    measured as (
        select
            measure_code,
            school_id,
            school_year,
            numerator,
            denominator,
            denominator as n,
            cast(null as double) as value,
            cast(null as double) as sd,
            delivery_ids
        from of_registers
        union all
        select
            'D6.03c',
            school_id,
            school_year,
            count(*) filter (where has_stayed),
            count(*),
            count(*),
            null,
            null,
            {{ union_of_lists("delivery_ids") }}
        from young
        group by school_id, school_year
        {%- for code, persons, flag in [
            ("D6.03a", "is_teacher", "is_young"),
            ("D6.03b", "is_teacher", "is_beginner"),
            ("D6.04b", "is_teacher", "is_overloaded"),
            ("D6.05b", "is_admin", "is_over_admin_limit"),
        ] %}
            union all
            select
                '{{ code }}',
                school_id,
                school_year,
                count(*) filter (where {{ flag }}),
                count({{ flag }}),
                count({{ flag }}),
                null,
                null,
                {{ union_of_lists("delivery_ids") }}
            from staff
            where {{ persons }} and {{ flag }} is not null
            group by school_id, school_year
        {%- endfor %}
        {%- for code, persons, hours in [
            ("D6.04a", "is_teacher", "teacher_hours"),
            ("D6.05a", "is_admin", "admin_hours"),
        ] %}
            union all
            select
                '{{ code }}',
                school_id,
                school_year,
                null,
                null,
                count({{ hours }}),
                avg({{ hours }}),
                stddev_samp({{ hours }}),
                {{ union_of_lists("delivery_ids") }}
            from staff
            where {{ persons }} and {{ hours }} is not null
            group by school_id, school_year
        {%- endfor %}
    )

    {{ measure_rows("measured", ["numerator", "denominator", "n", "value", "sd"]) }}
