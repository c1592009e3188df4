{#- Recommendations that the library proposes for red zones: one for a school and year however many
    classes and subjects call for it. What was really given stands in the register. -#}
with
    library as ({{ edition_rows("recommendation_library", ["rec_code"]) }}),

    measure as ({{ edition_rows("measures", ["measure_code"]) }}),

    risk as (
        select risk.*, measure.name_ru as measure_name
        from {{ ref("mart_risk_zone") }} as risk
        inner join
            measure
            on risk.measure_code = measure.measure_code
            and {{ in_force("measure", "risk") }}
        where risk.zone = 'red'
    ),

    proposed as (
        select
            level,
            municipality_id,
            school_id,
            school_year,
            direction_code,
            recommendation_code,
            count(*) as n_cases,
            count(case when passes_false_discovery then 1 end) as n_confirmed,
            max(persistent_years) as persistent_years,
            {{ joined_text("measure_code") }} as measure_codes,
            {{ joined_text("measure_name", "; ") }} as measure_names,
            {{ union_of_lists("delivery_ids") }} as delivery_ids
        from risk
        group by level, municipality_id, school_id, school_year, direction_code, recommendation_code
    ),

    given as (
        select
            proposed.level,
            proposed.school_id,
            proposed.school_year,
            proposed.recommendation_code,
            count(*) as n_given,
            count(register.done_on) as n_done
        from proposed
        inner join
            {{ ref("stg_recommendation") }} as register
            on proposed.direction_code = register.direction_code
            and proposed.school_id is not distinct from register.school_id
            and register.issued_on > {{ year_end("proposed.school_year") }}
            and register.issued_on <= {{ days_after(year_end("proposed.school_year"), 365) }}
            and (
                register.measure_code is null
                or {{ text_list_contains("replace(proposed.measure_codes, ' ', '')", "register.measure_code") }}
            )
        group by
            proposed.level, proposed.school_id, proposed.school_year, proposed.recommendation_code
    )

select
    proposed.level,
    proposed.municipality_id,
    proposed.school_id,
    proposed.school_year,
    proposed.direction_code,
    proposed.recommendation_code,
    library.text_ru as recommendation_text,
    case when proposed.level = 'school' then library.addressee else 'municipality' end as addressee,
    case
        when proposed.level <> 'school' or library.addressee = 'municipality'
        then 'управление образования'
        when library.addressee = 'head'
        then 'директор'
        when library.addressee = 'deputy'
        then 'заместитель директора'
        when library.addressee = 'teachers'
        then 'педагоги'
        else 'методисты'
    end as addressee_name,
    proposed.measure_codes,
    proposed.measure_names,
    cast(proposed.n_cases as integer) as n_cases,
    cast(proposed.n_confirmed as integer) as n_confirmed,
    proposed.persistent_years,
    proposed.persistent_years >= 2 as is_raised,
    {{ days_after(year_end("proposed.school_year"), "library.due_days") }} as due_on,
    cast(coalesce(given.n_given, 0) as integer) as n_given,
    cast(coalesce(given.n_done, 0) as integer) as n_done,
    proposed.delivery_ids
from proposed
inner join
    library
    on proposed.recommendation_code = library.rec_code
    and {{ in_force("library", "proposed") }}
left join
    given
    on proposed.level = given.level
    and proposed.school_id is not distinct from given.school_id
    and proposed.school_year = given.school_year
    and proposed.recommendation_code = given.recommendation_code
