with
    attempt as (
        select *, {{ attempt_place() }} as place
        from {{ ref("int_exam_attempt") }}
        where
            is_present
            and (result is not null or primary_score is not null)
            -- schools are compared by the main period of ЕГЭ with its reserve days
            and (
                procedure = 'OGE'
                or (procedure = 'EGE' and coalesce(season, 'main') not in ('early', 'september'))
            )
    ),

    result as (
        select
            *,
            result as points,
            case when procedure = 'EGE' and level <> 'base' then null else result end as mark
        from attempt
        where place = 1
    ),

    threshold as (
        select
            cal_year,
            subject,
            level,
            max(value) filter (where kind = 'certificate') as certificate,
            max(value) filter (where kind = 'entry_rosobrnadzor') as entry,
            bool_or({{ is_unconfirmed("confidence") }}) as has_unconfirmed
        from {{ ref("exam_threshold") }}
        where procedure = 'EGE' and kind in ('certificate', 'entry_rosobrnadzor')
        group by cal_year, subject, level
    ),

    maximum as (
        select procedure, cal_year, subject, level, max(max_primary) as max_primary
        from {{ ref("exam_max_primary") }}
        group by procedure, cal_year, subject, level
    ),

    judged as (
        select
            result.*,
            -- ЕГЭ is measured in test scores, its base level in marks, ОГЭ in primary scores
            case
                when result.procedure = 'OGE' then result.primary_score else result.points
            end as scored,
            case
                when result.procedure = 'OGE'
                then 3
                else coalesce(exact.certificate, exact.entry, by_group.entry)
            end as minimum,
            case
                when result.procedure = 'OGE' then 5 when result.level = 'base' then 5 else 81
            end as high,
            result.procedure = 'EGE'
            and coalesce(
                exact.has_unconfirmed, by_group.has_unconfirmed, false
            ) as threshold_unconfirmed,
            coalesce(max_exact.max_primary, max_group.max_primary) as max_primary
        from result
        left join
            threshold as exact
            on result.procedure = 'EGE'
            and result.cal_year = exact.cal_year
            and result.subject = exact.subject
            and result.level = exact.level
        left join
            threshold as by_group
            on result.procedure = 'EGE'
            and result.cal_year = by_group.cal_year
            and {{ subject_group("result.subject") }} = by_group.subject
            and result.level = by_group.level
        left join
            maximum as max_exact
            on result.procedure = max_exact.procedure
            and result.cal_year = max_exact.cal_year
            and result.subject = max_exact.subject
            and result.level = max_exact.level
        left join
            maximum as max_group
            on result.procedure = max_group.procedure
            and result.cal_year = max_group.cal_year
            and {{ subject_group("result.subject") }} = max_group.subject
            and result.level = max_group.level
    )

select
    school_id,
    procedure,
    school_year,
    cal_year,
    programme_grade,
    subject,
    level,
    count(*) as n_part,
    -- without a known minimum nobody is counted as having passed or failed
    case
        when count(minimum) = count(*) then count(*) filter (where points >= minimum)
    end as n_pass,
    case when count(minimum) = count(*) then count(*) filter (where points < minimum) end as n_fail,
    count(*) filter (where points >= high) as n_high,
    avg(scored) as mean_score,
    stddev_samp(scored) as sd_score,
    count(scored) as n_scored,
    case
        when procedure = 'OGE' then max(max_primary) when level = 'base' then 5 else 100
    end as max_score,
    case when count(mark) > 0 then count(*) filter (where mark = 2) end as n2,
    case when count(mark) > 0 then count(*) filter (where mark = 3) end as n3,
    case when count(mark) > 0 then count(*) filter (where mark = 4) end as n4,
    case when count(mark) > 0 then count(*) filter (where mark = 5) end as n5,
    coalesce(bool_or(threshold_unconfirmed or has_unconfirmed), false) as has_unconfirmed,
    {{ union_of_lists("delivery_ids") }} as delivery_ids
from judged
group by school_id, procedure, school_year, cal_year, programme_grade, subject, level
