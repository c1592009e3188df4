{{
    direction_value(
        "D6",
        ["msr_d6_staff", "msr_d6_audit", "msr_d6_conditions", "msr_d6_index", "msr_d6_expected"],
        bounded=["msr_d6_expected"],
    )
}}
