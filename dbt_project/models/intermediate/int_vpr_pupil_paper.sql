with
    pupil as (select * from {{ ref("stg_vpr_pupil") }}),

    scale as (select * from {{ ref("int_vpr_scale") }}),

    precedence as (
        select delivery_id, max(precedence) as precedence
        from {{ ref("stg_delivery_part") }}
        where table_name = 'vpr_pupil'
        group by delivery_id
    ),

    marked as (
        select
            pupil.school_id,
            pupil.cal_year,
            pupil.season,
            pupil.programme_grade,
            pupil.subject,
            pupil.delivery_id,
            pupil.school_year,
            pupil.grade_label,
            pupil.is_present,
            pupil.primary_score,
            pupil.journal_mark,
            scale.max_score,
            scale.is_confirmed as scale_confirmed,
            pupil.mark is null as is_from_scale,
            case
                when not pupil.is_present
                then null
                when pupil.mark is not null
                then pupil.mark
                when pupil.primary_score >= scale.cut5
                then 5
                when pupil.primary_score >= scale.cut4
                then 4
                when pupil.primary_score >= scale.cut3
                then 3
                when pupil.primary_score < scale.cut3
                then 2
            end as mark
        from pupil
        left join
            scale
            on pupil.cal_year = scale.cal_year
            and pupil.season = scale.season
            and pupil.programme_grade = scale.programme_grade
            and pupil.subject = scale.subject
    ),

    by_delivery as (
        select
            school_id,
            cal_year,
            season,
            programme_grade,
            subject,
            delivery_id,
            min(school_year) as school_year,
            min(grade_label) as grade_label,
            count(*) as n_listed,
            count(*) filter (where is_present) as n_part,
            count(*) filter (where mark = 2) as n2,
            count(*) filter (where mark = 3) as n3,
            count(*) filter (where mark = 4) as n4,
            count(*) filter (where mark = 5) as n5,
            count(mark) as n_marked,
            count(*) filter (where mark is not null and is_from_scale) as n_from_scale,
            min(max_score) as max_score,
            bool_and(scale_confirmed) as scale_confirmed,
            count(primary_score) filter (where is_present) as n_scored,
            cast(sum(primary_score) filter (where is_present) as bigint) as sum_score,
            cast(sum(primary_score * primary_score) filter (where is_present) as bigint) as sum_sq,
            count(*) filter (where mark is not null and journal_mark is not null) as n_journal,
            count(*) filter (where mark < journal_mark) as n_lowered,
            count(*) filter (where mark = journal_mark) as n_confirmed,
            count(*) filter (where mark > journal_mark) as n_raised,
            count(*) filter (where abs(mark - journal_mark) >= 2) as n_gap2
        from marked
        where school_id is not null
        group by school_id, cal_year, season, programme_grade, subject, delivery_id
    ),

    ranked as (
        select
            by_delivery.*,
            row_number() over (
                partition by school_id, cal_year, season, programme_grade, subject
                order by precedence.precedence desc nulls last, by_delivery.delivery_id
            ) as preference
        from by_delivery
        left join precedence on by_delivery.delivery_id = precedence.delivery_id
    )

select
    school_id,
    cal_year,
    season,
    programme_grade,
    subject,
    delivery_id,
    school_year,
    grade_label,
    n_listed,
    n_part,
    n2,
    n3,
    n4,
    n5,
    n_marked,
    n_from_scale,
    max_score,
    scale_confirmed,
    n_scored,
    sum_score,
    sum_sq,
    n_journal,
    n_lowered,
    n_confirmed,
    n_raised,
    n_gap2
from ranked
where preference = 1
