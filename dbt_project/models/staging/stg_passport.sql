{{ staged("social_passport") }}
