"""The note of the last completed run is whole or absent."""

from __future__ import annotations

from pathlib import Path

from warehouse.settings import load_settings
from warehouse.state import State, forget_state, read_state, write_state


def test_written_read_forgotten(tmp_path: Path) -> None:
    settings = load_settings({"MSOKO_WAREHOUSE": str(tmp_path)})
    settings.make_folders()
    assert read_state(settings) is None
    state = State("run", "2026-11-24T00:00:00+00:00", "r1", 7, {"code": "x"}, {"school": "y"})
    write_state(settings, state)
    assert read_state(settings) == state
    (settings.work / "state.json").write_text("{", encoding="utf-8")
    assert read_state(settings) is None
    forget_state(settings)
    forget_state(settings)
    assert read_state(settings) is None


def test_no_temporary_file_stays(tmp_path: Path) -> None:
    settings = load_settings({"MSOKO_WAREHOUSE": str(tmp_path)})
    settings.make_folders()
    write_state(settings, State("run", "t", "r1", 7))
    assert sorted(path.name for path in settings.work.iterdir()) == ["state.json", "tmp"]
