{{ staged("meth_event") }}
