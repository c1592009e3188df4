{{
    direction_mart(
        "int_d5_value",
        [
            ("D5.01a", "biased_school_share", "all", False),
            ("D5.01b", "biased_ever_flag", "all", False),
            ("D5.01c", "biased_repeat_years", "all", False),
            ("D5.01d", "own_marker_count", "all", False),
        ],
    )
}}
