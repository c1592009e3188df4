{{ staged("decision") }}
