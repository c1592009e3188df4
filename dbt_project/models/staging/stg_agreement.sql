{{ staged("agreement") }}
