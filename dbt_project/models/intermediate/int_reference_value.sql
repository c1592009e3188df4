with
    seeded as (
        select
            measure as measure_code,
            cal_year,
            coalesce(season, case when procedure <> 'VPR' then 'main' end) as season,
            coalesce(grade, case procedure when 'EGE' then 11 when 'OGE' then 9 end) as grade,
            case when level = 'base' then subject || '_base' else subject end as subject,
            breakdown,
            territory,
            value,
            {{ is_unconfirmed("confidence") }} as is_unconfirmed
        from {{ ref("int_reference_row") }}
        where territory in ('krai', 'rf')
    ),

    -- the ratio to the krai's mean is 1 for the krai by definition
    relative as (
        select
            'D2.01c' as measure_code,
            krai.cal_year,
            krai.season,
            krai.grade,
            krai.subject,
            krai.breakdown,
            place.territory,
            case when place.territory = 'krai' then 1.0 else place.value / krai.value end as value,
            krai.is_unconfirmed or place.is_unconfirmed as is_unconfirmed
        from seeded as krai
        inner join
            seeded as place
            on krai.measure_code = place.measure_code
            and krai.cal_year = place.cal_year
            and krai.season = place.season
            and krai.subject = place.subject
            and krai.breakdown = place.breakdown
        where krai.measure_code = 'ege_mean' and krai.territory = 'krai'
    ),

    report as (
        select
            *,
            case unit_level when 'region' then 'krai' else 'rf' end as territory,
            row_number() over (
                partition by cal_year, season, programme_grade, subject, unit_level
                order by n_part desc, delivery_id, unit_name
            ) as preference
        from {{ ref("stg_vpr_marks") }}
        where unit_level in ('region', 'sample')
    ),

    reported as (
        select
            'D1.03a' as measure_code,
            cal_year,
            season,
            programme_grade as grade,
            subject,
            'all' as breakdown,
            territory,
            pct_3 + pct_4 + pct_5 as value,
            false as is_unconfirmed
        from report
        where preference = 1
        union all
        select 'D1.07a', cal_year, season, programme_grade, subject, 'all', territory, pct_5, false
        from report
        where preference = 1
        union all
        select
            'D1.07b',
            cal_year,
            season,
            programme_grade,
            subject,
            'all',
            territory,
            pct_4 + pct_5,
            false
        from report
        where preference = 1
    ),

    known as (
        select *, 2 as preference
        from seeded
        union all
        select *, 2
        from relative
        union all
        select *, 1
        from reported
    ),

    ranked as (
        select
            *,
            row_number() over (
                partition by measure_code, cal_year, season, grade, subject, breakdown, territory
                order by preference, value desc
            ) as place
        from known
        where value is not null
    )

-- a report of the ФИС ОКО is nearer to the figure than a typed row
select
    measure_code,
    cal_year,
    season,
    grade,
    subject,
    breakdown,
    max(value) filter (where territory = 'krai') as krai_value,
    max(value) filter (where territory = 'rf') as rf_value,
    bool_or(is_unconfirmed) as is_unconfirmed
from ranked
where place = 1
group by measure_code, cal_year, season, grade, subject, breakdown
