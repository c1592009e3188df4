{{ direction_value("D4", []) }}
