{{ staged("head_appointment") }}
