{{ direction_value("D6", ["msr_d6_index"]) }}
