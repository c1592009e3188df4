{{ staged("external_audit") }}
