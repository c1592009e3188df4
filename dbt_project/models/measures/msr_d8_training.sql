{%- set recent_course = in_last_three_years("act.finished_on", "year.school_year") -%}
{%- set levels = ["school", "municipal", "region", "russia", "world"] -%}
with
    {{ staff_acts("diagnosed", [{
        "form": "stg_teacher_diag",
        "window": in_last_three_years("act.diagnosed_on", "year.school_year"),
        "columns": {
            "is_teacher": "act.diagnosed_role = 'teacher'",
            "subject": "act.subject",
            "plan_on": "act.plan_on",
        },
    }]) }},

    {{ staff_acts("trained", [{
        "form": "stg_cpd",
        "window": recent_course,
        "columns": {"is_long": "act.hours >= year.cpd_hours_min"},
    }], ["cpd_hours_min"]) }},

    {{ staff_acts("competed", [{
        "form": "stg_contest",
        "window": "act.school_year = year.school_year",
        "columns": {"contest_level": "case when act.participant_role = 'teacher' then act.contest_level end"},
    }]) }},

    of_staff as (
        {%- set shares = [
            {"measure_code": "D8.01a", "acts": "diagnosed", "done": "act.is_teacher"},
            {
                "measure_code": "D8.01a",
                "acts": "diagnosed",
                "done": "act.is_teacher and act.subject = staff.subject",
                "subject": true,
            },
            {
                "measure_code": "D8.01b",
                "acts": "diagnosed",
                "among": "act.is_teacher",
                "done": "act.plan_on is not null",
            },
            {"measure_code": "D8.01d", "acts": "trained", "done": "act.is_long"},
            {"measure_code": "D8.03a", "acts": "competed", "done": "act.contest_level is not null"},
        ] %}
        {%- for level in levels %}
            {%- do shares.append({
                "measure_code": "D8.03a",
                "acts": "competed",
                "done": "act.contest_level = '" ~ level ~ "'",
                "breakdown": level,
            }) %}
        {%- endfor %}
        {%- for share in shares %}
            {%- do share.update({"persons": "staff.is_teacher"}) %}
        {%- endfor %}
        {{ staff_shares(shares) }}
    ),

    -- courses of teachers who had been diagnosed, finished within the school year
    course as (
        select
            {{ school_year_on("course.finished_on") }} as school_year,
            course.person_pid,
            course.programme_id,
            course.finished_on,
            course.school_id,
            bool_or(coalesce(course.deficit_code = known.deficit_code, false)) as answers_deficit,
            {{ distinct_list("course.delivery_id") }} as course_delivery_ids,
            {{ distinct_list("known.delivery_id") }} as delivery_ids
        from {{ ref("stg_cpd") }} as course
        inner join
            {{ ref("stg_teacher_diag") }} as known
            on course.person_pid = known.person_pid
            and course.finished_on >= known.diagnosed_on
            and known.diagnosed_role = 'teacher'
        group by course.person_pid, course.programme_id, course.finished_on, course.school_id
    ),

    teachers as (
        select
            school_id,
            school_year,
            count(*) as n_teachers,
            {{ union_of_lists("delivery_ids") }} as delivery_ids
        from {{ ref("int_staff_person") }}
        where is_teacher
        group by school_id, school_year
    ),

    wave as (
        select
            *, row_number() over (partition by school_id, school_year order by wave desc) as recency
        from {{ ref("stg_burnout") }}
    ),

    measured as (
        select
            measure_code,
            school_id,
            school_year,
            subject,
            breakdown,
            numerator,
            denominator,
            delivery_ids
        from of_staff
        union all
        select
            'D8.01c',
            null,
            school_year,
            null,
            'all',
            count(*) filter (where answers_deficit),
            count(*),
            {{ merged_list(union_of_lists("course_delivery_ids"), union_of_lists("delivery_ids")) }}
        from course
        where finished_on >= {{ snapshot_day("school_year") }}
        group by school_year
        union all
        select
            'D8.01e',
            null,
            school_year,
            null,
            'all',
            count(distinct case when checklist_passed then programme_id end),
            count(distinct programme_id),
            {{ distinct_list("delivery_id") }}
        from {{ ref("stg_cpd_programme") }}
        group by school_year
        union all
        select
            'D8.02a',
            wave.school_id,
            wave.school_year,
            null,
            'all',
            wave.n_respondents,
            teachers.n_teachers,
            {{ merged_list("teachers.delivery_ids", list_of(["wave.delivery_id"])) }}
        from wave
        inner join
            teachers
            on wave.school_id = teachers.school_id
            and wave.school_year = teachers.school_year
        where wave.recency = 1
        union all
        select
            'D8.02b',
            school_id,
            school_year,
            null,
            'all',
            n_high,
            n_respondents,
            {{ list_of(["delivery_id"]) }}
        from wave
        where recency = 1 and n_respondents > 0
    )

    {{ measure_rows("measured", ["subject", "breakdown", "numerator", "denominator"]) }}
