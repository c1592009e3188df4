{{
    direction_value(
        "D1",
        ["msr_d1_staff", "msr_d1_expert", "msr_d1_vpr", "msr_d1_vpr_cohort", "msr_d1_exam", "msr_d1_vpr_oge_gap", "msr_d1_form", "msr_d1_sen", "msr_d1_completion", "msr_d1_final", "msr_d1_custom"],
        reference="int_reference_value",
        by_bias=true,
    )
}}
