with
    result as (
        select
            *,
            -- base mathematics is a subject of its own: other scale, other people
            case when level = 'base' then subject || '_base' else subject end as exam_subject,
            coalesce(test_score, mark) as points
        from {{ ref("int_exam_result") }}
    ),

    threshold as (
        select *, {{ is_unconfirmed("confidence") }} as is_unconfirmed
        from {{ ref("exam_threshold") }}
        where procedure = 'EGE' and value is not null
    ),

    passed as (
        select
            'D1.03c' as measure_code,
            result.school_id,
            result.school_year,
            result.cal_year,
            result.programme_grade,
            result.exam_subject,
            threshold.kind as breakdown,
            count(*) filter (where result.points >= threshold.value) as numerator,
            count(*) as denominator,
            count(*) as n,
            bool_or(threshold.is_unconfirmed) as has_unconfirmed,
            {{ union_of_lists("result.delivery_ids") }} as delivery_ids
        from result
        inner join
            threshold
            on result.cal_year = threshold.cal_year
            and {{ subject_group("result.subject") }} = {{ subject_group("threshold.subject") }}
            and result.level = threshold.level
        where result.procedure = 'EGE' and result.points is not null
        group by
            result.school_id,
            result.school_year,
            result.cal_year,
            result.programme_grade,
            result.exam_subject,
            threshold.kind
    ),

    by_subject as (
        select
            procedure,
            school_id,
            school_year,
            cal_year,
            programme_grade,
            exam_subject,
            count(mark) filter (where mark >= 3) as n_basic,
            count(mark) filter (where mark = 5) as n_mark5,
            nullif(count(mark), 0) as n_marked,
            count(test_score) filter (where test_score >= 81) as n_high,
            nullif(count(test_score), 0) as n_tested,
            count(*) as n_part,
            bool_or(has_unconfirmed) as has_unconfirmed,
            {{ union_of_lists("delivery_ids") }} as delivery_ids
        from result
        group by procedure, school_id, school_year, cal_year, programme_grade, exam_subject
    ),

    ranked_score as (
        select
            *,
            row_number() over (
                partition by cal_year, participant_pid order by test_score desc, subject
            ) as place,
            count(*) over (partition by cal_year, participant_pid) as n_subjects
        from result
        where procedure = 'EGE' and test_score is not null
    ),

    three_best as (
        select
            cal_year,
            participant_pid,
            min(school_year) as school_year,
            min(programme_grade) as programme_grade,
            max(school_id) filter (where place = 1) as school_id,
            sum(test_score) filter (where place <= 3) as total,
            {{ union_of_lists("delivery_ids") }} as delivery_ids
        from ranked_score
        where n_subjects >= 3
        group by cal_year, participant_pid
    ),

    sums as (
        select
            'D1.07e' as measure_code,
            school_id,
            school_year,
            cal_year,
            programme_grade,
            cast(null as string) as exam_subject,
            'all' as breakdown,
            count(*) filter (where total >= 220) as numerator,
            count(*) as denominator,
            count(*) as n,
            false as has_unconfirmed,
            {{ union_of_lists("delivery_ids") }} as delivery_ids
        from three_best
        group by school_id, school_year, cal_year, programme_grade
    ),

    measured as (
        select *
        from passed
        union all
        select
            'D1.03b',
            school_id,
            school_year,
            cal_year,
            programme_grade,
            exam_subject,
            'all',
            case when n_marked > 0 then n_basic end,
            n_marked,
            coalesce(n_marked, n_part),
            has_unconfirmed,
            delivery_ids
        from by_subject
        where procedure = 'OGE'
        union all
        select
            'D1.07c',
            school_id,
            school_year,
            cal_year,
            programme_grade,
            exam_subject,
            'all',
            case when n_marked > 0 then n_mark5 end,
            n_marked,
            coalesce(n_marked, n_part),
            has_unconfirmed,
            delivery_ids
        from by_subject
        where procedure = 'OGE'
        union all
        select
            'D1.07d',
            school_id,
            school_year,
            cal_year,
            programme_grade,
            exam_subject,
            'all',
            n_high,
            n_tested,
            n_tested as n,
            false,
            delivery_ids
        from by_subject
        where procedure = 'EGE' and n_tested > 0
        union all
        select *
        from sums
    )

select
    measure_code,
    school_id,
    school_year,
    cal_year,
    'main' as season,
    programme_grade as grade,
    programme_grade as grade_label,
    exam_subject as subject,
    breakdown,
    cast(numerator as double) as numerator,
    cast(denominator as double) as denominator,
    cast(null as double) as base_numerator,
    cast(null as double) as base_denominator,
    cast(n as bigint) as n,
    cast(null as double) as value,
    cast(null as double) as sd,
    cast(null as string) as value_text,
    delivery_ids,
    has_unconfirmed
from measured
