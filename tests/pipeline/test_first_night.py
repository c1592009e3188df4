"""A bad file among the very first ones does not keep the others out."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestration import REFRESH
from orchestration.launch import HELD, launch
from samples.city import write_city
from tests.pipeline.test_refresh import JOURNAL, spoil
from warehouse.database import open_database
from warehouse.settings import load_settings

pytestmark = pytest.mark.slow


def test_the_table_stands_without_the_bad_delivery(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MSOKO_WAREHOUSE", str(tmp_path / "warehouse"))
    settings = load_settings()
    settings.make_folders()
    write_city(settings.inbox, schools=3, years=1)
    spoil(settings.inbox / JOURNAL)
    outcome = launch(settings, REFRESH, {}, lambda text: None)
    assert outcome.exit_code == HELD, outcome.text
    with open_database(settings, read_only=True) as con:
        rows = con.execute("select count(*) from raw.vpr_journal").fetchone()
        held = con.execute(
            "select original_name from meta.delivery where status = 'held'"
        ).fetchall()
        states = con.execute("select table_name from meta.table_state where state = 'held'")
        assert states.fetchall() == [("vpr_journal",)]
    assert rows is not None
    assert rows[0] > 0
    assert (JOURNAL,) in held
