{{ direction_value('D2', ['msr_d2_ege', 'msr_d2_shnor']) }}
