{{
    direction_value(
        "D2", ["msr_d2_ege", "msr_d2_shnor"], reference="int_reference_value", by_bias=true
    )
}}
