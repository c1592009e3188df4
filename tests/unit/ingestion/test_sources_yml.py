"""The committed descriptions of schema `raw` and of the staging models equal the contracts."""

import yaml

from ingestion.contracts import load_contracts
from ingestion.contracts.sources_yml import (
    PATH,
    STAGING,
    STAGING_PATH,
    main,
    render,
    render_staging,
    staged_columns,
    staged_tables,
)


def test_committed_files_equal_contracts() -> None:
    remedy = "run: python -m ingestion.contracts.sources_yml"
    assert PATH.read_text(encoding="utf-8") == render(), remedy
    assert STAGING_PATH.read_text(encoding="utf-8") == render_staging(), remedy


def test_a_staging_model_with_its_own_yml_offers_what_the_contract_has() -> None:
    for name, contract in staged_tables().items():
        path = STAGING / f"{name}.yml"
        if not path.exists():
            continue
        (model,) = yaml.safe_load(path.read_text(encoding="utf-8"))["models"]
        declared = {
            column["name"]: (column["data_type"], column["config"]["meta"]["pd"])
            for column in model["columns"]
        }
        wanted = {column.name: (column.sql_type, column.pd) for column in staged_columns(contract)}
        assert wanted.items() <= declared.items(), name
        assert model["config"]["contract"]["enforced"], name


def test_every_table_and_column_is_described_in_russian() -> None:
    tables = yaml.safe_load(render())["sources"][0]["tables"]
    assert [table["name"] for table in tables] == list(load_contracts())
    for table in tables:
        assert _is_russian(table["description"])
        for column in table["columns"]:
            assert _is_russian(column["description"]), (table["name"], column["name"])
            assert column["data_type"]


def test_main_writes_where_told(tmp_path) -> None:  # type: ignore[no-untyped-def]
    target, staging = tmp_path / "new" / "raw.yml", tmp_path / "staging.yml"
    main(target, staging)
    assert target.read_text(encoding="utf-8") == render()
    assert staging.read_text(encoding="utf-8") == render_staging()


def _is_russian(text: str) -> bool:
    return any("а" <= letter <= "я" for letter in text.lower())
