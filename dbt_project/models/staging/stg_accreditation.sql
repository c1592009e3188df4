{{ staged("accreditation") }}
