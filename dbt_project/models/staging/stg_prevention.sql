{{ staged("prevention_count") }}
