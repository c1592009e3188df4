{{ staged("fsn_cell", {"school_year": list_school_year("(form_year + 1)")}) }}
