from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from ingestion.pseudonym import Pseudonymiser, load_key
from ingestion.read import cache
from ingestion.read.pool import ReadError, ToRead, read_deliveries
from warehouse.settings import ReaderLimits, load_settings

HERE = Path(__file__).parent


@pytest.fixture
def settings(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(HERE))
    found = load_settings(
        {"MSOKO_WAREHOUSE": str(tmp_path / "w"), "MSOKO_KEY_FILE": str(tmp_path / "key")}
    )
    found.make_folders()
    return replace(found, readers=ReaderLimits(workers=2, memory_mb=1024, seconds=20))


def put(settings, text: str, **told: str) -> ToRead:
    data = text.encode()
    sha256 = hashlib.sha256(data).hexdigest()
    folder = settings.vault / sha256[:2]
    folder.mkdir(exist_ok=True)
    (folder / sha256).write_bytes(data)
    return ToRead(sha256[:16], sha256, "2021/4/Математика.xlsx", told)


def read(settings, todo, progress=None):
    batches = list(read_deliveries(settings, todo, progress, reader="stub_reader:read_file"))
    readings = [reading for batch in batches for reading in batch.readings]
    assert len(readings) == len(todo)
    return {reading.delivery_id: reading for reading in readings}, batches


def generation(settings) -> str:
    return cache.generation_of(settings, load_key(settings).key_id)


def test_rows_arrive_in_segments_of_many_files(settings):
    todo = [put(settings, f"row {number}", subject="MA") for number in range(300)]
    seen = []
    readings, batches = read(settings, todo, lambda done, total: seen.append((done, total)))
    assert {reading.status for reading in readings.values()} == {"read"}
    assert seen[-1] == (300, 300)
    assert seen == sorted(seen)
    paths = [path for batch in batches for path in batch.segments["vpr_pupil"]]
    assert len(paths) <= 2
    assert sorted(paths) == cache.segments(settings, generation(settings), "vpr_pupil")
    rows = [row for path in paths for row in pq.read_table(path).to_pylist()]
    assert len(rows) == 300
    assert {row["delivery_id"] for row in rows} == set(readings)
    assert rows[0]["scores"] == [1, -1, None]
    assert rows[0]["cal_year"] == 2021
    assert rows[0]["mark"] is None
    pseudonymiser = load_key(settings)
    assert {row["pupil_code"] for row in rows} == {
        pseudonymiser.pid("pupil", str(number)) for number in range(300)
    }


def test_readings_come_back_from_the_cache_under_name_and_told(settings):
    todo = [put(settings, "row 1", subject="MA")]
    readings, _ = read(settings, todo)
    cached = cache.cached_readings(settings, generation(settings))
    assert cached == {todo[0].key: next(iter(readings.values()))}
    reading = cached[todo[0].key]
    assert reading.envelope == {"subject": "MA"}
    assert reading.structure == [("Лист", "title", 2)]
    assert reading.segment
    assert reading.bytes == 5
    assert replace(todo[0], name="other.xlsx").key not in cached
    assert replace(todo[0], told={}).key not in cached


@pytest.mark.parametrize("killer", ["abort x", "segfault x"])
def test_a_killed_worker_costs_only_its_own_file(settings, killer):
    todo = [put(settings, f"row {number}") for number in range(40)]
    bad = put(settings, killer)
    readings, _ = read(settings, [*todo[:20], bad, *todo[20:]])
    assert readings[bad.delivery_id].reason_code == "PARSE_KILLED"
    assert sum(reading.status == "read" for reading in readings.values()) == 40
    cached = cache.cached_readings(settings, generation(settings))
    assert len(cached) == 41  # the killer is not read again either
    rows = [
        pq.read_metadata(path).num_rows
        for path in cache.segments(settings, generation(settings), "vpr_pupil")
    ]
    assert sum(rows) == 40


def test_several_killers_in_one_batch(settings):
    todo = [put(settings, f"row {number}") for number in range(12)]
    bad = [put(settings, f"abort {number}") for number in range(3)]
    limits = replace(settings.readers, workers=1)
    readings, _ = read(replace(settings, readers=limits), [*bad, *todo])
    assert {readings[item.delivery_id].reason_code for item in bad} == {"PARSE_KILLED"}
    assert {readings[item.delivery_id].status for item in todo} == {"read"}


def test_a_file_during_which_somebody_else_killed_the_worker_is_read_again(settings, tmp_path):
    item = put(settings, f"abort-once {tmp_path / 'mark'}")
    readings, _ = read(settings, [item])
    assert readings[item.delivery_id].status == "read"


def test_a_hanging_file_is_given_up(settings):
    todo = [put(settings, f"row {number}") for number in range(10)]
    bad = put(settings, "hang x")
    limits = replace(settings.readers, seconds=0.5)
    readings, _ = read(replace(settings, readers=limits), [bad, *todo])
    assert readings[bad.delivery_id].reason_code == "PARSE_TIMEOUT"
    assert readings[bad.delivery_id].params == {"seconds": 0.5}
    assert sum(reading.status == "read" for reading in readings.values()) == 10


def test_a_file_that_needs_too_much_memory_is_refused(settings):
    bad, good = put(settings, "eat x"), put(settings, "row 1")
    readings, _ = read(settings, [bad, good])
    assert readings[bad.delivery_id].reason_code == "PARSE_KILLED"
    assert readings[good.delivery_id].status == "read"


def test_refusals_and_defects_carry_no_message(settings, capfd):
    canary = "Канарейкина"
    refused, defect = put(settings, "refuse x"), put(settings, f"defect {canary}")
    mistyped = put(settings, "mistyped 2")
    readings, _ = read(settings, [refused, defect, mistyped])
    assert readings[refused.delivery_id].reason_code == "UNKNOWN_LAYOUT"
    assert readings[defect.delivery_id].params == {"error": "ValueError"}
    assert readings[mistyped.delivery_id].params == {"error": "TypeError"}
    output = capfd.readouterr()
    assert "stub_reader" in output.err
    assert canary not in output.err + output.out
    assert all(
        canary.encode() not in path.read_bytes()
        for path in settings.cache.rglob("*")
        if path.is_file()
    )


def test_a_damaged_vault_is_told_and_not_cached(settings):
    damaged, missing, linked, good = (put(settings, f"row {number}") for number in range(4))
    path = settings.vault / damaged.sha256[:2] / damaged.sha256
    path.write_bytes(b"row 9")
    (settings.vault / missing.sha256[:2] / missing.sha256).unlink()
    path = settings.vault / linked.sha256[:2] / linked.sha256
    path.rename(path.with_suffix(".real"))
    path.symlink_to(path.with_suffix(".real"))
    readings, _ = read(settings, [damaged, missing, linked, good])
    for item in (damaged, missing, linked):
        assert readings[item.delivery_id].reason_code == "VAULT_DAMAGED"
    assert list(cache.cached_readings(settings, generation(settings))) == [good.key]


def test_workers_that_cannot_start_are_an_error_not_a_refusal(settings):
    item = put(settings, "row 1")
    with pytest.raises(ReadError):
        list(read_deliveries(settings, [item], reader="no_such_module:read_file"))


def test_leaving_early_ends_the_workers(settings):
    todo = [put(settings, f"rows {number}") for number in range(100_000, 100_006)]
    running = read_deliveries(settings, todo, reader="stub_reader:read_file")
    next(running)
    running.close()
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    assert not [
        child
        for child in children
        if "ingestion.read.worker" in Path(f"/proc/{child}/cmdline").read_text()
    ]


def test_leftovers_of_a_killed_run_do_not_count(settings):
    item = put(settings, "row 1")
    folder = cache.folder_of(settings, generation(settings))
    folder.mkdir()
    orphan = cache.segment_path(folder, "0123456789abcdef", "vpr_pupil")
    orphan.write_bytes(b"half")
    (folder / ".readings-0123456789abcdef.tmp").write_text("{")
    other = settings.cache / "fedcba9876543210"
    other.mkdir()
    assert cache.segments(settings, folder.name, "vpr_pupil") == []
    read(settings, [item])
    assert not orphan.exists()
    assert not other.exists()
    assert len(list(folder.iterdir())) == 2


def test_the_layout_engine_reads_by_default(settings):
    item = replace(put(settings, "Столбец;Другой\n1;2\n"), name="2021/4/Математика.csv")
    (batch,) = read_deliveries(settings, [item])
    (reading,) = batch.readings
    assert (reading.status, reading.reason_code) == ("refused", "UNKNOWN_LAYOUT")
    assert reading.params["nearest"]


def test_nothing_to_read_needs_no_key(settings):
    assert list(read_deliveries(settings, [])) == []
    assert not settings.key_file.exists()


def test_generation_depends_on_contracts_code_and_key():
    names = {
        cache.cache_generation(*parts)
        for parts in (("a", "b", "c"), ("x", "b", "c"), ("a", "x", "c"), ("a", "b", "x"))
    }
    assert len(names) == 4
    assert Pseudonymiser(b"k" * 32, "id").key_id == "id"
