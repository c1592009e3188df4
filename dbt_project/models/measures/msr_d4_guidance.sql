with
    open_school as (select * from {{ ref("int_school_open") }}),

    -- in years that have pupils: many contracts have no end
    contract as (
        select
            year.school_year,
            agreement.school_id,
            agreement.agreement_id,
            agreement.partner_type in ('college', 'university', 'enterprise') as is_partner,
            agreement.delivery_id
        from (select distinct school_year from {{ ref("int_school_grade") }}) as year
        inner join
            {{ ref("stg_agreement") }} as agreement
            on {{ lasts_in_year("agreement.valid_from", "agreement.valid_to", "year.school_year") }}
    ),

    contract_told as ({{ register_speaks_for("open_school", "contract") }}),

    known_contract as (
        select
            told.school_id,
            told.school_year,
            count(contract.agreement_id) as n_agreements,
            case
                when count(contract.agreement_id) > 0
                then {{ distinct_list("contract.delivery_id") }}
                else {{ union_of_lists("told.delivery_ids") }}
            end as delivery_ids
        from contract_told as told
        left join
            contract
            on told.school_id = contract.school_id
            and told.school_year = contract.school_year
            and contract.is_partner
        group by told.school_id, told.school_year
    ),

    agreements as (
        select 'D4.01a' as measure_code, school_id, school_year, n_agreements as value, delivery_ids
        from known_contract
    ),

    with_agreement as (
        select
            'D4.01b' as measure_code,
            school_id,
            school_year,
            case when n_agreements > 0 then 1 else 0 end as numerator,
            1 as denominator,
            delivery_ids
        from known_contract
    ),

    covered as (
        {{
            shares_of_pupils(
                [
                    {
                        "measure_code": "D4.02a",
                        "form": "stg_extra_enrolment",
                        "first_grade": 5,
                        "last_grade": 11,
                        "named": "is_profile and grade_label between 5 and 11 and "
                        ~ lasts_in_year("enrolled_on", "left_on", "school_year"),
                    },
                    {
                        "measure_code": "D4.09a",
                        "form": "stg_contest",
                        "first_grade": 6,
                        "last_grade": 11,
                        "named": "participant_role = 'pupil' and contest_kind = 'skills'"
                        " and grade_label between 6 and 11",
                    },
                ]
            )
        }}
    ),

    form_value as (select * from {{ ref("int_fsn_value") }} where form = 'oo1'),

    form_school as (
        select
            school_id,
            school_year,
            bool_or(has_unconfirmed) as has_unconfirmed,
            {{ union_of_lists("delivery_ids") }} as delivery_ids
        from form_value
        group by school_id, school_year
    ),

    cut as (
        select distinct
            variable,
            case when variable = 'n_profile' then subject else 'all' end as breakdown,
            case when variable = 'n_advanced' then subject end as subject
        from {{ ref("fsn_cell_map") }}
        where form = 'oo1' and variable in ('n_profile', 'n_advanced')
        union
        -- pupils of the universal profile study no profile
        select 'n_profile', 'all', cast(null as string)
    ),

    -- a form leaves cells empty in which there is nobody, if its edition has them at all
    asked as (
        select distinct form_value.school_year, cut.variable, cut.breakdown, cut.subject
        from form_value
        inner join cut on form_value.variable = cut.variable
    ),

    studied as (
        select
            school_id,
            school_year,
            variable,
            case when variable = 'n_profile' then subject else 'all' end as breakdown,
            case when variable = 'n_advanced' then subject end as subject,
            sum(value) as n_studying
        from form_value
        where variable in ('n_profile', 'n_advanced')
        group by school_id, school_year, variable, subject
        union all
        select school_id, school_year, variable, 'all', null, sum(value)
        from form_value
        where variable = 'n_profile' and subject <> 'universal'
        group by school_id, school_year, variable
    ),

    stage as (
        select
            case when grade >= 10 then 'n_profile' else 'n_advanced' end as variable,
            school_id,
            school_year,
            sum(n_pupils) as n_pupils,
            bool_or(has_unconfirmed) as has_unconfirmed,
            {{ union_of_lists("delivery_ids") }} as delivery_ids
        from {{ ref("int_school_grade") }}
        where grade between 5 and 11
        group by
            case when grade >= 10 then 'n_profile' else 'n_advanced' end, school_id, school_year
    ),

    advanced as (
        select
            case stage.variable when 'n_profile' then 'D4.03a' else 'D4.03b' end as measure_code,
            stage.school_id,
            stage.school_year,
            asked.subject,
            asked.breakdown,
            coalesce(studied.n_studying, 0) as numerator,
            stage.n_pupils as denominator,
            {{ merged_list("stage.delivery_ids", "form_school.delivery_ids") }} as delivery_ids,
            stage.has_unconfirmed or form_school.has_unconfirmed as has_unconfirmed
        from stage
        inner join
            form_school
            on stage.school_id = form_school.school_id
            and stage.school_year = form_school.school_year
        inner join
            asked on stage.school_year = asked.school_year and stage.variable = asked.variable
        left join
            studied
            on stage.school_id = studied.school_id
            and stage.school_year = studied.school_year
            and stage.variable = studied.variable
            and asked.breakdown = studied.breakdown
            and asked.subject is not distinct from studied.subject
    ),

    diagnosed as (
        select
            'D4.04a' as measure_code,
            pupils.school_id,
            pupils.school_year,
            pupils.grade,
            coalesce(diagnostics.n_diagnosed, 0) as numerator,
            pupils.n_pupils as denominator,
            {{ merged_list("pupils.delivery_ids", "given.delivery_ids") }} as delivery_ids,
            pupils.has_unconfirmed
        from {{ ref("int_school_grade") }} as pupils
        inner join
            (
                select school_id, school_year, {{ distinct_list("delivery_id") }} as delivery_ids
                from {{ ref("stg_career_diag") }}
                group by school_id, school_year
            ) as given
            on pupils.school_id = given.school_id
            and pupils.school_year = given.school_year
        left join
            {{ ref("stg_career_diag") }} as diagnostics
            on pupils.school_id = diagnostics.school_id
            and pupils.school_year = diagnostics.school_year
            and pupils.grade = diagnostics.grade_label
        where pupils.grade between 8 and 11
    ),

    skilled as (
        select
            'D4.09b' as measure_code,
            school_id,
            school_year,
            n_skills as value,
            {{ list_of(["delivery_id"]) }} as delivery_ids
        from {{ ref("stg_sen") }}
        where n_skills is not null
    )

    {{
        measure_rows_of(
            {
                "agreements": ["value"],
                "with_agreement": ["numerator", "denominator"],
                "covered": ["numerator", "denominator", "has_unconfirmed"],
                "advanced": ["subject", "breakdown", "numerator", "denominator", "has_unconfirmed"],
                "diagnosed": ["grade", "numerator", "denominator", "has_unconfirmed"],
                "skilled": ["value"],
            }
        )
    }}
