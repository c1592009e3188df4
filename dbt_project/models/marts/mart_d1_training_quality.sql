{{
    direction_mart(
        "int_d1_value",
        [
            ("D1.03a", "vpr_basic_share", "all", False),
            ("D1.03b", "oge_basic_share", "all", False),
            ("D1.03c", "ege_pass_share", "certificate", False),
            ("D1.07a", "vpr_mark5_share", "all", False),
            ("D1.07b", "vpr_quality_share", "all", False),
            ("D1.07c", "oge_mark5_share", "all", False),
            ("D1.07d", "ege_81_100_share", "all", False),
            ("D1.07e", "ege_220_three_subjects_share", "all", False),
            ("D1.10b", "primary_to_lower_sec_drop", "all", False),
            ("D1.10c", "vpr_to_oge_gap", "all", False),
            ("D1.13a", "vpr_participation_share", "all", False),
        ],
    )
}}
