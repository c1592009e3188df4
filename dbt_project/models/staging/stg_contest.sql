{{ staged("contest_result") }}
