with
    count_share as (
        {{
            shares_of_forms(
                [
                    {
                        "measure_code": "D1.11a",
                        "form": "stg_sen",
                        "numerator": "n_aop",
                        "denominator": "n_pmpk",
                    },
                    {
                        "measure_code": "D1.11b",
                        "form": "stg_sen",
                        "numerator": "n_supported",
                        "denominator": "n_prescribed",
                    },
                    {
                        "measure_code": "D1.12a",
                        "form": "stg_sen",
                        "breakdown": "'grade9'",
                        "numerator": "n_leavers9_continued",
                        "denominator": "n_leavers9",
                    },
                    {
                        "measure_code": "D1.12a",
                        "form": "stg_sen",
                        "breakdown": "'grade11'",
                        "numerator": "n_leavers11_continued",
                        "denominator": "n_leavers11",
                    },
                ]
            )
        }}
    ),

    of_pupils as (
        select
            school_id,
            school_year,
            count(*) filter (where pmpk_on is not null) as n_pmpk,
            count(*) filter (where pmpk_on is not null and studied_aop_code = aop_code) as n_aop,
            count(*) filter (where is_prescribed) as n_prescribed,
            count(*) filter (where is_prescribed and is_supported) as n_supported,
            {{ distinct_list("delivery_id") }} as delivery_ids
        from {{ ref("stg_sen_pupil") }}
        group by school_id, school_year
    ),

    measured as (
        -- where a school gives rows of pupils, they go before its counts
        select
            count_share.measure_code,
            count_share.school_id,
            count_share.school_year,
            count_share.breakdown,
            count_share.numerator,
            count_share.denominator,
            count_share.delivery_ids,
            false as has_unconfirmed
        from count_share
        left join
            of_pupils
            on count_share.school_id = of_pupils.school_id
            and count_share.school_year = of_pupils.school_year
        where of_pupils.school_id is null or count_share.measure_code = 'D1.12a'
        union all
        select 'D1.11a', school_id, school_year, 'all', n_aop, n_pmpk, delivery_ids, false
        from of_pupils
        union all
        select
            'D1.11b', school_id, school_year, 'all', n_supported, n_prescribed, delivery_ids, false
        from of_pupils
        union all
        select
            'D1.11c',
            school_id,
            school_year,
            'all',
            n_sen_inclusive,
            n_sen,
            oo1_delivery_ids,
            oo1_unconfirmed
        from {{ ref("int_school_year") }}
        where n_sen is not null and n_sen_inclusive is not null
    )

    {{ measure_rows("measured", ["breakdown", "numerator", "denominator", "has_unconfirmed"]) }}
