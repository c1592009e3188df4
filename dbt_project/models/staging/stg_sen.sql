{{ staged("sen_count") }}
