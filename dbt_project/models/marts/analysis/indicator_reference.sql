{#- Deliveries of the common yardstick. D1.10c and D5.01d measure a school against all schools of the
    register (mean, spread, histogram), D2.06a, D2.01f, D6.08a and D6.09a against all schools of the
    municipality, so their figures rest also on deliveries of other schools.
    Once for each paper, not in each school's list: at a region's size that would be the square of
    the number of schools. -#}
{%- set paper = ['school_year', 'cal_year', 'season', 'programme_grade', 'subject'] -%}
with
    result as (select * from {{ ref('int_school_result') }}),

    -- everything that a paper's mean, spread, histogram and tasks come from
    paper_source as (
        select {{ paper | join(', ') }}, delivery_ids
        from result
        where procedure = 'VPR'
        union all
        select {{ paper | join(', ') }}, delivery_ids
        from {{ ref('int_task_performance') }}
        where level = 'register' and mark_group = 'all'
        union all
        select {{ paper | join(', ') }}, {{ distinct_list('delivery_id') }}
        from {{ ref('stg_vpr_score_distribution') }}
        where unit_level = 'region'
        group by {{ paper | join(', ') }}
    ),

    vpr as (
        select {{ paper | join(', ') }}, {{ union_of_lists('delivery_ids') }} as delivery_ids
        from paper_source
        group by {{ paper | join(', ') }}
    ),

    exam as (
        select
            procedure,
            school_year,
            cal_year,
            season,
            programme_grade,
            subject,
            {{ union_of_lists('delivery_ids') }} as delivery_ids
        from result
        where procedure in ('EGE', 'OGE')
        group by procedure, school_year, cal_year, season, programme_grade, subject
    ),

    piece as (
        select 'D5.01d' as measure_code, {{ paper | join(', ') }}, delivery_ids
        from vpr
        union all
        -- OBJ3 and OBJ4: a high result is or is not confirmed by the exams of the years around it
        select 'D5.01d', {% for c in paper %} vpr.{{ c }}, {% endfor %} exam.delivery_ids
        from vpr
        inner join
            exam
            on vpr.subject = exam.subject
            and exam.cal_year between vpr.cal_year - 1 and vpr.cal_year + 1
        union all
        select 'D1.10c', {{ paper | join(', ') }}, delivery_ids
        from exam
        where procedure = 'OGE'
        union all
        select 'D1.10c', {% for c in paper %} exam.{{ c }}, {% endfor %} vpr.delivery_ids
        from exam
        inner join vpr on exam.subject = vpr.subject and exam.cal_year - 1 = vpr.cal_year
        where exam.procedure = 'OGE' and vpr.programme_grade = 8
    )

select
    measure_code,
    school_year,
    cal_year,
    season,
    programme_grade as grade,
    subject,
    {{ union_of_lists('delivery_ids') }} as delivery_ids
from piece
group by measure_code, {{ paper | join(', ') }}
union all
-- the total of the school year; OBJ2 is tested over all papers of a year together
select measure_code, school_year, null, null, null, null, {{ union_of_lists('delivery_ids') }}
from piece
group by measure_code, school_year
union all
select
    measure.measure_code,
    context.school_year,
    null,
    null,
    null,
    null,
    {{ union_of_lists('context.delivery_ids') }}
from {{ ref('int_context_index') }} as context
cross join
    (
        select 'D2.06a' as measure_code
        union all
        select 'D2.01f'
    ) as measure
group by measure.measure_code, context.school_year
union all
select measure_code, school_year, null, null, null, null, {{ union_of_lists('delivery_ids') }}
from {{ ref('msr_d6_expected') }}
group by measure_code, school_year
