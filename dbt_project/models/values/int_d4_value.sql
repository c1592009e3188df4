{{ direction_value("D4", ["msr_d4_guidance", "msr_d4_leaver"]) }}
