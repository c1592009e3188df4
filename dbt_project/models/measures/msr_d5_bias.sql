with
    listed as (select distinct school_id, list_year from {{ ref("int_bias_mark") }} where mark > 0),

    -- itself or a predecessor
    bias_ever as (select school_id, list_year from {{ ref("int_bias_ever") }}),

    school as (select * from {{ ref("int_school") }}),

    -- the list of a year is complete: a school that it does not name is not in it
    list_year as (
        select list_year, {{ distinct_list("delivery_id") }} as delivery_ids
        from {{ ref("stg_bias_list") }}
        group by list_year
    ),

    school_list_year as (
        select
            school.school_id,
            list_year.list_year,
            {{ list_school_year("list_year.list_year") }} as school_year
        from school
        cross join list_year
        where
            coalesce(school.opened_on, date '1900-01-01')
            <= make_date(cast(list_year.list_year as integer), 8, 31)
            and coalesce(school.closed_on, date '2999-01-01')
            > make_date(cast(list_year.list_year - 1 as integer), 9, 1)
    ),

    past as (
        select
            school_list_year.school_id,
            school_list_year.list_year,
            school_list_year.school_year,
            count(bias_ever.list_year) > 0 as is_ever,
            count(listed.list_year) as n_last_three
        from school_list_year
        left join
            bias_ever
            on school_list_year.school_id = bias_ever.school_id
            and school_list_year.list_year >= bias_ever.list_year
        left join
            listed
            on bias_ever.school_id = listed.school_id
            and bias_ever.list_year = listed.list_year
            and school_list_year.list_year - 3 < listed.list_year
        group by
            school_list_year.school_id, school_list_year.list_year, school_list_year.school_year
    ),

    past_deliveries as (
        select
            now.list_year,
            {{ union_of_lists("before.delivery_ids") }} as ever_delivery_ids,
            {{ union_of_lists("case when before.list_year > now.list_year - 3 then before.delivery_ids end") }}
            as recent_delivery_ids
        from list_year as now
        inner join list_year as before on now.list_year >= before.list_year
        group by now.list_year
    ),

    -- schools that took the paper of which the federal share is reckoned
    taken as (
        select school_id, cal_year, {{ union_of_lists("delivery_ids") }} as delivery_ids
        from {{ ref("int_vpr_school_paper") }}
        where programme_grade = 4 and subject = 'RU' and n_part > 0
        group by school_id, cal_year
    ),

    measured as (
        select
            'D5.01a' as measure_code,
            past.school_id,
            past.school_year,
            past.list_year,
            case when listed.school_id is not null then 1 else 0 end as numerator,
            1 as denominator,
            cast(null as double) as value,
            {{ merged_list("taken.delivery_ids", "list_year.delivery_ids") }} as delivery_ids
        from past
        inner join taken on past.school_id = taken.school_id and past.list_year = taken.cal_year
        inner join list_year on past.list_year = list_year.list_year
        left join listed on past.school_id = listed.school_id and past.list_year = listed.list_year
        union all
        select
            'D5.01b',
            past.school_id,
            past.school_year,
            past.list_year,
            null,
            null,
            case when past.is_ever then 1.0 else 0.0 end,
            past_deliveries.ever_delivery_ids
        from past
        inner join past_deliveries on past.list_year = past_deliveries.list_year
        union all
        select
            'D5.01c',
            past.school_id,
            past.school_year,
            past.list_year,
            null,
            null,
            cast(past.n_last_three as double),
            past_deliveries.recent_delivery_ids
        from past
        inner join past_deliveries on past.list_year = past_deliveries.list_year
    )

select
    measure_code,
    school_id,
    school_year,
    cast(list_year as integer) as cal_year,
    cast(null as string) as season,
    cast(null as integer) as grade,
    cast(null as integer) as grade_label,
    cast(null as string) as subject,
    'all' as breakdown,
    cast(numerator as double) as numerator,
    cast(denominator as double) as denominator,
    cast(null as double) as base_numerator,
    cast(null as double) as base_denominator,
    cast(1 as bigint) as n,
    value,
    cast(null as double) as sd,
    cast(null as string) as value_text,
    delivery_ids,
    false as has_unconfirmed
from measured
