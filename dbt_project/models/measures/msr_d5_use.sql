with
    document as (select * from {{ ref("stg_document") }}),

    open_school as (select * from {{ ref("int_school_open") }}),

    document_told as ({{ register_speaks_for("open_school", "document") }}),

    decision_told as ({{ register_speaks_for("open_school", ref("stg_decision")) }}),

    analysis as (
        select school_id, school_year, {{ distinct_list("delivery_id") }} as delivery_ids
        from document
        where doc_type = 'results_analysis' and results_on is not null
        group by school_id, school_year
    ),

    timely as (
        select
            decision.school_id,
            decision.school_year,
            {{ distinct_list("decision.delivery_id") }} as delivery_ids
        from {{ ref("stg_decision") }} as decision
        inner join
            {{ ref("int_parameter") }} as parameter
            on parameter.parameter_code = 'results_decision_days'
            and {{ in_force("parameter", "decision") }}
        where decision.document_date <= {{ days_after("decision.results_on", "parameter.value") }}
        group by decision.school_id, decision.school_year
    ),

    decided as (
        select
            'D5.06a' as measure_code,
            document_told.school_id,
            document_told.school_year,
            case
                when analysis.school_id is not null and timely.school_id is not null then 1 else 0
            end as numerator,
            1 as denominator,
            {{ merged_list(
                "coalesce(analysis.delivery_ids, document_told.delivery_ids)",
                "coalesce(timely.delivery_ids, decision_told.delivery_ids)",
            ) }} as delivery_ids
        from document_told
        inner join
            decision_told
            on document_told.school_id = decision_told.school_id
            and document_told.school_year = decision_told.school_year
        left join
            analysis
            on document_told.school_id = analysis.school_id
            and document_told.school_year = analysis.school_year
        left join
            timely
            on document_told.school_id = timely.school_id
            and document_told.school_year = timely.school_year
    ),

    -- the local act holds until the next one
    act as (
        select
            open_school.school_id,
            open_school.school_year,
            document.uses_external_results,
            document.delivery_id,
            row_number() over (
                partition by open_school.school_id, open_school.school_year
                order by document.approved_on desc, document.document_no desc, document.delivery_id
            ) as recency
        from open_school
        inner join
            document
            on open_school.school_id = document.school_id
            and document.doc_type = 'vsoko'
            and document.approved_on <= {{ year_end("open_school.school_year") }}
    ),

    external_used as (
        select
            'D5.06b' as measure_code,
            document_told.school_id,
            document_told.school_year,
            case when act.uses_external_results then 1 else 0 end as numerator,
            1 as denominator,
            case
                when act.delivery_id is null
                then document_told.delivery_ids
                else {{ list_of(["act.delivery_id"]) }}
            end as delivery_ids
        from document_told
        left join
            act
            on document_told.school_id = act.school_id
            and document_told.school_year = act.school_year
            and act.recency = 1
    )

    {{
        measure_rows_of(
            {
                "decided": ["numerator", "denominator"],
                "external_used": ["numerator", "denominator"],
            }
        )
    }}
