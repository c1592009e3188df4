{{ staged("vpr_pupil") }}
