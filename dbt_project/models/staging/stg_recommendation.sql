{{ staged("recommendation") }}
