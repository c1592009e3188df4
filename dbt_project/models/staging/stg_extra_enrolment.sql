{{ staged("extra_enrolment") }}
