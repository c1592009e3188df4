{{ staged("vpr_paper_task") }}
