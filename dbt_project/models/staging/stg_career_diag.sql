{{ staged("career_diagnostics") }}
