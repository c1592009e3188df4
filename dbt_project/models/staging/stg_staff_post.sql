{{ staged("staff_post") }}
