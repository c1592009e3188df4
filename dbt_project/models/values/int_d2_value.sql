{{ direction_value('D2', ['msr_d2_ege'], derived=['msr_d2_shnor']) }}
