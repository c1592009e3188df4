-- Generated from seeds/catalogue; do not edit.
-- Write it anew with: python -m orchestration.direction_marts
{{
    direction_mart(
        "int_d9_value",
        [
            ("D9.01a", "upbringing_staff_trained_share", "all", False, True),
            ("D9.02a", "upbringing_programme_share", "all", False, True),
            ("D9.02b", "upbringing_plan_done_share", "all", False, False),
            ("D9.03a", "volunteer_share", "all", False, True),
            ("D9.04a", "accounted_pupils_per_1000", "all", False, True),
            ("D9.04b", "prevention_closed_share", "all", False, False),
            ("D9.04c", "holiday_employment_share", "all", False, False),
            ("D9.04d", "offences_repeat_share", "all", False, False),
            ("D9.05a", "non_native_russian_share", "all", False, True),
            ("D9.05b", "non_native_supported_share", "all", False, False),
            ("D9.05c", "non_native_basic_share", "all", False, False),
        ],
    )
}}
