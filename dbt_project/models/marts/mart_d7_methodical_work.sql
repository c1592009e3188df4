-- Generated from seeds/catalogue; do not edit.
-- Write it anew with: python -m orchestration.direction_marts
{{
    direction_mart(
        "int_d7_value",
        [
            ("D7.01a", "teachers_methodical_coverage_share", "all", False, True),
            ("D7.01b", "addressed_support_share", "all", False, False),
            ("D7.01c", "practice_bank_items", "all", False, False),
            ("D7.02a", "young_teachers_with_mentor_share", "all", False, True),
            ("D7.02b", "mentor_pairs_completed_share", "all", False, False),
            ("D7.03a", "network_participation_share", "all", False, True),
            ("D7.03b", "network_agreements", "all", False, False),
        ],
    )
}}
