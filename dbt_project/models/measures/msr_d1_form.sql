with
    written as (
        select
            school_id,
            school_year,
            grade_label as grade,
            -- nobody knows who wrote two works, so the largest stands for the pupils
            max(n_part) as n_part,
            {{ distinct_list("delivery_id") }} as delivery_ids
        from {{ ref("stg_kdr") }}
        where work_kind in ('complex', 'functional')
        group by school_id, school_year, grade_label
    ),

    planned as (select distinct school_year, grade from written),

    pupils as (select * from {{ ref("int_school_grade") }}),

    told as (
        {{
            register_speaks_for(
                "pupils",
                "(select * from "
                ~ ref("stg_kdr")
                ~ " where work_kind in ('complex', 'functional'))",
            )
        }}
    ),

    diagnosed as (
        select
            *,
            max(case when subject is null then 1 else 0 end) over (
                partition by school_id, school_year
            )
            = 1 as has_whole
        from {{ ref("stg_diagnostic_count") }}
    ),

    share as (
        {{
            shares_of_forms(
                [
                    {
                        "measure_code": "D1.03d",
                        "form": "stg_kdr",
                        "grade": "grade_label",
                        "subject": "subject",
                        "numerator": "n3 + n4 + n5",
                        "denominator": "n_part",
                        "filter": "work_kind = 'kdr'",
                    },
                    {
                        "measure_code": "D1.03f",
                        "form": "stg_mun_test",
                        "grade": "grade_label",
                        "subject": "subject",
                        "numerator": "n_pass",
                        "denominator": "n_part",
                    },
                    {
                        "measure_code": "D1.08a",
                        "form": "stg_kdr",
                        "grade": "grade_label",
                        "numerator": "n_base + n_high",
                        "denominator": "n_part",
                        "filter": "work_kind in ('complex', 'functional')",
                    },
                    {
                        "measure_code": "D1.09a",
                        "form": "stg_diagnostic_count",
                        "grade": "grade_label",
                        "numerator": "n_diagnosed",
                        "denominator": "n_pupils",
                        "filter": "subject is null",
                    },
                    {
                        "measure_code": "D1.09c",
                        "form": "stg_diagnostic_count",
                        "grade": "grade_label",
                        "subject": "subject",
                        "numerator": "n_reached",
                        "denominator": "n_retook",
                        "filter": "subject is not null",
                    },
                    {
                        "measure_code": "D1.10d",
                        "form": "stg_kdr",
                        "grade": "grade_label",
                        "numerator": "n_base + n_high",
                        "denominator": "n_part",
                        "filter": "work_kind = 'reading'",
                    },
                ]
            )
        }}
    ),

    measured as (
        select *, false as has_unconfirmed
        from share
        union all
        -- a work that the city wrote and the school did not is a coverage of zero
        select
            'D1.08b',
            pupils.school_id,
            pupils.school_year,
            pupils.grade,
            null,
            'all',
            coalesce(written.n_part, 0),
            pupils.n_pupils,
            {{ merged_list("pupils.delivery_ids", "coalesce(written.delivery_ids, told.delivery_ids)") }},
            pupils.has_unconfirmed
        from pupils
        inner join
            planned on pupils.school_year = planned.school_year and pupils.grade = planned.grade
        inner join
            told on pupils.school_id = told.school_id and pupils.school_year = told.school_year
        left join
            written
            on pupils.school_id = written.school_id
            and pupils.school_year = written.school_year
            and pupils.grade = written.grade
        union all
        -- by subjects a pupil is counted several times, so the rows of all subjects go first
        select
            'D1.09b',
            school_id,
            school_year,
            null,
            null,
            'all',
            sum(n_route),
            sum(n_below),
            {{ distinct_list("delivery_id") }},
            false
        from diagnosed
        where has_whole = (subject is null)
        group by school_id, school_year
        union all
        select
            'D1.10a',
            pupils.school_id,
            pupils.school_year,
            null,
            null,
            'all',
            diagnosed.n_readiness,
            pupils.n_pupils,
            {{ merged_list("pupils.delivery_ids", list_of(["diagnosed.delivery_id"])) }},
            pupils.has_unconfirmed
        from pupils
        inner join
            diagnosed
            on pupils.school_id = diagnosed.school_id
            and pupils.school_year = diagnosed.school_year
        where
            pupils.grade = 1
            and diagnosed.grade_label = 1
            and diagnosed.subject is null
            and diagnosed.n_readiness is not null
    )

    {{
    measure_rows(
        "measured",
        ["grade", "subject", "breakdown", "numerator", "denominator", "has_unconfirmed"],
    )
}}
