{{ staged("noko_score") }}
