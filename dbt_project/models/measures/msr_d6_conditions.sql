{%- set of_form = [
    ("D6.11b", "n_pupils_shift2", "n_pupils", ["oo1", "pupils"]),
    ("D6.11d", "n_computers", "n_pupils", ["oo2", "pupils"]),
] -%}
with
    year as (select distinct school_year from {{ ref("int_school_year") }}),

    -- assessed once in three years: the latest one counts until the next
    assessed as (
        select
            year.school_year,
            noko.school_id,
            noko.cal_year,
            (noko.k1 + noko.k2 + noko.k3 + noko.k4 + noko.k5) / 5 as value,
            noko.delivery_id,
            row_number() over (
                partition by year.school_year, noko.school_id order by noko.cal_year desc
            ) as recency
        from year
        inner join
            {{ ref("stg_noko") }} as noko
            on noko.cal_year
            between cast(left(year.school_year, 4) as integer)
            - 1 and cast(left(year.school_year, 4) as integer)
            + 1
    ),

    checked as (
        select
            *,
            row_number() over (
                partition by school_id, school_year, item_code order by checked_on desc
            ) as recency
        from {{ ref("stg_site") }}
    ),

    answered as (
        {{ shares_of_forms([{
            "measure_code": "D6.11e",
            "form": "stg_survey",
            "numerator": "n_satisfied",
            "denominator": "n_respondents",
            "filter": "question_code = 'ВСЕГО'",
        }]) }}
    ),

    measured as (
        select
            measure_code,
            school_id,
            school_year,
            cast(numerator as double) as numerator,
            cast(denominator as double) as denominator,
            cast(denominator as double) as n,
            cast(null as double) as value,
            delivery_ids,
            false as has_unconfirmed
        from answered
        union all
        select
            'D6.11a',
            school_id,
            school_year,
            null,
            null,
            1,
            value,
            {{ list_of(["delivery_id"]) }},
            false
        from assessed
        where recency = 1
        union all
        select
            'D6.11c',
            school_id,
            school_year,
            null,
            null,
            accessibility_items,
            100 * accessibility_done / accessibility_items,
            oo2_delivery_ids,
            oo2_unconfirmed
        from {{ ref("int_school_year") }}
        where accessibility_done is not null and accessibility_items > 0
        union all
        select
            'D6.11f',
            school_id,
            school_year,
            count(*) filter (where is_present and is_fresh),
            count(*),
            count(*),
            null,
            {{ distinct_list("delivery_id") }},
            false
        from checked
        where recency = 1
        group by school_id, school_year
        {%- for code, numerator, denominator, forms in of_form %}
            union all
            select
                '{{ code }}',
                school_id,
                school_year,
                {{ numerator }},
                {{ denominator }},
                {{ denominator }},
                null,
                {{ merged_list(forms[0] ~ "_delivery_ids", forms[1] ~ "_delivery_ids") }},
                {{ forms[0] }}_unconfirmed or {{ forms[1] }}_unconfirmed
            from {{ ref("int_school_year") }}
            where {{ numerator }} is not null and {{ denominator }} > 0
        {%- endfor %}
    )

    {{ measure_rows("measured", ["numerator", "denominator", "n", "value", "has_unconfirmed"]) }}
