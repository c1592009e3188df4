{{ staged("vpr_score_distribution") }}
