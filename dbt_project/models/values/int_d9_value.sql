{{ direction_value("D9", ["msr_d9_staff", "msr_d9_upbringing"]) }}
