{{ staged("programme_target") }}
