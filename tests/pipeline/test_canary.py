"""Names, documents and phones planted in every source reach nothing but the restricted folders.

One small city, every failure once, everything written on the way, in an uncompressed database.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from expectations.worker import GateError
from ingestion.read import pool
from orchestration import REFRESH
from orchestration.cli import main
from orchestration.launch import FAILED, HELD, launch
from samples.city import write_city
from tests.pipeline import canary
from warehouse.database import open_database, open_file
from warehouse.release import ReleaseError
from warehouse.settings import PROJECT, Settings, load_settings

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent


def uncompressed(patch: pytest.MonkeyPatch) -> None:
    connect = duckdb.connect

    def plain(*args, **kwargs):
        connection = connect(*args, **kwargs)
        connection.execute("set force_compression = 'uncompressed'")
        return connection

    patch.setattr(duckdb, "connect", plain)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """The city after all its nights; what was said stands in files beside it."""
    root = tmp_path_factory.mktemp("canary")
    (root / "tmp").mkdir()
    streams = [os.dup(1), os.dup(2)]
    with pytest.MonkeyPatch.context() as patch, (root / "said").open("wb") as said:
        patch.setenv("MSOKO_WAREHOUSE", str(root / "warehouse"))
        patch.setenv("MSOKO_KEY_FILE", str(root / "key"))
        patch.setenv("TMPDIR", str(root / "tmp"))
        patch.setenv("PYTHONPATH", str(HERE))
        patch.setattr(tempfile, "tempdir", None)
        patch.setitem(pool.read_deliveries.__kwdefaults__, "reader", "stub_canary:read_file")
        uncompressed(patch)
        for stream in (1, 2):
            os.dup2(said.fileno(), stream)
        try:
            made = load_settings()
            made.make_folders()
            write_city(made.inbox, schools=3, years=1, restricted=True)
            assert canary.plant(made.inbox) >= 15
            nights(made, said.fileno())
        finally:
            for stream, before in zip((1, 2), streams, strict=True):
                os.dup2(before, stream)
                os.close(before)
        yield made


def nights(settings: Settings, said: int) -> None:
    """Each kind of failure once, then a night that ends."""

    def night(expected: tuple[int, ...]) -> None:
        outcome = launch(settings, REFRESH, {}, lambda line: print(line, flush=True))
        os.write(said, outcome.text.encode() + b"\n")
        assert outcome.exit_code in expected, outcome.text

    def quoting(*_args, **_kwargs):
        """A real cast of real values, whose error quotes them."""
        segments = f"{settings.cache}/*/seg-*-staff.parquet"
        with open_database(settings) as connection:
            connection.execute(
                f"select cast(person_pid as integer), cast(source_text as integer)"
                f" from read_parquet('{segments}', union_by_name = true)"
            )

    def fail(error: Exception):
        def call(*_args, **_kwargs):
            raise error

        return call

    def failing(place: str, call) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(place, call)
            night((FAILED,))

    failing("orchestration.raw.stage", quoting)
    failing("orchestration.raw.check_tables", fail(GateError("нарочно")))
    failing("orchestration.models.build", quoting)
    night((0, HELD))
    with open_database(settings, read_only=True) as connection:
        (delivery,) = connection.execute("select min(delivery_id) from meta.delivery").fetchone()
    for command in (
        ["withdraw", delivery, "--reason", canary.NOTE],
        ["accept", delivery, "--reason", canary.NOTE, "--document", "1", "--until", "01.01.2050"],
        ["accept", delivery, "--reason", "1", "--document", canary.NOTE, "--until", "01.01.2050"],
    ):
        answer = CliRunner().invoke(main, command)
        os.write(said, answer.output.encode())
        assert answer.exit_code == 1
    canary.correct(settings.inbox)
    killed = subprocess.run(
        [sys.executable, "-m", "tests.pipeline.killpoints", "refresh"],
        cwd=PROJECT,
        env={**os.environ, "MSOKO_KILL_AT": "20"},
    )
    assert killed.returncode == -9
    failing("orchestration.publish.write_report", fail(OSError("нарочно")))
    failing("orchestration.publish.publish", fail(ReleaseError("нарочно")))
    night((0, HELD))


def test_the_planted_persons_were_read(settings: Settings) -> None:
    """Otherwise the silence would prove nothing."""
    with open_database(settings, read_only=True) as con:
        reasons = dict(
            con.execute(
                "select coalesce(reason_code, status), count(*) from meta.delivery group by 1"
            ).fetchall()
        )
        rejected = {
            code for (code,) in con.execute("select distinct code from meta.rejection").fetchall()
        }
        read = con.execute("select count(distinct table_name) from meta.delivery_part").fetchone()
        hidden = con.execute(
            "select count(*) from meta.delivery where original_name similar to '.*файл [0-9a-f]{8}.*'"
        ).fetchone()
    assert hidden == (2,)
    assert {
        "READER_FAILED", "PARSE_KILLED", "UNKNOWN_LAYOUT", "EXTRA_PERSONAL_DATA"
    } <= reasons.keys()  # fmt: skip
    assert "PERSONAL_TEXT" in rejected
    assert read is not None
    assert read[0] >= 30


def test_nothing_outside_the_restricted_folders_holds_them(settings: Settings) -> None:
    restricted = (settings.inbox, settings.vault, settings.cache, settings.outbox)
    root = settings.root.parent
    assert (root / "said").stat().st_size > 1000
    assert settings.published.exists()
    assert canary.leaks(root, restricted) == {}


def test_no_column_of_a_database_holds_them(settings: Settings) -> None:
    for path in (settings.database, settings.published):
        with open_file(path) as con:
            tables = con.execute(
                "select schema_name, table_name from duckdb_tables()"
                " union all select schema_name, view_name from duckdb_views() where not internal"
            ).fetchall()
            for schema, table in tables:
                rows = con.execute(f'select * from "{schema}"."{table}"').fetchall()
                assert canary.found_in(repr(rows).encode()) == set(), f"{schema}.{table}"


def test_the_cache_holds_no_names(settings: Settings) -> None:
    assert canary.cache_leaks(settings.cache) == {}


def test_replies_repeat_nothing(settings: Settings) -> None:
    assert list(settings.outbox.rglob("*квитанции.txt"))
    assert list(settings.outbox.rglob("*исправить.xlsx"))
    assert canary.outbox_leaks(settings.outbox) == {}


@pytest.mark.parametrize("value", canary.VALUES)
def test_the_search_finds_what_it_looks_for(value: str) -> None:
    shown = [
        value.encode(),
        value.encode("cp1251"),
        value.encode("utf-16"),
        json.dumps([value]).encode(),
    ]
    shown.append(value.encode().hex().encode())
    if len(value) > 8:
        shown += [base64.b64encode(f"{before}{value} y".encode()) for before in ("x", "xy", "xyz")]
    for data in shown:
        assert value in canary.found_in(data)
