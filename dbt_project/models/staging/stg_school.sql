{{ staged("school") }}
