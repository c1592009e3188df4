{{ direction_value("D9", []) }}
