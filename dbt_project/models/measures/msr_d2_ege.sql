with
    school_subject as (
        select *
        from {{ ref("int_exam_school_subject") }}
        where procedure = 'EGE' and level <> 'base' and n_scored > 0
    ),

    krai as (
        select cal_year, subject, level, value, {{ is_unconfirmed("confidence") }} as is_unconfirmed
        from {{ ref("int_reference_row") }}
        where measure = 'ege_mean' and territory = 'krai'
    )

select
    'D2.01c' as measure_code,
    school_subject.school_id,
    school_subject.school_year,
    school_subject.cal_year,
    'main' as season,
    school_subject.programme_grade as grade,
    school_subject.programme_grade as grade_label,
    school_subject.subject,
    'all' as breakdown,
    cast(null as double) as numerator,
    cast(null as double) as denominator,
    cast(null as double) as base_numerator,
    cast(null as double) as base_denominator,
    cast(school_subject.n_scored as bigint) as n,
    school_subject.mean_score / krai.value as value,
    school_subject.sd_score / krai.value as sd,
    cast(null as string) as value_text,
    school_subject.delivery_ids,
    coalesce(krai.is_unconfirmed, false) as has_unconfirmed
from school_subject
left join
    krai
    on school_subject.cal_year = krai.cal_year
    and school_subject.subject = krai.subject
    and school_subject.level = krai.level
