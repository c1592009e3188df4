with
    -- years for which schools report: registers of several years tell of each of them
    year as (
        select school_year
        from {{ ref("int_staff_person") }}
        union
        select school_year
        from {{ ref("int_school_year") }}
    ),

    recent_audit as (
        select year.school_year, audit.school_id, audit.delivery_id
        from year
        inner join
            {{ ref("stg_audit") }} as audit
            on {{ in_last_three_years("audit.audited_on", "year.school_year") }}
    ),

    told as ({{ register_speaks_for(ref("int_school_open"), "recent_audit") }}),

    audited as (select distinct school_year, school_id from recent_audit),

    measured as (
        select
            'D6.07a' as measure_code,
            told.school_id,
            told.school_year,
            cast(null as double) as numerator,
            cast(null as double) as denominator,
            1 as n,
            case when audited.school_id is null then 0 else 1 end as value,
            told.delivery_ids
        from told
        left join
            audited on told.school_year = audited.school_year and told.school_id = audited.school_id
        union all
        select
            'D6.07b',
            audit.school_id,
            year.school_year,
            count(*) filter (where audit.done_on <= {{ year_end("year.school_year") }}),
            count(*),
            count(*),
            null,
            {{ distinct_list("audit.delivery_id") }}
        from year
        inner join
            {{ ref("stg_audit") }} as audit
            on {{ in_last_three_years("audit.due_on", "year.school_year") }}
        where audit.rec_id is not null
        group by audit.school_id, year.school_year
        union all
        select
            'D6.10a',
            null,
            school_year,
            count(distinct case when person_pid is not null and is_trained then post_id end),
            count(distinct post_id),
            count(distinct post_id),
            null,
            {{ distinct_list("delivery_id") }}
        from {{ ref("stg_reserve") }}
        group by school_year
        union all
        select
            'D6.10b',
            null,
            year.school_year,
            count(*) filter (where appointed.is_from_reserve),
            count(*),
            count(*),
            null,
            {{ distinct_list("appointed.delivery_id") }}
        from year
        inner join
            {{ ref("stg_head_appointment") }} as appointed
            on {{ in_last_three_years("appointed.appointed_on", "year.school_year") }}
        where appointed.post_kind = 'head'
        group by year.school_year
    )

    {{ measure_rows("measured", ["numerator", "denominator", "n", "value"]) }}
