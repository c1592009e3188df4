"""Releases: whole, immutable, switched in one step, readers never disturbed."""

from __future__ import annotations

import dataclasses
import json
import stat
import subprocess
import sys
import threading
from pathlib import Path

import duckdb
import pytest

from warehouse import release as rel
from warehouse.settings import PROJECT, Settings, load_settings

CLIENT = PROJECT / ".venv" / "bin" / "duckdb"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = load_settings({"MSOKO_WAREHOUSE": str(tmp_path / "w"), "MSOKO_KEY_FILE": "/nowhere"})
    made.make_folders()
    return dataclasses.replace(made, releases_keep=3)


def publish(settings: Settings, value: int, *, rows: int = 10) -> rel.Release:
    def build(connection: duckdb.DuckDBPyConnection) -> None:
        connection.execute("create schema marts")
        connection.execute("create schema meta")
        connection.execute(f"create table marts.a as select {value} as v from range({rows})")
        connection.execute(f"create table marts.b as select {value} as v from range({rows})")
        connection.execute(f"create table meta.release as select {value} as v")

    head = rel.new_release(settings, run_id=f"run{value}", kind="synthetic", fingerprint=str(value))
    return rel.publish(settings, head, build, {"passed": 1})


def value_of(path: Path) -> int:
    with duckdb.connect(str(path), read_only=True) as connection:
        row = connection.execute("select min(v) from msoko.marts.a").fetchone()
    assert row
    return int(row[0])


def test_a_release_is_whole_readable_and_closed(settings: Settings) -> None:
    release = publish(settings, 1)
    folder = settings.releases / release.release_id
    assert sorted(path.name for path in folder.iterdir()) == ["manifest.json", "msoko.duckdb"]
    assert stat.S_IMODE((folder / "msoko.duckdb").stat().st_mode) == 0o440
    assert release.tables == {"marts.a": 10, "marts.b": 10, "meta.release": 1}
    assert release.parent is None
    assert rel.current_release(settings) == release
    assert rel.verify(settings, release) is None
    assert value_of(settings.published) == 1
    with duckdb.connect(str(settings.published), read_only=True) as connection:
        tags = connection.execute(
            "select tags from duckdb_databases() where database_name = 'msoko'"
        ).fetchone()
    assert tags
    assert tags[0]["storage_version"].startswith("v1.2.0")
    assert not settings.current.readlink().is_absolute()


def test_parents_and_numbers_follow(settings: Settings) -> None:
    first, second = publish(settings, 1), publish(settings, 2)
    assert (second.parent, second.seq) == (first.release_id, first.seq + 1)


def test_a_candidate_on_an_older_parent_is_refused(settings: Settings) -> None:
    publish(settings, 1)
    head = rel.new_release(settings, run_id="late", kind="synthetic", fingerprint="x")
    publish(settings, 2)
    with pytest.raises(rel.ReleaseError, match="другой выпуск"):
        rel.publish(settings, head, lambda connection: None, {})
    assert value_of(settings.published) == 2


def test_a_failed_build_leaves_the_old_release_and_its_leftovers_are_wiped(
    settings: Settings,
) -> None:
    publish(settings, 1)
    head = rel.new_release(settings, run_id="bad", kind="synthetic", fingerprint="x")
    with pytest.raises(duckdb.Error):
        rel.publish(settings, head, lambda connection: connection.execute("select boom"), {})
    assert value_of(settings.published) == 1
    assert list(settings.releases.glob(".candidate-*"))
    (settings.root / ".current-1").symlink_to("releases/x")
    rel.remove_leftovers(settings)
    assert not list(settings.releases.glob(".candidate-*"))
    assert not list(settings.root.glob(".current-*"))


def test_an_altered_release_is_noticed_and_rolled_back(settings: Settings) -> None:
    first, second = publish(settings, 1), publish(settings, 2)
    database = settings.releases / second.release_id / rel.FILE
    database.chmod(0o640)
    with database.open("ab") as file:
        file.write(b"x")
    said = rel.repair(settings)
    assert said is not None
    assert "изменён" in said
    assert rel.current_release(settings) == first
    assert rel.repair(settings) is None


def test_a_lost_link_is_restored(settings: Settings) -> None:
    release = publish(settings, 1)
    settings.current.unlink()
    assert rel.repair(settings) is not None
    assert rel.current_release(settings) == release


def test_roll_back_and_on_again(settings: Settings) -> None:
    first, second = publish(settings, 1), publish(settings, 2)
    assert rel.roll_back(settings) == first
    assert value_of(settings.published) == 1
    with pytest.raises(rel.ReleaseError, match="более раннего"):
        rel.roll_back(settings)
    assert rel.roll_back(settings, second.release_id) == second
    with pytest.raises(rel.ReleaseError, match="нет среди"):
        rel.roll_back(settings, "20000101")


def test_retention_keeps_the_newest_the_pinned_and_the_current(settings: Settings) -> None:
    made = [publish(settings, value) for value in range(6)]
    rel.pin(settings, made[0].release_id, "приказ № 1")
    rel.roll_back(settings, made[1].release_id)
    removed = rel.remove_old(settings)
    assert removed == [made[2].release_id]
    assert rel.pin_reason(settings, made[0].release_id) == "приказ № 1"
    rel.unpin(settings, made[0].release_id)
    assert rel.remove_old(settings) == [made[0].release_id]


def test_a_damaged_manifest_does_not_count(settings: Settings) -> None:
    release = publish(settings, 1)
    (settings.releases / release.release_id / rel.MANIFEST).write_text("{", encoding="utf-8")
    assert rel.releases(settings) == []
    assert rel.current_release(settings) is None
    repaired = rel.repair(settings)
    assert repaired is None or "целого выпуска нет" in repaired


def test_order_does_not_hang_on_the_clock(settings: Settings) -> None:
    publish(settings, 1)
    later = publish(settings, 2)
    path = settings.releases / later.release_id / rel.MANIFEST
    document = json.loads(path.read_text(encoding="utf-8"))
    assert [release.seq for release in rel.releases(settings)] == [1, 2]
    assert document["seq"] == 2


READER = """
import duckdb, sys, pathlib
stop, path = pathlib.Path(sys.argv[1]), sys.argv[2]
reads = 0
seen = set()
while not stop.exists():
    with duckdb.connect(path, read_only=True) as c:
        a = c.execute("select min(v), max(v), count(*) from msoko.marts.a").fetchone()
        b = c.execute("select min(v), max(v), count(*) from msoko.marts.b").fetchone()
        m = c.execute("select v from msoko.meta.release").fetchone()
    assert a == b and a[0] == a[1] == m[0] and a[2] == 10, (a, b, m)
    reads += 1
    seen.add(a[0])
print(reads, len(seen))
"""


def test_readers_never_see_an_error_or_a_mixture(settings: Settings, tmp_path: Path) -> None:
    publish(settings, 0)
    stop = tmp_path / "stop"
    python = subprocess.Popen(
        [sys.executable, "-c", READER, str(stop), str(settings.published)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    faults: list[str] = []
    client_reads = 0

    def command_line() -> None:
        nonlocal client_reads
        query = "select min(v) = max(v) and count(*) = 10 from msoko.marts.a"
        while not stop.exists():
            done = subprocess.run(
                [CLIENT, "-readonly", "-csv", "-noheader", settings.published, query],
                capture_output=True,
                text=True,
            )
            if done.returncode or done.stdout.strip() != "true":
                faults.append(done.stdout + done.stderr)
            client_reads += 1

    thread = threading.Thread(target=command_line)
    if CLIENT.exists():
        thread.start()
    for value in range(1, 51):
        publish(settings, value)
        rel.remove_old(settings)
    stop.touch()
    if CLIENT.exists():
        thread.join()
        assert client_reads > 3
    out, err = python.communicate(timeout=60)
    assert python.returncode == 0, err
    reads, seen = map(int, out.split())
    assert reads > 20
    assert seen > 5
    assert faults == []


def test_new_connections_of_one_process_see_the_new_release(settings: Settings) -> None:
    publish(settings, 1)
    old = duckdb.connect(str(settings.published), read_only=True)
    publish(settings, 2)
    assert old.execute("select min(v) from msoko.marts.a").fetchone() == (1,)
    assert value_of(settings.published) == 2
    old.close()


def test_files_beside_the_database_are_kept_with_it(settings: Settings, tmp_path: Path) -> None:
    page = tmp_path / "quality.html"
    page.write_text("первый", encoding="utf-8")
    head = rel.new_release(settings, run_id="r", kind="real", fingerprint="f")
    made = rel.publish(
        settings, head, lambda con: con.execute("create table t (x int)"), {}, [page]
    )
    page.write_text("второй", encoding="utf-8")
    kept = settings.releases / made.release_id / "quality.html"
    assert kept.read_text(encoding="utf-8") == "первый"
    assert kept.stat().st_mode & 0o777 == 0o440
