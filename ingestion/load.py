"""Readings and cached rows → schema `incoming`, the candidates of the gate.

Belongs here: what is known of each delivery (schema `meta`), which parts ought to be in force,
staging of their rows with today's school identity. Not here: reading (`ingestion.read`), the
gate and the move into `raw` (`expectations`).
"""

from __future__ import annotations

import duckdb

from ingestion.contracts import load_contracts, table_ddl


def create_raw_tables(con: duckdb.DuckDBPyConnection) -> None:
    """Make every contract's table exist in `raw` and `incoming`, empty if it is new."""
    for contract in load_contracts().values():
        for schema in ("raw", "incoming"):
            con.execute(table_ddl(contract, schema))
