{{ direction_value("D3", []) }}
