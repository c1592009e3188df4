{{ staged("leaver", {"specialty_group": "left(specialty_code, 2)"}) }}
