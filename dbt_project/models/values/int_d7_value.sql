{{ direction_value("D7", []) }}
