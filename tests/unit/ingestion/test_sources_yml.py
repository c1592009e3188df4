"""The committed description of schema `raw` equals the contracts."""

import yaml

from ingestion.contracts import load_contracts
from ingestion.contracts.sources_yml import PATH, main, render


def test_committed_file_equals_contracts() -> None:
    assert PATH.read_text(encoding="utf-8") == render(), (
        "run: python -m ingestion.contracts.sources_yml"
    )


def test_every_table_and_column_is_described_in_russian() -> None:
    tables = yaml.safe_load(render())["sources"][0]["tables"]
    assert [table["name"] for table in tables] == list(load_contracts())
    for table in tables:
        assert _is_russian(table["description"])
        for column in table["columns"]:
            assert _is_russian(column["description"]), (table["name"], column["name"])
            assert column["data_type"]


def test_main_writes_where_told(tmp_path) -> None:  # type: ignore[no-untyped-def]
    target = tmp_path / "new" / "raw.yml"
    main(target)
    assert target.read_text(encoding="utf-8") == render()


def _is_russian(text: str) -> bool:
    return any("а" <= letter <= "я" for letter in text.lower())
