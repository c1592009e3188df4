"""One file → typed rows: pre-check, format readers, layouts, typing; and the pool that runs them."""
