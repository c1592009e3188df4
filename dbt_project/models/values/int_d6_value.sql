{{ direction_value("D6", []) }}
