{{ custom_measure("D2.06x") }}
