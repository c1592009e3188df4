{{ staged("teacher_diagnostics") }}
