with
    form as (
        {{
            shares_of_forms(
                [
                    {
                        "measure_code": "D9.02b",
                        "form": "stg_document",
                        "filter": "doc_type = 'calendar'",
                        "numerator": "n_items_done",
                        "denominator": "n_items_due",
                    },
                    {
                        "measure_code": "D9.03a",
                        "form": "stg_volunteer",
                        "numerator": "n_volunteers",
                        "denominator": "n_pupils8",
                    },
                    {
                        "measure_code": "D9.04b",
                        "form": "stg_prevention",
                        "numerator": "n_ipr_closed",
                        "denominator": "n_ipr_before",
                    },
                    {
                        "measure_code": "D9.04c",
                        "form": "stg_holiday",
                        "numerator": "n_at_risk_occupied",
                        "denominator": "n_at_risk",
                    },
                    {
                        "measure_code": "D9.04d",
                        "form": "stg_prevention",
                        "numerator": "n_offences_repeat",
                        "denominator": "n_offences",
                    },
                    {
                        "measure_code": "D9.05a",
                        "form": "stg_language_count",
                        "grade": "grade_label",
                        "numerator": "n_non_native",
                        "denominator": "n_pupils",
                    },
                    {
                        "measure_code": "D9.05b",
                        "form": "stg_language_count",
                        "numerator": "n_supported",
                        "denominator": "n_non_native",
                    },
                    {
                        "measure_code": "D9.05c",
                        "form": "stg_language_count",
                        "numerator": "n_basic",
                        "denominator": "n_took",
                    },
                ]
            )
        }}
    ),

    -- a list of pupils, where it may be read, is nearer to them than a report
    listed as (
        select
            school_id,
            school_year,
            count(
                distinct case
                    when
                        account_type in ('opdn', 'kdn')
                        and on_from <= {{ year_end("school_year") }}
                        and (on_to is null or on_to > {{ year_end("school_year") }})
                    then person_pid
                end
            ) as n_accounted,
            {{ distinct_list("delivery_id") }} as delivery_ids
        from {{ ref("stg_prevention_pupil") }}
        group by school_id, school_year
    ),

    pupils as (
        select
            school_id,
            school_year,
            sum(n_pupils) as n_pupils,
            bool_or(has_unconfirmed) as has_unconfirmed,
            {{ union_of_lists("delivery_ids") }} as delivery_ids
        from {{ ref("int_school_grade") }}
        group by school_id, school_year
    ),

    accounted as (
        select
            'D9.04a' as measure_code,
            coalesce(listed.school_id, report.school_id) as school_id,
            coalesce(listed.school_year, report.school_year) as school_year,
            coalesce(listed.n_accounted, report.n_accounted) as numerator,
            coalesce(report.n_pupils, pupils.n_pupils) as denominator,
            case
                when report.school_id is null
                then {{ merged_list("listed.delivery_ids", "pupils.delivery_ids") }}
                else {{ merged_list("listed.delivery_ids", list_of(["report.delivery_id"])) }}
            end as delivery_ids,
            report.school_id is null and coalesce(pupils.has_unconfirmed, false) as has_unconfirmed
        from listed
        full join
            {{ ref("stg_prevention") }} as report
            on listed.school_id = report.school_id
            and listed.school_year = report.school_year
        left join
            pupils
            on listed.school_id = pupils.school_id
            and listed.school_year = pupils.school_year
        where coalesce(report.n_pupils, pupils.n_pupils) > 0
    ),

    programme as (
        {{
            schools_with_documents(
                "D9.02a",
                "int_school_open",
                ["upbringing", "calendar"],
                "document.is_published",
            )
        }}
    )

    {{
        measure_rows_of(
            {
                "form": ["grade", "numerator", "denominator"],
                "accounted": ["numerator", "denominator", "has_unconfirmed"],
                "programme": ["numerator", "denominator"],
            }
        )
    }}
