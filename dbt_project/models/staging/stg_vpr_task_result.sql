{{ staged("vpr_task_result") }}
