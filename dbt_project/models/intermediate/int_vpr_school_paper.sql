{%- set paper = ["school_id", "cal_year", "season", "programme_grade", "subject"] -%}
with
    pupil as (select * from {{ ref("int_vpr_pupil_paper") }}),

    scale as (select * from {{ ref("int_vpr_scale") }}),

    task as (
        select delivery_id, cal_year, season, programme_grade, subject, sum(max_score) as max_score
        from {{ ref("stg_vpr_paper_task") }}
        group by delivery_id, cal_year, season, programme_grade, subject, part_no
        having count(max_score) = count(*)
    ),

    task_total as (
        select delivery_id, cal_year, season, programme_grade, subject, max(max_score) as max_score
        from task
        group by delivery_id, cal_year, season, programme_grade, subject
    ),

    precedence as (select * from {{ ref("stg_delivery_part") }}),

    marks_ranked as (
        select
            marks.*,
            row_number() over (
                partition by marks.{{ paper | join(", marks.") }}
                order by precedence.precedence desc nulls last, marks.delivery_id
            ) as preference,
            cast(round(marks.pct_2 * marks.n_part / 100) as bigint) as n2,
            cast(round(marks.pct_3 * marks.n_part / 100) as bigint) as n3,
            cast(round(marks.pct_4 * marks.n_part / 100) as bigint) as n4,
            cast(round(marks.pct_5 * marks.n_part / 100) as bigint) as n5
        from {{ ref("stg_vpr_marks") }} as marks
        left join
            precedence
            on precedence.table_name = 'vpr_marks'
            and marks.delivery_id = precedence.delivery_id
            and marks.part_no = precedence.part_no
        where marks.unit_level = 'school' and marks.school_id is not null
    ),

    marks as (
        select *, n2 + n3 + n4 + n5 = n_part as is_consistent from marks_ranked where preference = 1
    ),

    journal_ranked as (
        select
            journal.*,
            row_number() over (
                partition by journal.{{ paper | join(", journal.") }}
                order by precedence.precedence desc nulls last, journal.delivery_id
            ) as preference
        from {{ ref("stg_vpr_journal") }} as journal
        left join
            precedence
            on precedence.table_name = 'vpr_journal'
            and journal.delivery_id = precedence.delivery_id
            and journal.part_no = precedence.part_no
        where journal.unit_level = 'school' and journal.school_id is not null
    ),

    journal as (select * from journal_ranked where preference = 1),

    distribution as (
        select
            {{ paper | join(", ") }},
            min(delivery_id) as delivery_id,
            min(school_year) as school_year,
            min(grade_label) as grade_label,
            cast(sum(n) as bigint) as n_part,
            cast(sum(n * primary_score) as bigint) as sum_score,
            cast(sum(n * primary_score * primary_score) as bigint) as sum_sq
        from {{ ref("int_vpr_score_histogram") }}
        where source = 'distribution'
        group by {{ paper | join(", ") }}
    ),

    paper_key as (
        select {{ paper | join(", ") }}
        from pupil
        union
        select {{ paper | join(", ") }}
        from marks
        union
        select {{ paper | join(", ") }}
        from distribution
    ),

    chosen as (
        select
            paper_key.*,
            coalesce(pupil.school_year, marks.school_year, distribution.school_year) as school_year,
            coalesce(pupil.grade_label, marks.grade_label, distribution.grade_label) as grade_label,
            pupil.n_listed,
            pupil.n_scored as pupil_scored,
            coalesce(pupil.n_part, marks.n_part, distribution.n_part) as n_part,
            coalesce(pupil.n_marked, 0) > 0 as has_pupil_marks,
            coalesce(pupil.n_marked, 0) = 0
            and coalesce(marks.is_consistent, false) as has_report_marks,
            pupil.n2 as pupil_n2,
            pupil.n3 as pupil_n3,
            pupil.n4 as pupil_n4,
            pupil.n5 as pupil_n5,
            marks.n2 as report_n2,
            marks.n3 as report_n3,
            marks.n4 as report_n4,
            marks.n5 as report_n5,
            pupil.n_from_scale,
            scale.is_confirmed as scale_confirmed,
            coalesce(scale.max_score, task_total.max_score) as max_score,
            coalesce(nullif(pupil.n_scored, 0), distribution.n_part) as n_scored,
            case
                when pupil.n_scored > 0 then pupil.sum_score else distribution.sum_score
            end as sum_score,
            case when pupil.n_scored > 0 then pupil.sum_sq else distribution.sum_sq end as sum_sq,
            coalesce(nullif(pupil.n_journal, 0), journal.n_compared) as n_journal,
            case
                when pupil.n_journal > 0 then pupil.n_lowered else journal.n_lowered
            end as n_lowered,
            case
                when pupil.n_journal > 0 then pupil.n_confirmed else journal.n_confirmed
            end as n_confirmed,
            case when pupil.n_journal > 0 then pupil.n_raised else journal.n_raised end as n_raised,
            case when pupil.n_journal > 0 then pupil.n_gap2 end as n_gap2,
            pupil.delivery_id as pupil_delivery_id,
            marks.delivery_id as marks_delivery_id,
            distribution.delivery_id as distribution_delivery_id,
            case
                when coalesce(pupil.n_journal, 0) = 0 then journal.delivery_id
            end as journal_delivery_id
        from paper_key
        left join pupil using ({{ paper | join(", ") }})
        left join marks using ({{ paper | join(", ") }})
        left join distribution using ({{ paper | join(", ") }})
        left join journal using ({{ paper | join(", ") }})
        left join scale using (cal_year, season, programme_grade, subject)
        left join
            task_total
            on pupil.delivery_id = task_total.delivery_id
            and paper_key.cal_year = task_total.cal_year
            and paper_key.season = task_total.season
            and paper_key.programme_grade = task_total.programme_grade
            and paper_key.subject = task_total.subject
    ),

    marked as (
        select
            *,
            case when has_pupil_marks then pupil_n2 when has_report_marks then report_n2 end as n2,
            case when has_pupil_marks then pupil_n3 when has_report_marks then report_n3 end as n3,
            case when has_pupil_marks then pupil_n4 when has_report_marks then report_n4 end as n4,
            case when has_pupil_marks then pupil_n5 when has_report_marks then report_n5 end as n5,
            case
                when has_pupil_marks
                then case when n_from_scale > 0 then 'scale' else 'pupil' end
                when has_report_marks
                then 'f3'
            end as marks_source
        from chosen
    )

select
    school_id,
    school_year,
    cal_year,
    season,
    programme_grade,
    grade_label,
    subject,
    n_listed,
    n_part,
    n2 + n3 + n4 + n5 as n_marked,
    n2,
    n3,
    n4,
    n5,
    marks_source,
    coalesce(marks_source = 'scale' and not scale_confirmed, false) as has_unconfirmed,
    scale_confirmed,
    n_scored,
    sum_score / nullif(n_scored, 0) as mean_score,
    case
        when n_scored > 1
        then sqrt(greatest(sum_sq - sum_score * (sum_score / n_scored), 0) / (n_scored - 1))
    end as sd_score,
    max_score,
    sum_score,
    sum_sq,
    n_journal,
    n_lowered,
    n_confirmed,
    n_raised,
    n_gap2,
    n_part / nullif(n_listed, 0) as participation,
    pupil_delivery_id,
    journal_delivery_id,
    case
        when has_report_marks or pupil_delivery_id is null then marks_delivery_id
    end as marks_delivery_id,
    -- what the marks rest on: one delivery, of pupil rows or of the report
    {{ list_of(
        [
            "case when marks_source = 'f3' then marks_delivery_id"
            ~ " else coalesce(pupil_delivery_id, marks_delivery_id, distribution_delivery_id) end"
        ]
    ) }} as marks_delivery_ids,
    {{ list_of(
        [
            "pupil_delivery_id",
            "case when has_report_marks or pupil_delivery_id is null then marks_delivery_id end",
            "case when coalesce(pupil_scored, 0) = 0 then distribution_delivery_id end",
        ]
    ) }} as delivery_ids
from marked
