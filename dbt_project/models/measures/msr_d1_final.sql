with
    leaver as (select * from {{ ref("stg_leaver") }}),

    listed as (
        select school_id, school_year, {{ distinct_list("delivery_id") }} as delivery_ids
        from leaver
        group by school_id, school_year
    ),

    result as (select * from {{ ref("int_exam_result") }}),

    examined as (
        select school_id, school_year, {{ union_of_lists("delivery_ids") }} as delivery_ids
        from result
        where procedure = 'EGE'
        group by school_id, school_year
    ),

    parameter as ({{ parameters_by_year(ref("stg_leaver"), ["honours_score_min"]) }}),

    honours as (
        select
            leaver.school_id,
            leaver.school_year,
            leaver.person_pid,
            min(result.test_score) as lowest_score
        from leaver
        inner join
            {{ ref("int_pupil_exam_link") }} as link
            on leaver.school_id = link.school_id
            and leaver.school_year = link.school_year
            and leaver.person_pid = link.person_pid
            and link.procedure = 'EGE'
        inner join
            result
            on link.procedure = result.procedure
            and link.school_id = result.school_id
            and link.school_year = result.school_year
            and link.participant_pid = result.participant_pid
        where
            leaver.grade_label = 11
            and leaver.certificate = 'honours'
            and result.test_score is not null
            and result.subject in ('RU', 'MA')
        group by leaver.school_id, leaver.school_year, leaver.person_pid
    ),

    confirmed as (
        select
            honours.school_id,
            honours.school_year,
            count(*) filter (where honours.lowest_score < parameter.honours_score_min) as n_below,
            count(*) as n_honours
        from honours
        inner join parameter on honours.school_year = parameter.school_year
        group by honours.school_id, honours.school_year
    ),

    {%- for name, model in [("essay", "stg_essay"), ("interview", "stg_interview")] %}
        {{ name }}_first as (
            select school_year, min(exam_date) as exam_date
            from {{ ref(model) }}
            group by school_year
        ),

        {{ name }} as (
            select
                attempt.school_id,
                attempt.school_year,
                count(*) filter (where attempt.passed) as n_passed,
                count(*) as n_part,
                {{ distinct_list("attempt.delivery_id") }} as delivery_ids
            from {{ ref(model) }} as attempt
            inner join
                {{ name }}_first as first_day
                on attempt.school_year = first_day.school_year
                and attempt.exam_date = first_day.exam_date
            where attempt.school_id is not null
            group by attempt.school_id, attempt.school_year
        ),
    {%- endfor %}

    share as (
        select
            'D1.03e' as measure_code,
            school_id,
            school_year,
            cal_year,
            'main' as season,
            case procedure when 'GVE9' then 9 else 11 end as grade,
            subject,
            lower(procedure) as breakdown,
            count(*) filter (where mark >= 3) as numerator,
            count(*) as denominator,
            {{ union_of_lists("delivery_ids") }} as delivery_ids
        from result
        where procedure in ('GVE9', 'GVE11') and mark is not null
        group by school_id, school_year, cal_year, procedure, subject
        union all
        -- without the list of leavers or the exams of a school nobody knows its honours
        select
            'D1.07f',
            listed.school_id,
            listed.school_year,
            null,
            null,
            null,
            null,
            'all',
            coalesce(confirmed.n_below, 0),
            coalesce(confirmed.n_honours, 0),
            {{ merged_list("listed.delivery_ids", "examined.delivery_ids") }}
        from listed
        inner join
            examined
            on listed.school_id = examined.school_id
            and listed.school_year = examined.school_year
        left join
            confirmed
            on listed.school_id = confirmed.school_id
            and listed.school_year = confirmed.school_year
        {%- for measure, name in [("D1.13b", "essay"), ("D1.13c", "interview")] %}
            union all
            select
                '{{ measure }}',
                school_id,
                school_year,
                null,
                null,
                null,
                null,
                'all',
                n_passed,
                n_part,
                delivery_ids
            from {{ name }}
        {%- endfor %}
    ),

    difference as (
        select
            'D1.13d' as measure_code,
            school_id,
            {{ list_school_year("cal_year") }} as school_year,
            cal_year,
            subject,
            study as breakdown,
            sum(n_part) as n,
            sum(n_part * (mean_pct - rf_mean)) / nullif(sum(n_part), 0) as value,
            -- samples of two grades are two spreads
            case when count(*) = 1 then max(sd_pct) end as sd,
            {{ distinct_list("delivery_id") }} as delivery_ids
        from {{ ref("stg_niko") }}
        where school_id is not null
        group by school_id, cal_year, subject, study
    )

    {{
    measure_rows(
        "share",
        ["cal_year", "season", "grade", "subject", "breakdown", "numerator", "denominator"],
    )
}}
union all
{{ measure_rows("difference", ["cal_year", "subject", "breakdown", "n", "value", "sd"]) }}
