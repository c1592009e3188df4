with
    context as (select * from {{ ref("int_context_index") }}),

    -- basic level or above in all ВПР of the year
    result as (
        select
            school_id,
            school_year,
            sum(n3 + n4 + n5) / sum(n_marked) as basic_share,
            bool_or(has_unconfirmed) as has_unconfirmed,
            {{ union_of_lists("marks_delivery_ids") }} as delivery_ids
        from {{ ref("int_vpr_school_paper") }}
        where n_marked > 0
        group by school_id, school_year
        having sum(n_marked) >= 10
    ),

    krai as (
        select cal_year, max(value) / 100 as basic_share
        from {{ ref("int_reference_row") }}
        where measure = 'D1.03a' and territory = 'krai' and subject is null
        group by cal_year
    ),

    worst_quarter as (
        select municipality_id, school_year, {{ quantile("context_index", 0.75) }} as starts_at
        from context
        group by municipality_id, school_year
        having count(*) > 1
    ),

    indexed as (
        select
            'D2.06a' as measure_code,
            school_id,
            school_year,
            1 as n,
            context_index as value,
            delivery_ids,
            has_unconfirmed
        from context
    ),

    resilient as (
        select
            'D2.01f' as measure_code,
            context.school_id,
            context.school_year,
            1 as n,
            -- the municipality is no krai: without a krai's figure there is none
            case
                when krai.basic_share is null
                then null
                when
                    context.context_index >= worst_quarter.starts_at
                    and result.basic_share >= krai.basic_share
                then 1
                else 0
            end as value,
            {{ merged_list("context.delivery_ids", "result.delivery_ids") }} as delivery_ids,
            context.has_unconfirmed or result.has_unconfirmed as has_unconfirmed
        from context
        inner join
            worst_quarter
            on context.municipality_id = worst_quarter.municipality_id
            and context.school_year = worst_quarter.school_year
        inner join
            result
            on context.school_id = result.school_id
            and context.school_year = result.school_year
        left join krai on krai.cal_year = cast(left(context.school_year, 4) as integer) + 1
    )

    {{
        measure_rows_of(
            {
                "indexed": ["n", "value", "has_unconfirmed"],
                "resilient": ["n", "value", "has_unconfirmed"],
            }
        )
    }}
