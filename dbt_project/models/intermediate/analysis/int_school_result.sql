{#- Between-school figures (reference_sd, z) need many schools and only those with enough pupils. -#}
with
    parameter as ({{ parameters_in_force(['obj_n_min', 'obj_ref_schools']) }}),

    vpr as (
        select
            school_id,
            'VPR' as procedure,
            programme_grade,
            grade_label,
            subject,
            'none' as exam_level,
            school_year,
            cal_year,
            season,
            n_listed,
            n_part,
            n_marked,
            n2,
            n3,
            n4,
            n5,
            n2 as n_fail,
            n3 + n4 + n5 as n_basic,
            n4 + n5 as n_quality,
            n5 as n_high,
            n_scored,
            mean_score,
            sd_score,
            sum_score,
            sum_sq,
            max_score,
            n_journal,
            n_lowered,
            n_confirmed,
            n_raised,
            n_gap2,
            journal_delivery_id,
            has_unconfirmed,
            marks_delivery_ids,
            delivery_ids
        from {{ ref('int_vpr_school_paper') }}
        where n_part > 0
    ),

    -- The ЕГЭ has no marks 4 and 5, except in base maths.
    exam as (
        select
            school_id,
            procedure,
            programme_grade,
            programme_grade as grade_label,
            subject,
            level as exam_level,
            school_year,
            cal_year,
            'main' as season,
            cast(null as bigint) as n_listed,
            n_part,
            n_part as n_marked,
            n2,
            n3,
            n4,
            n5,
            n_fail,
            n_pass as n_basic,
            n4 + n5 as n_quality,
            n_high,
            n_scored,
            mean_score,
            sd_score,
            mean_score * n_scored as sum_score,
            coalesce(sd_score, 0) * coalesce(sd_score, 0) * (n_scored - 1)
            + mean_score * mean_score * n_scored as sum_sq,
            max_score,
            cast(null as bigint) as n_journal,
            cast(null as bigint) as n_lowered,
            cast(null as bigint) as n_confirmed,
            cast(null as bigint) as n_raised,
            cast(null as bigint) as n_gap2,
            cast(null as string) as journal_delivery_id,
            has_unconfirmed,
            delivery_ids as marks_delivery_ids,
            delivery_ids
        from {{ ref('int_exam_school_subject') }}
    ),

    both_kinds as (
        select *
        from vpr
        union all
        select *
        from exam
    ),

    result as (select *, 100.0 * mean_score / max_score as mean_pct_max from both_kinds),

    -- The same school does not write one paper in both seasons, so a window is year and season.
    register_reference as (
        select
            procedure,
            programme_grade,
            subject,
            exam_level,
            cal_year,
            season,
            count(*) as n_schools,
            avg(mean_score) as mean_score,
            stddev_samp(mean_score) as sd_between
        from result
        inner join parameter on {{ of_year("result.school_year") }}
        where n_part >= obj_n_min and mean_score is not null
        group by procedure, programme_grade, subject, exam_level, cal_year, season
    ),

    register_pupils as (
        select
            procedure,
            programme_grade,
            subject,
            exam_level,
            cal_year,
            season,
            min(school_year) as school_year,
            sum(sum_score) / sum(n_scored) as mean_score,
            sqrt(
                greatest(0, sum(sum_sq) / sum(n_scored) - power(sum(sum_score) / sum(n_scored), 2))
            ) as sd_score
        from result
        where sum_score is not null and sum_sq is not null
        group by procedure, programme_grade, subject, exam_level, cal_year, season
    ),

    krai as (
        select
            cal_year,
            season,
            programme_grade,
            subject,
            sum(primary_score * pct) / sum(pct) as mean_score,
            sqrt(
                greatest(
                    0,
                    sum(primary_score * primary_score * pct) / sum(pct)
                    - power(sum(primary_score * pct) / sum(pct), 2)
                )
            ) as sd_score
        from {{ ref('stg_vpr_score_distribution') }}
        where unit_level = 'region'
        group by cal_year, season, programme_grade, subject
        having sum(pct) > 0
    ),

    reference as (
        select
            p.procedure,
            p.programme_grade,
            p.subject,
            p.exam_level,
            p.cal_year,
            p.season,
            case
                when krai.mean_score is not null
                then 'krai'
                when r.n_schools >= obj_ref_schools
                then 'register'
            end as reference_basis,
            case
                when krai.mean_score is not null
                then krai.mean_score
                when r.n_schools >= obj_ref_schools
                then r.mean_score
            end as reference_mean_score,
            case
                when krai.sd_score is not null
                then krai.sd_score
                when r.n_schools >= obj_ref_schools
                then p.sd_score
            end as reference_sd_score,
            case when r.n_schools >= obj_ref_schools then r.sd_between end as reference_sd_between,
            r.n_schools as reference_schools
        from register_pupils as p
        inner join parameter on {{ of_year("p.school_year") }}
        left join
            register_reference as r
            on p.procedure = r.procedure
            and p.programme_grade = r.programme_grade
            and p.subject = r.subject
            and p.exam_level = r.exam_level
            and p.cal_year = r.cal_year
            and p.season = r.season
        left join
            krai
            on p.procedure = 'VPR'
            and p.programme_grade = krai.programme_grade
            and p.subject = krai.subject
            and p.cal_year = krai.cal_year
            and p.season = krai.season
    )

select
    school.municipality_id,
    school.school_kind,
    result.*,
    reference.reference_basis,
    reference.reference_schools,
    reference.reference_mean_score,
    reference.reference_sd_score,
    reference.reference_sd_between,
    case
        when result.n_part >= obj_n_min and reference.reference_sd_between > 0
        then (result.mean_score - reference.reference_mean_score) / reference.reference_sd_between
    end as z_score,
    exists (
        select 1
        from {{ ref('int_bias_mark') }} as mark
        where
            mark.school_id = result.school_id
            and mark.list_year = result.cal_year
            and mark.mark > 0
            and (mark.subject is null or mark.subject = result.subject)
            and (mark.programme_grade is null or mark.programme_grade = result.programme_grade)
    ) as is_biased
from result
inner join parameter on {{ of_year("result.school_year") }}
inner join {{ ref('stg_school') }} as school on result.school_id = school.school_id
left join
    reference
    on result.procedure = reference.procedure
    and result.programme_grade = reference.programme_grade
    and result.subject = reference.subject
    and result.exam_level = reference.exam_level
    and result.cal_year = reference.cal_year
    and result.season = reference.season
