{{ staged("low_result_attendance") }}
