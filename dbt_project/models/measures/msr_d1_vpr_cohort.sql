with
    -- a school that wrote a paper in both seasons of a year counts with the larger one
    paper as (
        select
            *,
            row_number() over (
                partition by school_id, cal_year, programme_grade, subject
                order by n_marked desc, season
            ) as preference
        from {{ ref("int_vpr_school_paper") }}
        where programme_grade in (4, 5) and subject in ('RU', 'MA') and n_marked > 0
    ),

    -- the children who finished programme 4 in one year finish programme 5 in the next,
    -- also when the papers were moved to the autumn after it
    cohort as (
        select
            after.school_id,
            after.school_year,
            after.cal_year,
            after.season,
            after.grade_label,
            after.subject,
            after.n2 as numerator,
            after.n_marked as denominator,
            before.n2 as base_numerator,
            before.n_marked as base_denominator,
            after.has_unconfirmed or before.has_unconfirmed as has_unconfirmed,
            {{ merged_list("after.marks_delivery_ids", "before.marks_delivery_ids") }}
            as delivery_ids
        from paper as after
        inner join
            paper as before
            on after.school_id = before.school_id
            and after.subject = before.subject
            and after.cal_year = before.cal_year + 1
            and before.programme_grade = 4
            and before.preference = 1
        where after.programme_grade = 5 and after.preference = 1
    )

select
    'D1.10b' as measure_code,
    school_id,
    school_year,
    cal_year,
    season,
    5 as grade,
    grade_label,
    subject,
    'all' as breakdown,
    cast(numerator as double) as numerator,
    cast(denominator as double) as denominator,
    cast(base_numerator as double) as base_numerator,
    cast(base_denominator as double) as base_denominator,
    cast(least(denominator, base_denominator) as bigint) as n,
    cast(null as double) as value,
    cast(null as double) as sd,
    cast(null as string) as value_text,
    delivery_ids,
    has_unconfirmed
from cohort
