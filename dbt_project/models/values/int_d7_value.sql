{{ direction_value("D7", ["msr_d7_methodical"]) }}
