{{ staged("shnor_official") }}
