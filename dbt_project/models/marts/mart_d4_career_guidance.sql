-- Generated from seeds/catalogue; do not edit.
-- Write it anew with: python -m orchestration.direction_marts
{{
    direction_mart(
        "int_d4_value",
        [
            ("D4.01a", "active_agreements", "all", False, True),
            ("D4.01b", "schools_with_agreement_share", "all", False, False),
            ("D4.02a", "preprofile_club_share", "all", False, True),
            ("D4.03a", "profile_study_share", "all", False, True),
            ("D4.03b", "advanced_subject_share", "all", False, False),
            ("D4.04a", "career_diagnostics_share", "all", False, True),
            ("D4.05a", "ege_three_plus_share", "all", False, True),
            ("D4.05b", "ege_three_plus_of_takers_share", "all", False, False),
            ("D4.06a", "gia11_choice_match_share", "all", False, True),
            ("D4.06b", "gia11_choice_match_two_share", "all", False, False),
            ("D4.07a", "vocational_by_profile_share", "all", False, True),
            ("D4.08a", "admitted_by_profile_share", "all", False, True),
            ("D4.09a", "skills_contest_share", "all", False, True),
            ("D4.09b", "skills_contest_sen_count", "all", False, False),
        ],
    )
}}
