{{
    direction_mart(
        "int_d2_value",
        [
            ("D2.01a", "shnor_component_state", "all", True),
            ("D2.01b", "shnor_fail_share_delta", "all", False),
            ("D2.01c", "ege_relative_to_krai", "all", False),
            ("D2.01d", "shnor_positive_dynamics_share", "all", False),
            ("D2.01e", "federal_low_result_flag", "all", False),
        ],
    )
}}
