{{ staged("custom_indicator") }}
