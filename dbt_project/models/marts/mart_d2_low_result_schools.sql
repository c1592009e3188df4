-- Generated from seeds/catalogue; do not edit.
-- Write it anew with: python -m orchestration.direction_marts
{{
    direction_mart(
        "int_d2_value",
        [
            ("D2.01a", "shnor_component_state", "all", True, True),
            ("D2.01b", "shnor_fail_share_delta", "all", False, False),
            ("D2.01c", "ege_relative_to_krai", "all", False, False),
            ("D2.01d", "shnor_positive_dynamics_share", "all", False, False),
            ("D2.01e", "federal_low_result_flag", "all", False, False),
            ("D2.01f", "resilience_flag", "all", False, False),
            ("D2.02a", "low_result_missed_lessons_share", "all", False, True),
            ("D2.02b", "low_result_unexcused_share", "all", False, False),
            ("D2.02c", "systematic_truancy_share", "all", False, False),
            ("D2.03a", "at_risk_plan_share", "all", False, True),
            ("D2.03b", "at_risk_extra_education_share", "all", False, False),
            ("D2.03c", "at_risk_basic_share", "all", False, False),
            ("D2.04a", "shnor_teachers_diagnosed_share", "all", False, True),
            ("D2.04b", "shnor_teachers_sufficient_share", "all", False, False),
            ("D2.05a", "shnor_with_curator_and_plan", "all", False, True),
            ("D2.05b", "methodical_contacts_per_shnor", "all", False, False),
            ("D2.05c", "recommendations_done_share", "all", False, False),
            ("D2.06a", "context_index", "all", False, True),
        ],
        given=["D2.06x"],
    )
}}
