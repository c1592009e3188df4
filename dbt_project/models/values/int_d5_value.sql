{{
    direction_value(
        "D5", ["msr_d5_bias", "msr_d5_markers"], reference="int_reference_value", by_bias=true
    )
}}
