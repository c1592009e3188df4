"""Two refreshes at once on a machine that has never run one: both succeed, one after the other."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from orchestration.instance import open_instance
from samples.city import write_city
from warehouse.settings import PROJECT, load_settings

pytestmark = pytest.mark.slow


def test_two_first_refreshes_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MSOKO_WAREHOUSE", str(tmp_path / "warehouse"))
    monkeypatch.setenv("MSOKO_KEY_FILE", str(tmp_path / "key"))
    settings = load_settings()
    settings.make_folders()
    write_city(settings.inbox, schools=3, years=1)
    command = [sys.executable, "-c", "from orchestration.cli import main; main()", "refresh"]
    both = [
        subprocess.Popen(
            command,
            cwd=PROJECT,
            env=os.environ.copy(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for _ in range(2)
    ]
    said = [child.communicate(timeout=300)[0] for child in both]
    assert [child.returncode for child in both] == [0, 0], "\n---\n".join(said)
    assert sum("жду: идёт другой прогон" in text for text in said) == 1
    with open_instance(settings) as instance:
        spans = sorted(
            (min(stats), max(stats))
            for run in instance.get_runs()
            if (
                stats := [
                    moment
                    for step in instance.get_run_step_stats(run.run_id)
                    for moment in (step.start_time, step.end_time)
                    if moment
                ]
            )
        )
    assert len(spans) == 2
    assert spans[0][1] <= spans[1][0]
