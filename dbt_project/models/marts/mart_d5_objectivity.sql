-- Generated from seeds/catalogue; do not edit.
-- Write it anew with: python -m orchestration.direction_marts
{{
    direction_mart(
        "int_d5_value",
        [
            ("D5.01a", "biased_school_share", "all", False, True),
            ("D5.01b", "biased_ever_flag", "all", False, False),
            ("D5.01c", "biased_repeat_years", "all", False, False),
            ("D5.01d", "own_marker_count", "all", False, False),
            ("D5.02a", "procedure_check_share", "all", False, True),
            ("D5.02b", "violations_per_100_checks", "all", False, False),
            ("D5.03a", "olympiad_check_share", "all", False, True),
            ("D5.03b", "olympiad_appeal_changed_share", "all", False, False),
            ("D5.04a", "teachers_trained_results_share", "all", False, True),
            ("D5.05a", "observed_rooms_share", "all", False, True),
            ("D5.05b", "observer_independence_share", "all", False, False),
            ("D5.06a", "schools_with_results_decision_share", "all", False, True),
            ("D5.06b", "vsoko_uses_external_results_share", "all", False, False),
        ],
    )
}}
