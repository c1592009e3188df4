"""The catalogue of tables: one yml for each table of a source, read into plain objects.

Belongs here: what a table is (columns, types, keys, vocabularies) and how its layouts are
recognised. Not here: how files are read (`ingestion.read`), formulas (dbt), rules that span
tables (`expectations.suites`).
"""

from ingestion.contracts.model import (
    SYSTEM_COLUMNS,
    Column,
    Contract,
    ContractError,
    Identity,
    Layout,
    contracts_hash,
    load_contracts,
    table_ddl,
)

__all__ = [
    "SYSTEM_COLUMNS",
    "Column",
    "Contract",
    "ContractError",
    "Identity",
    "Layout",
    "contracts_hash",
    "load_contracts",
    "table_ddl",
]
