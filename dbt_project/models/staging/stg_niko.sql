{{ staged("niko_result") }}
