{{
    direction_value(
        "D5", ["msr_d5_training", "msr_d5_bias", "msr_d5_markers", "msr_d5_use", "msr_d5_control"], reference="int_reference_value", by_bias=true
    )
}}
