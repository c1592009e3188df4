{{ staged("kdr_result") }}
