{{ staged("expert") }}
