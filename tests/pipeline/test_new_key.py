"""The pseudonym key: a run refuses a wrong or missing one, and `rebuild --new-key` makes all anew."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from samples.city import write_city
from warehouse.database import open_database, open_file
from warehouse.settings import PROJECT, load_settings

pytestmark = pytest.mark.slow


def test_a_warehouse_under_another_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MSOKO_WAREHOUSE", str(tmp_path / "warehouse"))
    monkeypatch.setenv("MSOKO_KEY_FILE", str(tmp_path / "key" / "pseudonym.key"))
    settings = load_settings()
    settings.make_folders()
    write_city(settings.inbox, schools=3, years=1)

    def msoko(*arguments: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-c", "from orchestration.cli import main; main()", *arguments],
            cwd=PROJECT,
            env=os.environ.copy(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return done.returncode, done.stdout

    def pids() -> set[str]:
        with open_database(settings, read_only=True) as con:
            rows = con.execute("select distinct person_pid from raw.staff").fetchall()
        return {pid for (pid,) in rows}

    def figures() -> list[tuple[object, ...]]:
        with open_file(settings.published) as con:
            return con.execute(
                "select * exclude (delivery_ids) from marts.indicator_value order by all"
            ).fetchall()

    code, said = msoko("refresh")
    assert code in (0, 3), said
    before, shown = pids(), figures()
    assert before

    key = settings.key_file.read_bytes()
    (settings.inbox / "новый.csv").write_text("а;б\n1;2\n")
    settings.key_file.unlink()
    code, said = msoko("refresh")
    assert (code, "Верните ключ" in said) == (1, True), said
    assert not settings.key_file.exists()
    settings.key_file.write_text("ab" * 32)
    settings.key_file.chmod(0o600)
    code, said = msoko("refresh")
    assert (code, "не тот" in said) == (1, True), said
    assert figures() == shown
    settings.key_file.write_bytes(key)

    code, said = msoko("rebuild", "--new-key")
    assert code in (0, 3), said
    after = pids()
    assert len(after) == len(before)
    assert not after & before
    assert figures() == shown
    [old] = settings.key_file.parent.glob("pseudonym.key.*")
    assert old.read_bytes() == key
    code, said = msoko("refresh")
    assert code in (0, 3), said
    assert pids() == after
