{{ staged("oge_result") }}
