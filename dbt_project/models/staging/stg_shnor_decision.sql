{{ staged("shnor_decision") }}
