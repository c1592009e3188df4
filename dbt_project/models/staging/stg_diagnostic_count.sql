{{ staged("diagnostic_count") }}
