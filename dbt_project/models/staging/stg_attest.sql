{{ staged("attestation") }}
