{{ staged("attendance") }}
