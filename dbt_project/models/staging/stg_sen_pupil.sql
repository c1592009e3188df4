{{ staged("sen_pupil") }}
