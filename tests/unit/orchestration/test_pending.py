"""What counts as news, and what the schedule and the sensor make of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Self

import dagster as dg
import pytest

from orchestration import automation, pending
from orchestration.automation import build_schedule, inbox_sensor, record_failure
from orchestration.fingerprints import product_hashes
from orchestration.pending import look
from warehouse.settings import Settings, load_settings
from warehouse.state import State, write_state


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("MSOKO_WAREHOUSE", str(tmp_path / "warehouse"))
    made = load_settings()
    made.make_folders()
    made.database.touch()
    (made.releases / "r").mkdir()
    made.current.symlink_to("releases/r")
    made.published.touch()
    complete(made)
    return made


def complete(settings: Settings, **hashes: str) -> None:
    write_state(
        settings,
        State("run", "2026-11-24T00:00:00+00:00", "r", 0, {**product_hashes(), **hashes}, {}, {}),
    )


def test_nothing(settings: Settings) -> None:
    assert look(settings).reasons == ()


def test_a_new_file(settings: Settings) -> None:
    (settings.inbox / "a.xlsx").write_bytes(b"x")
    assert len(look(settings).reasons) == 1


@pytest.mark.parametrize("part", ["contracts", "code", "dbt", "config"])
def test_another_product(settings: Settings, part: str) -> None:
    complete(settings, **{part: "other"})
    assert len(look(settings).reasons) == 1


def test_an_unfinished_run(settings: Settings) -> None:
    (settings.vault / "journal.jsonl").write_text(
        json.dumps({"seq": 1, "event": "received", "at": "t", "sha256": "0" * 64}) + "\n",
        encoding="utf-8",
    )
    assert look(settings).reasons == ("есть поставки, которых последний прогон не видел",)


def test_no_release_no_database(settings: Settings) -> None:
    settings.current.unlink()
    assert look(settings).reasons == ("нет опубликованного выпуска",)
    settings.database.unlink()
    assert look(settings).reasons == ("завершённого прогона ещё не было",)


def test_the_night_skips_with_a_reason(settings: Settings) -> None:
    nightly = build_schedule(settings)
    assert nightly.cron_schedule == "0 2 * * *"
    assert nightly.execution_timezone == "Europe/Moscow"
    assert nightly.default_status == dg.DefaultScheduleStatus.RUNNING
    with dg.DagsterInstance.ephemeral() as instance:
        tick = nightly.evaluate_tick(dg.build_schedule_context(instance=instance))
        assert tick.skip_message is not None
        assert tick.skip_message.startswith("нового нет")
        (settings.inbox / "a.xlsx").write_bytes(b"x")
        tick = nightly.evaluate_tick(dg.build_schedule_context(instance=instance))
    assert tick.run_requests is not None
    assert len(tick.run_requests) == 1


def test_the_sensor_starts_one_run_for_one_state_of_the_inbox(settings: Settings) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        assert isinstance(inbox_sensor(dg.build_sensor_context(instance)), dg.SkipReason)
        (settings.inbox / "a.xlsx").write_bytes(b"x")
        first = inbox_sensor(dg.build_sensor_context(instance))
        again = inbox_sensor(dg.build_sensor_context(instance))
        assert isinstance(first, dg.RunRequest)
        assert isinstance(again, dg.RunRequest)
        assert first.run_key == again.run_key
        (settings.inbox / "b.xlsx").write_bytes(b"y")
        other = inbox_sensor(dg.build_sensor_context(instance))
        assert isinstance(other, dg.RunRequest)
        assert other.run_key != first.run_key


def test_a_failure_is_written_down(settings: Settings) -> None:
    record_failure(settings, {"job": "refresh", "run_id": "x", "message": "почему"})
    document = json.loads((settings.work / "last_failure.json").read_text(encoding="utf-8"))
    assert document["message"] == "почему"


def test_a_failure_is_mailed_if_configured(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    import dataclasses

    sent: list[object] = []

    class Server:
        def __init__(self, host: str, timeout: float) -> None:
            assert host == "mail.local"

        def __enter__(self) -> Self:
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def send_message(self, message: object) -> None:
            sent.append(message)

    monkeypatch.setattr(automation.smtplib, "SMTP", Server)
    mailed = dataclasses.replace(settings, mail_to=("a@b.c",), smtp_host="mail.local")
    record_failure(mailed, {"job": "refresh", "run_id": "x", "message": "почему"})
    assert len(sent) == 1


def test_looking_changes_nothing(settings: Settings) -> None:
    def tree() -> list[tuple[str, int]]:
        return sorted((str(path), path.lstat().st_mtime_ns) for path in settings.root.rglob("*"))

    (settings.inbox / "a.xlsx").write_bytes(b"x")
    before = tree()
    pending.look(settings)
    assert tree() == before
