{{ staged("ege_result") }}
