-- Generated from seeds/catalogue; do not edit.
-- Write it anew with: python -m orchestration.direction_marts
{{
    direction_mart(
        "int_d6_value",
        [
            ("D6.01a", "admin_staff_qualified_share", "all", False, True),
            ("D6.02a", "admin_voluntary_diagnosed_share", "all", False, True),
            ("D6.03a", "young_teacher_share", "all", False, True),
            ("D6.03b", "beginner_teacher_share", "all", False, False),
            ("D6.03c", "young_teacher_retention", "all", False, False),
            ("D6.04a", "teacher_mean_weekly_hours", "all", False, True),
            ("D6.04b", "teacher_overload_share", "all", False, False),
            ("D6.05a", "admin_mean_teaching_hours", "all", False, True),
            ("D6.05b", "admin_over_limit_share", "all", False, False),
            ("D6.06a", "teachers_supported_in_school_share", "all", False, True),
            ("D6.07a", "external_audit_flag", "all", False, True),
            ("D6.07b", "audit_recommendations_closed_share", "all", False, False),
            ("D6.08a", "head_basic_value_added", "all", False, True),
            ("D6.09a", "head_high_value_added", "all", False, True),
            ("D6.10a", "reserve_coverage_share", "all", False, True),
            ("D6.10b", "reserve_use_share", "all", False, False),
            ("D6.11a", "noko_total", "all", False, True),
            ("D6.11b", "second_shift_share", "all", False, False),
            ("D6.11c", "accessibility_score", "all", False, False),
            ("D6.11d", "computers_per_100_pupils", "all", False, False),
            ("D6.11e", "consumer_satisfaction_share", "all", False, False),
            ("D6.11f", "site_completeness_share", "all", False, False),
            ("D6.12a", "head_extra_and_career_index", "all", False, True),
            ("D6.13a", "head_sen_index", "all", False, True),
        ],
    )
}}
