{%- set of_form = [
    ("D1.01c", "n_teachers_higher_ped", "n_teachers", "oo1"),
    ("D1.01d", "n_pupils", "n_teachers", "pupils"),
] -%}
with
    {{ staff_acts("attested", [{
        "form": "stg_attest",
        "window": "act.decided_on <= " ~ snapshot_day("year.school_year"),
        "columns": {
            "has_category": "act.category in ('highest', 'first') and coalesce(act.valid_to >= "
            ~ snapshot_day("year.school_year") ~ ", true)",
        },
    }]) }},

    {{ staff_acts("trained", [{
        "form": "stg_cpd",
        "window": in_last_three_years("act.finished_on", "year.school_year"),
        "columns": {"is_soko": "act.topic = 'soko' and coalesce(act.is_soko_team, true)"},
    }]) }},

    of_staff as (
        {{ staff_shares([
            {
                "measure_code": "D1.01b",
                "acts": "attested",
                "persons": "staff.is_teacher",
                "done": "act.has_category",
            },
            {
                "measure_code": "D1.02a",
                "acts": "trained",
                "persons": "true",
                "done": "act.is_soko",
                "of_schools": true,
            },
        ]) }}
    ),

    of_posts as (
        {{ shares_of_forms([{
            "measure_code": "D1.01a",
            "form": "stg_staff_post",
            "numerator": "posts_vacant",
            "denominator": "posts_total",
            "filter": "post_group = 'teaching'",
        }]) }}
    ),

    measured as (
        select
            measure_code,
            school_id,
            school_year,
            numerator,
            denominator,
            delivery_ids,
            false as has_unconfirmed
        from of_staff
        union all
        select measure_code, school_id, school_year, numerator, denominator, delivery_ids, false
        from of_posts
        {%- for code, numerator, denominator, form in of_form %}
            union all
            select
                '{{ code }}',
                school_id,
                school_year,
                {{ numerator }},
                {{ denominator }},
                {{ merged_list("oo1_delivery_ids", form ~ "_delivery_ids") }},
                oo1_unconfirmed or {{ form }}_unconfirmed
            from {{ ref("int_school_year") }}
            where {{ numerator }} is not null and {{ denominator }} > 0
        {%- endfor %}
    )

    {{ measure_rows("measured", ["numerator", "denominator", "has_unconfirmed"]) }}
