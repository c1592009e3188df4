{{ staged("volunteer_count") }}
