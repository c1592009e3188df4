with
    {{ staff_acts("trained", [{
        "form": "stg_cpd",
        "window": in_last_three_years("act.finished_on", "year.school_year"),
        "columns": {"is_upbringing": "act.topic = 'upbringing'"},
    }]) }},

    measured as (
        {{ staff_shares([{
            "measure_code": "D9.01a",
            "acts": "trained",
            "persons": "staff.is_upbringing",
            "done": "act.is_upbringing",
        }]) }}
    )

    {{ measure_rows("measured", ["numerator", "denominator"]) }}
