{{ direction_value("D8", ["msr_d8_training"]) }}
