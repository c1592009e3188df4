{{ direction_value('D5', ['msr_d5_bias'], derived=['msr_d5_markers']) }}
