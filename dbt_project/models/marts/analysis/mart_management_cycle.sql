{#- Which steps of the management cycle are documented, by direction and school year. A step stands on
    its documents and on the rows of its own register; the effect also on the figures of the next
    year. -#}
{%- set steps = [
    ("goals", "цели"),
    ("indicators", "показатели"),
    ("methods", "методы сбора"),
    ("monitoring", "мониторинг"),
    ("analysis", "анализ"),
    ("recommendations", "адресные рекомендации"),
    ("measures", "меры"),
    ("decisions", "управленческие решения"),
    ("effect", "анализ эффективности"),
] -%}
with
    step as (
        {%- for code, name in steps %}
            select {{ loop.index }} as step_no, '{{ code }}' as step, '{{ name }}' as step_name
            {%- if not loop.last %}
                union all
            {%- endif %}
        {%- endfor %}
    ),

    direction as ({{ edition_rows("directions", ["direction_code"]) }}),

    total as (
        select figure.*, measure.good_sign
        from {{ ref("indicator_value") }} as figure
        inner join
            {{ ref("int_measure") }} as measure
            on figure.measure_code = measure.measure_code
            and figure.breakdown = measure.main_breakdown
            and {{ in_force("measure", "figure") }}
        where
            figure.level in ('school', 'register')
            and figure.season is null
            and figure.grade is null
            and figure.subject is null
            and figure.status = 'ok'
            and figure.value is not null
    ),

    -- the figure that a decision names, in its own year and in the next
    decision as (
        select
            decision.direction_code,
            decision.school_year,
            decision.decision_id,
            decision.delivery_id,
            (after.value - before.value) * before.good_sign as change_to_better
        from {{ ref("stg_decision") }} as decision
        left join
            total as before
            on decision.effect_measure = before.measure_code
            and decision.school_id is not distinct from before.school_id
            and decision.school_year = before.school_year
        left join
            total as after
            on before.measure_code = after.measure_code
            and before.level = after.level
            and before.school_id is not distinct from after.school_id
            and after.school_year
            = {{ school_year_text("(cast(left(before.school_year, 4) as integer) + 1)") }}
    ),

    document as (
        select direction_code, school_year, step, document_no, document_date, delivery_id
        from {{ ref("stg_cycle_step") }}
    ),

    -- rows of the registers that belong to a step
    entry as (
        select direction_code, school_year, 'goals' as step, false as is_done, delivery_id
        from {{ ref("stg_programme_target") }}
        union all
        select direction_code, school_year, 'recommendations', done_on is not null, delivery_id
        from {{ ref("stg_recommendation") }}
        union all
        select direction_code, school_year, 'decisions', false, delivery_id
        from decision
        union all
        select direction_code, school_year, 'effect', change_to_better > 0, delivery_id
        from decision
        where change_to_better is not null
    ),

    documented as (
        select
            direction_code,
            school_year,
            step,
            count(*) as n_documents,
            {{ joined_text("document_no", "; ") }} as document_numbers,
            max(document_date) as last_document_on,
            {{ distinct_list("delivery_id") }} as delivery_ids
        from document
        group by direction_code, school_year, step
    ),

    entered as (
        select
            direction_code,
            school_year,
            step,
            count(*) as n_records,
            count(case when is_done then 1 end) as n_done,
            {{ distinct_list("delivery_id") }} as delivery_ids
        from entry
        group by direction_code, school_year, step
    ),

    known_year as (
        select school_year
        from document
        union
        select school_year
        from entry
        union
        select school_year
        from total
    )

select
    direction.direction_code,
    direction.name_ru as direction_name,
    known_year.school_year,
    step.step_no,
    step.step,
    step.step_name,
    cast(coalesce(documented.n_documents, 0) as integer) as n_documents,
    documented.document_numbers,
    documented.last_document_on,
    cast(coalesce(entered.n_records, 0) as integer) as n_records,
    cast(coalesce(entered.n_done, 0) as integer) as n_done,
    documented.step is not null as is_documented,
    {{ merged_list("documented.delivery_ids", "entered.delivery_ids") }} as delivery_ids
from direction
inner join known_year on {{ in_force("direction", "known_year") }}
cross join step
left join
    documented
    on direction.direction_code = documented.direction_code
    and known_year.school_year = documented.school_year
    and step.step = documented.step
left join
    entered
    on direction.direction_code = entered.direction_code
    and known_year.school_year = entered.school_year
    and step.step = entered.step
