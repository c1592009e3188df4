{{ staged("holiday_count") }}
