{{ staged("observation") }}
