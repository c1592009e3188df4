with
    {{ staff_acts("trained", [
        {
            "form": "stg_cpd",
            "window": in_last_three_years("act.finished_on", "year.school_year"),
            "columns": {"is_results_use": "act.topic = 'results_use'"},
        },
        {
            "form": "stg_meth_event",
            "window": in_last_three_years("act.event_date", "year.school_year"),
            "columns": {"is_results_use": "act.event_type = 'results'"},
        },
    ]) }},

    measured as (
        {{ staff_shares([{
            "measure_code": "D5.04a",
            "acts": "trained",
            "persons": "staff.is_teacher",
            "done": "act.is_results_use",
        }]) }}
    )

    {{ measure_rows("measured", ["numerator", "denominator"]) }}
