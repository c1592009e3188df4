{{ staged("bias_list") }}
