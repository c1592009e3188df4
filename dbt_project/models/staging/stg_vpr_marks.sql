{{ staged("vpr_marks") }}
