"""Writes dbt's description of schema `raw` from the contracts.

Belongs here: the one-way projection contract → `dbt_project/models/sources/raw.yml`. The file
is generated and committed; a test holds it equal to the contracts. Not here: descriptions of
models, which stand beside their SQL.

    python -m ingestion.contracts.sources_yml
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from ingestion.contracts.model import Column, Contract, load_contracts
from warehouse.settings import DBT_PROJECT

PATH = DBT_PROJECT / "models" / "sources" / "raw.yml"

_HEAD = """\
# Generated from ingestion/contracts/*.yml; do not edit.
# Write it anew with: python -m ingestion.contracts.sources_yml
"""


def render() -> str:
    """Text of the sources file that fits today's contracts."""
    document = {
        "version": 2,
        "sources": [
            {
                "name": "raw",
                "schema": "raw",
                "description": "Проверенные строки поставок; таблицы описаны контрактами",
                "tables": [_table(contract) for contract in load_contracts().values()],
            }
        ],
    }
    return _HEAD + yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=100)


def _table(contract: Contract) -> dict[str, Any]:
    return {
        "name": contract.table,
        "description": f"{contract.title}. {contract.description}. Зерно: {contract.grain}.",
        "config": {
            "meta": {
                "source": contract.source,
                "producer": contract.producer,
                "key": list(contract.key),
            }
        },
        "columns": [_column(column) for column in contract.all_columns],
    }


def _column(column: Column) -> dict[str, Any]:
    unit = f", {column.unit}" if column.unit else ""
    return {
        "name": column.name,
        "description": column.description + unit,
        "data_type": column.sql_type,
        "config": {"meta": {"pd": column.pd}},
    }


def main(path: Path = PATH) -> None:
    """Write the file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(render(), encoding="utf-8")


if __name__ == "__main__":
    main()
