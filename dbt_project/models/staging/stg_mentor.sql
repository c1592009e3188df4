{{ staged("mentor_pair") }}
