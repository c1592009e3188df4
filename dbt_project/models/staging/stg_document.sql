{{ staged("school_document") }}
