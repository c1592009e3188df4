{{ direction_value("D8", []) }}
