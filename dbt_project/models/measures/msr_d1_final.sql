with
    result as (select * from {{ ref("int_exam_result") }}),

    {%- for name, model in [("essay", "stg_essay"), ("interview", "stg_interview")] %}
        -- the first date is the one on which most came for the first time: a school that was
        -- earlier than the city does not move it
        {{ name }}_first as (
            select school_year, exam_date
            from
                (
                    select
                        school_year,
                        exam_date,
                        row_number() over (
                            partition by school_year order by count(*) desc, exam_date
                        ) as preference
                    from
                        (
                            select school_year, participant_pid, min(exam_date) as exam_date
                            from {{ ref(model) }}
                            group by school_year, participant_pid
                        ) as came
                    group by school_year, exam_date
                ) as day
            where preference = 1
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

    -- results of grade 9 came, and nobody of the school wrote the ГВЭ
    without_gve as (
        select *, 'gve9' as breakdown
        from
            (
                {{
                    told_of_none(
                        "D1.03e",
                        ref("stg_oge"),
                        "(select * from share where breakdown = 'gve9')",
                        "(select * from " ~ ref("int_school_open") ~ " where last_grade >= 9)",
                    )
                }}
            ) as told
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
{{ measure_rows("without_gve", ["breakdown", "numerator", "denominator"]) }}
union all
{{ measure_rows("difference", ["cal_year", "subject", "breakdown", "n", "value", "sd"]) }}
