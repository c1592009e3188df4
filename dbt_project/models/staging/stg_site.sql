{{ staged("site_check") }}
