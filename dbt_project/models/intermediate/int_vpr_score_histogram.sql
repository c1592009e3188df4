with
    pupil as (select * from {{ ref("stg_vpr_pupil") }}),

    pupil_paper as (select * from {{ ref("int_vpr_pupil_paper") }}),

    distribution as (
        select *
        from {{ ref("stg_vpr_score_distribution") }}
        where unit_level = 'school' and school_id is not null
    ),

    precedence as (
        select delivery_id, max(precedence) as precedence
        from {{ ref("stg_delivery_part") }}
        where table_name = 'vpr_score_distribution'
        group by delivery_id
    ),

    from_pupils as (
        select
            pupil_paper.school_id,
            pupil_paper.cal_year,
            pupil_paper.season,
            pupil_paper.programme_grade,
            pupil_paper.subject,
            pupil.primary_score,
            count(*) as n,
            'pupil' as source,
            pupil_paper.delivery_id,
            min(pupil_paper.school_year) as school_year,
            min(pupil_paper.grade_label) as grade_label
        from pupil_paper
        inner join
            pupil
            on pupil_paper.school_id = pupil.school_id
            and pupil_paper.cal_year = pupil.cal_year
            and pupil_paper.season = pupil.season
            and pupil_paper.programme_grade = pupil.programme_grade
            and pupil_paper.subject = pupil.subject
            and pupil_paper.delivery_id = pupil.delivery_id
        where pupil.is_present and pupil.primary_score is not null
        group by
            pupil_paper.school_id,
            pupil_paper.cal_year,
            pupil_paper.season,
            pupil_paper.programme_grade,
            pupil_paper.subject,
            pupil.primary_score,
            pupil_paper.delivery_id
    ),

    -- percents with two decimals give counts back exactly below 10,000 participants
    from_report as (
        select
            distribution.*,
            cast(round(distribution.pct * distribution.n_part / 100) as bigint) as n,
            dense_rank() over (
                partition by
                    distribution.school_id,
                    distribution.cal_year,
                    distribution.season,
                    distribution.programme_grade,
                    distribution.subject
                order by precedence.precedence desc nulls last, distribution.delivery_id
            ) as preference
        from distribution
        left join precedence on distribution.delivery_id = precedence.delivery_id
        left join
            pupil_paper
            on distribution.school_id = pupil_paper.school_id
            and distribution.cal_year = pupil_paper.cal_year
            and distribution.season = pupil_paper.season
            and distribution.programme_grade = pupil_paper.programme_grade
            and distribution.subject = pupil_paper.subject
        where coalesce(pupil_paper.n_scored, 0) = 0
    ),

    checked as (
        select
            *,
            sum(n) over (
                partition by school_id, cal_year, season, programme_grade, subject
            ) as n_total
        from from_report
        where preference = 1
    )

select
    school_id,
    cal_year,
    season,
    programme_grade,
    subject,
    primary_score,
    n,
    source,
    delivery_id,
    school_year,
    grade_label
from from_pupils
union all
select
    school_id,
    cal_year,
    season,
    programme_grade,
    subject,
    primary_score,
    n,
    'distribution' as source,
    delivery_id,
    school_year,
    grade_label
from checked
where n_total = n_part and n > 0
