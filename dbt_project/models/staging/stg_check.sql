{{ staged("procedure_check") }}
