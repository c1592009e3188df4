with
    -- teachers of schools in the list of the year; the list tells whom the measure is about
    listed_staff as (
        select
            staff.school_id,
            staff.school_year,
            staff.person_pid,
            staff.subject,
            {{ merged_list("staff.delivery_ids", "listed.delivery_ids") }} as delivery_ids
        from {{ ref("int_staff_person") }} as staff
        inner join
            {{ ref("int_shnor_listed") }} as listed
            on staff.school_id = listed.school_id
            and staff.school_year = listed.school_year
        where staff.is_teacher and staff.subject is not null
    ),

    {{ staff_acts("diagnosed", [{
        "form": "stg_teacher_diag",
        "window":
        in_last_three_years("act.diagnosed_on", "year.school_year"),
        "columns": {
            "subject": "case when act.diagnosed_role = 'teacher' then act.subject end",
            "is_sufficient": "act.level in ('sufficient', 'high')",
            "recency": "row_number() over (partition by year.school_year, act.person_pid, act.diagnosed_role, act.subject"
            ~ " order by act.diagnosed_on desc, act.level, act.delivery_id)",
        },
    }]) }},

    measured as (
        {%- set shares = [] %}
        {%- for by_subject in [true, false] %}
            {%- for code, among, done in [
                ("D2.04a", none, "act.subject = staff.subject"),
                ("D2.04b", "act.subject = staff.subject and act.recency = 1", "act.is_sufficient"),
            ] %}
                {%- do shares.append({
                    "measure_code": code,
                    "acts": "diagnosed",
                    "staff": "listed_staff",
                    "persons": "true",
                    "among": among,
                    "done": done,
                    "subject": by_subject,
                }) %}
            {%- endfor %}
        {%- endfor %}
        {{ staff_shares(shares) }}
    ),

    -- a listed school whose teachers are not known is not one that is not listed
    every_listed as (
        select
            measure_code,
            school_id,
            school_year,
            subject,
            numerator,
            denominator,
            denominator as n,
            delivery_ids
        from measured
        union all
        select
            measure.measure_code,
            listed.school_id,
            listed.school_year,
            null,
            null,
            null,
            null,
            listed.delivery_ids
        from {{ ref("int_shnor_listed") }} as listed
        cross join
            (
                select 'D2.04a' as measure_code
                union all
                select 'D2.04b'
            ) as measure
        left join
            measured
            on measure.measure_code = measured.measure_code
            and listed.school_id = measured.school_id
            and listed.school_year = measured.school_year
            and measured.subject is null
        where measured.school_id is null
    )

    {{ measure_rows("every_listed", ["subject", "numerator", "denominator", "n"]) }}
