{{ staged("exam_change") }}
