{{ staged("prevention_pupil") }}
