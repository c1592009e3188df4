{{ staged("vsosh_result") }}
