{{ direction_value("D3", ["msr_d3_talent"]) }}
