{{ staged("cpd_programme") }}
