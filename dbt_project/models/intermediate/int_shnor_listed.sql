with
    official as (
        select
            school_id,
            list_school_year as school_year,
            {{ distinct_list("delivery_id") }} as delivery_ids
        from {{ ref("stg_shnor_official") }}
        group by school_id, list_school_year
    ),

    decision as (
        select
            *,
            row_number() over (
                partition by school_id, decision_school_year
                order by document_date desc, document_no desc, delivery_id
            ) as recency
        from {{ ref("stg_shnor_decision") }}
    ),

    latest as (
        select
            school_id,
            decision_school_year as school_year,
            decision = 'include' as is_included,
            {{ list_of(["delivery_id"]) }} as delivery_ids
        from decision
        where recency = 1
    )

select
    coalesce(latest.school_id, official.school_id) as school_id,
    coalesce(latest.school_year, official.school_year) as school_year,
    case when latest.school_id is null then 'official' else 'decision' end as basis,
    coalesce(latest.delivery_ids, official.delivery_ids) as delivery_ids
from official
full join
    latest on official.school_id = latest.school_id and official.school_year = latest.school_year
where coalesce(latest.is_included, true)
