{{ staged("gifted_count") }}
