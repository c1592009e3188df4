{{ staged("language_count") }}
