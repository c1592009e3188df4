{{ staged("consumer_survey") }}
