{{ staged("network_member") }}
