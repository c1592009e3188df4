{{
    direction_value(
        "D2",
        ["msr_d2_diagnostics", "msr_d2_ege", "msr_d2_shnor", "msr_d2_custom"],
        reference="int_reference_value",
        by_bias=true,
    )
}}
