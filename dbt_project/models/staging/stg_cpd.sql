{{ staged("cpd_course") }}
