with
    form as (
        {{
            shares_of_forms(
                [
                    {
                        "measure_code": "D2.02a",
                        "form": "stg_low_result_attendance",
                        "numerator": "missed",
                        "denominator": "lessons_due",
                    },
                    {
                        "measure_code": "D2.02b",
                        "form": "stg_low_result_attendance",
                        "numerator": "missed_unexcused",
                        "denominator": "lessons_due",
                    },
                    {
                        "measure_code": "D2.02c",
                        "form": "stg_low_result_attendance",
                        "numerator": "n_truants",
                        "denominator": "n_pupils",
                    },
                    {
                        "measure_code": "D2.03a",
                        "form": "stg_prevention",
                        "numerator": "n_at_risk_plan",
                        "denominator": "n_at_risk",
                    },
                    {
                        "measure_code": "D2.03b",
                        "form": "stg_prevention",
                        "numerator": "n_at_risk_extra",
                        "denominator": "n_at_risk",
                    },
                    {
                        "measure_code": "D2.03c",
                        "form": "stg_prevention",
                        "numerator": "n_at_risk_basic",
                        "denominator": "n_at_risk_took",
                    },
                    {
                        "measure_code": "D2.05c",
                        "form": "stg_recommendation",
                        "filter": "school_id is not null and due_on <= " ~ year_end("school_year"),
                        "numerator": "case when done_on <= due_on then 1 else 0 end",
                        "denominator": "1",
                    },
                ]
            )
        }}
    ),

    -- a journal that has no recommendation due for a school
    none_due as ({{ told_of_none("D2.05c", ref("stg_recommendation"), "form") }}),

    listed as (select * from {{ ref("int_shnor_listed") }}),

    supported as (
        {{ schools_with_documents("D2.05a", "int_shnor_listed", ["curator", "support_plan"]) }}
    ),

    told as ({{ register_speaks_for("listed", ref("stg_meth_event")) }}),

    contacts as (
        select
            'D2.05b' as measure_code,
            listed.school_id,
            listed.school_year,
            count(distinct event.event_id) as numerator,
            1 as denominator,
            case
                when count(event.event_id) > 0
                then {{ distinct_list("event.delivery_id") }}
                else {{ union_of_lists("told.delivery_ids") }}
            end as delivery_ids
        from listed
        inner join
            told on listed.school_id = told.school_id and listed.school_year = told.school_year
        left join
            {{ ref("stg_meth_event") }} as event
            on listed.school_id = event.school_id
            and listed.school_year = event.school_year
            and event.event_type in ('visit', 'consultation', 'training')
        group by listed.school_id, listed.school_year
    ),

    helped as (
        select measure_code, school_id, school_year, numerator, denominator, delivery_ids
        from supported
        union all
        select measure_code, school_id, school_year, numerator, denominator, delivery_ids
        from contacts
    ),

    -- a listed school of which no register speaks is not one that is not listed
    of_listed as (
        select
            measure.measure_code,
            listed.school_id,
            listed.school_year,
            helped.numerator,
            helped.denominator,
            helped.denominator as n,
            {{ merged_list("helped.delivery_ids", "listed.delivery_ids") }} as delivery_ids
        from listed
        cross join
            (
                select 'D2.05a' as measure_code
                union all
                select 'D2.05b'
            ) as measure
        left join
            helped
            on measure.measure_code = helped.measure_code
            and listed.school_id = helped.school_id
            and listed.school_year = helped.school_year
    )

    {{
        measure_rows_of(
            {
                "form": ["numerator", "denominator"],
                "none_due": ["numerator", "denominator"],
                "of_listed": ["numerator", "denominator", "n"],
            }
        )
    }}
