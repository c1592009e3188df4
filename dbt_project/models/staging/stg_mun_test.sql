{{ staged("municipal_test") }}
