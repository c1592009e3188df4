{{ staged("vpr_journal") }}
