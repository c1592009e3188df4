-- Generated from seeds/catalogue; do not edit.
-- Write it anew with: python -m orchestration.direction_marts
{{
    direction_mart(
        "int_d3_value",
        [
            ("D3.01a", "vsosh_school_stage_coverage", "all", False, True),
            ("D3.01b", "vsosh_municipal_stage_coverage", "all", False, False),
            ("D3.01c", "vsosh_municipal_success_share", "all", False, False),
            ("D3.01d", "vsosh_regional_invitations", "all", False, False),
            ("D3.01e", "vsosh_stage_gap", "all", False, False),
            ("D3.02a", "contest_participation_share", "all", False, True),
            ("D3.02b", "contest_success_share", "all", False, False),
            ("D3.03a", "extra_education_coverage_share", "all", False, True),
            ("D3.03b", "extra_education_sen_coverage_share", "all", False, False),
            ("D3.03c", "programme_direction_mix", "technical", False, False),
            ("D3.04a", "gifted_with_support_share", "all", False, True),
            ("D3.04b", "gifted_share", "all", False, False),
        ],
    )
}}
