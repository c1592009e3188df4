"""Files of senders → typed, pseudonymised rows. Pure Python: no Dagster, no GX, no dbt."""
