{{ staged("burnout_survey") }}
