"""Writes dbt's descriptions of schema `raw` and of the staging models from the contracts.

Belongs here: the one-way projection contract → `dbt_project/models/sources/raw.yml` and
`dbt_project/models/staging/_staging.yml`. The files are generated and committed; a test holds them
equal to the contracts. Not here: descriptions of other models, which stand beside their SQL; a
staging model that derives columns has a yml of its own as well.

    python -m ingestion.contracts.sources_yml
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from ingestion.contracts.model import Column, Contract, load_contracts
from warehouse.settings import DBT_PROJECT

PATH = DBT_PROJECT / "models" / "sources" / "raw.yml"
STAGING = DBT_PROJECT / "models" / "staging"
STAGING_PATH = STAGING / "_staging.yml"

_HEAD = """\
# Generated from ingestion/contracts/*.yml; do not edit.
# Write it anew with: python -m ingestion.contracts.sources_yml
"""
_TABLE = re.compile(r'staged\(\s*"(\w+)"')
# Columns that say where a row stood and how its school was found; figures need none of them.
_PROVENANCE = {
    "sheet",
    "row_no",
    "source_text",
    "school_code",
    "school_name_given",
    "school_match",
}
# Rows of several senders may overlap; models choose between them.
_OVERLAPPING = {"S01", "S03", "S04"}


def render() -> str:
    """Text of the sources file that fits today's contracts."""
    source = {
        "name": "raw",
        "schema": "raw",
        "description": "Проверенные строки поставок; таблицы описаны контрактами",
        "tables": [_table(contract) for contract in load_contracts().values()],
    }
    return _text({"version": 2, "sources": [source]})


def render_staging() -> str:
    """Text of the staging file: every model that has no yml of its own."""
    models = [
        _model(name, contract)
        for name, contract in staged_tables().items()
        if not (STAGING / f"{name}.yml").exists()
    ]
    return _text({"version": 2, "models": models})


def staged_tables() -> Mapping[str, Contract]:
    """Staging model → contract of the table that it reads."""
    contracts = load_contracts()
    found = (
        (path.stem, _TABLE.search(path.read_text(encoding="utf-8")))
        for path in sorted(STAGING.glob("stg_*.sql"))
    )
    return {name: contracts[match[1]] for name, match in found if match}


def staged_columns(contract: Contract) -> Iterator[Column]:
    """Columns of a table that its staging model offers."""
    keep = {"school_code"} & set(contract.key)
    return (
        column
        for column in contract.all_columns
        if column.name not in _PROVENANCE or column.name in keep
    )


def _text(document: Mapping[str, Any]) -> str:
    return _HEAD + yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=100)


def _table(contract: Contract) -> dict[str, Any]:
    return {
        "name": contract.table,
        "description": _description(contract),
        "config": {
            "meta": {
                "source": contract.source,
                "producer": contract.producer,
                "key": list(contract.key),
            }
        },
        "columns": [_column(column) for column in contract.all_columns],
    }


def _model(name: str, contract: Contract) -> dict[str, Any]:
    model: dict[str, Any] = {
        "name": name,
        "description": _description(contract),
        "config": {"contract": {"enforced": True}},
    }
    if contract.source not in _OVERLAPPING:
        required = {column.name for column in contract.all_columns if column.required}
        if contract.school and contract.school_required:
            required.add("school_id")
        arguments = {
            "columns": [column for column in contract.key if column in required],
            "nullable": [column for column in contract.key if column not in required],
        }
        model["data_tests"] = [
            {"key_is_unique": {name: value for name, value in arguments.items() if value}}
        ]
    return {**model, "columns": [_column(column) for column in staged_columns(contract)]}


def _description(contract: Contract) -> str:
    return f"{contract.title}. {contract.description}. Зерно: {contract.grain}."


def _column(column: Column) -> dict[str, Any]:
    unit = f", {column.unit}" if column.unit else ""
    return {
        "name": column.name,
        "description": column.description + unit,
        "data_type": column.sql_type,
        "config": {"meta": {"pd": column.pd}},
    }


def main(path: Path = PATH, staging: Path = STAGING_PATH) -> None:
    """Write the files."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(render(), encoding="utf-8")
    staging.write_text(render_staging(), encoding="utf-8")


if __name__ == "__main__":
    main()
