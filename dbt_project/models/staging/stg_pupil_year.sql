{{ staged("pupil_year") }}
