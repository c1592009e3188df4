{{ staged("reserve_post") }}
