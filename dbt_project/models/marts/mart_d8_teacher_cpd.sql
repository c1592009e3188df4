-- Generated from seeds/catalogue; do not edit.
-- Write it anew with: python -m orchestration.direction_marts
{{
    direction_mart(
        "int_d8_value",
        [
            ("D8.01a", "teachers_diagnosed_share", "all", False, True),
            ("D8.01b", "teachers_with_individual_plan_share", "all", False, False),
            ("D8.01c", "cpd_matches_deficit_share", "all", False, False),
            ("D8.01d", "teachers_cpd_3y_share", "all", False, False),
            ("D8.01e", "cpd_programme_quality_share", "all", False, False),
            ("D8.02a", "burnout_coverage_share", "all", False, True),
            ("D8.02b", "burnout_high_share", "all", False, False),
            ("D8.03a", "teacher_contest_share", "all", False, True),
        ],
    )
}}
