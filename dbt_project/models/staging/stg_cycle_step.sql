{{ staged("cycle_step") }}
