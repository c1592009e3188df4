{{ custom_measure("D1.13x") }}
