"""The whole graph on a small city: one story, told in order, in one warehouse."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from openpyxl import load_workbook

from orchestration import REBUILD, REFRESH
from orchestration.instance import open_instance
from orchestration.launch import FAILED, HELD, Outcome, launch
from orchestration.pending import look, look_closely
from samples.city import write_city
from warehouse.database import open_database, open_file
from warehouse.release import current_release, releases
from warehouse.settings import PROJECT, Settings, load_settings
from warehouse.state import read_state

pytestmark = pytest.mark.slow

JOURNAL = "ВПР/2021/4/Сравнение_МА.xlsx"
PUPILS = "ВПР/2021/4/Проведение работы по математике, 4 класс. ВПР 2021.xlsx"
SAID: list[str] = []


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    root = tmp_path_factory.mktemp("story") / "warehouse"
    before = os.environ["MSOKO_WAREHOUSE"]
    os.environ["MSOKO_WAREHOUSE"] = str(root)
    made = load_settings()
    made.make_folders()
    write_city(made.inbox, schools=4, years=1)
    yield made
    os.environ["MSOKO_WAREHOUSE"] = before


def run(settings: Settings, job: str = REFRESH, **config: bool) -> Outcome:
    SAID.clear()
    return launch(settings, job, config, SAID.append)


def published(settings: Settings, query: str) -> list[tuple[Any, ...]]:
    with open_file(settings.published) as con:
        return con.execute(query).fetchall()


def figures(settings: Settings) -> list[tuple[Any, ...]]:
    return published(
        settings,
        "select measure_code, level, school_id, municipality_id, school_year, season, grade,"
        " subject, breakdown, value, n, status from marts.indicator_value order by all",
    )


def last_run(settings: Settings) -> dg.DagsterRun:
    with open_instance(settings) as instance:
        return next(iter(instance.get_runs(limit=1)))


def spoil(path: Path) -> None:
    """Make more pupils lower their mark than took part."""
    book = load_workbook(path)
    sheet = book.worksheets[0]
    sheet.cell(sheet.max_row - 3, 2).value += 50
    book.save(path)


def correct(path: Path) -> None:
    """Leave out the last pupil, so that figures of one subject change."""
    book = load_workbook(path)
    sheet = book.worksheets[0]
    sheet.delete_rows(sheet.max_row)
    book.save(path)


def test_first_refresh_publishes(settings: Settings) -> None:
    assert look(settings).reasons
    outcome = run(settings)
    assert outcome.exit_code == 0, outcome.text
    assert "вымышленные" in outcome.text
    assert any("прочитано" in line for line in SAID)
    assert any("моделей построено" in line for line in SAID)
    schemas = published(settings, "select distinct schema_name from duckdb_tables() order by 1")
    assert schemas == [("marts",), ("meta",)]
    assert published(settings, "select count(*) from marts.indicator_value where status = 'ok'") > [
        (100,)
    ]
    assert published(settings, "select kind, tables_held from meta.release") == [("synthetic", 0)]


def test_every_row_is_accounted_for(settings: Settings) -> None:
    wrong = published(
        settings,
        "select original_name from meta.delivery where rows_read <>"
        " rows_accepted + rows_rejected + coalesce(rows_outside_register, 0)",
    )
    assert wrong == []
    rejected = published(
        settings,
        "select sum(rows_rejected) = (select count(distinct (delivery_id, sheet, row_no))"
        " from meta.rejection) from meta.delivery where status <> 'refused'",
    )
    assert rejected == [(True,)]


def test_every_released_column_has_a_comment(settings: Settings) -> None:
    bare = published(
        settings,
        'select schema_name, table_name, column_name from meta."column" where description is null',
    )
    assert bare == []


def test_the_run_is_seen_in_the_ui(settings: Settings) -> None:
    seen = last_run(settings)
    assert seen.job_name == REFRESH
    assert seen.status == dg.DagsterRunStatus.SUCCESS
    with open_instance(settings) as instance:
        event = instance.get_latest_materialization_event(dg.AssetKey(["raw", "vpr_pupil"]))
    assert event is not None
    assert event.asset_materialization is not None
    assert {"принято строк", "отклонено строк", "поставок"} <= set(
        event.asset_materialization.metadata
    )


def test_nothing_new_starts_nothing_and_answers_at_once(settings: Settings) -> None:
    assert look(settings).reasons == ()
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", "from orchestration.cli import main; main()", "refresh"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "нового нет" in done.stdout
    assert time.perf_counter() - started < 5
    assert len(releases(settings)) == 1


def test_a_touched_file_is_no_news(settings: Settings) -> None:
    (settings.inbox / PUPILS).touch()
    assert look(settings).reasons
    assert look_closely(settings).reasons == ()


def test_one_changed_file_changes_its_figures_only(settings: Settings) -> None:
    before = figures(settings)
    correct(settings.inbox / PUPILS)
    assert run(settings).exit_code == 0
    after = figures(settings)
    changed = set(before) ^ set(after)
    assert changed
    assert {row[7] for row in changed} <= {"MA", None}
    told = published(settings, "select distinct reason from meta.change")
    assert told == [("delivery",)]
    assert published(
        settings,
        f"select status, count(*) from meta.delivery where original_name = '{PUPILS}'"
        " group by 1 order by 1",
    ) == [("accepted", 1), ("superseded", 1)]


def test_a_bad_correction_holds_its_table_and_nothing_else(settings: Settings) -> None:
    good = (settings.inbox / JOURNAL).read_bytes()
    (settings.root / "good.xlsx").write_bytes(good)
    spoil(settings.inbox / JOURNAL)
    # Another direction has news in the same night.
    correct(settings.inbox / PUPILS.replace("математике", "русскому языку"))
    before = current_release(settings)
    outcome = run(settings)
    assert outcome.exit_code == HELD, outcome.text
    assert "vpr_journal стоит на поставке от" in outcome.text
    assert current_release(settings) != before
    assert last_run(settings).status == dg.DagsterRunStatus.FAILURE
    state = read_state(settings)
    assert state is not None
    assert set(state.held) == {"vpr_journal"}
    assert published(settings, "select held from meta.release") == [("vpr_journal",)]
    assert published(settings, "select status from meta.delivery order by seq desc limit 2") == [
        ("accepted",),
        ("held",),
    ] or published(settings, "select count(*) from meta.delivery where status = 'held'") == [(1,)]
    stale = published(
        settings, "select count(*) from marts.indicator_value where stale_since is not null"
    )
    assert stale > [(0,)]
    fresh = published(
        settings,
        "select count(*) from marts.indicator_value"
        " where stale_since is null and status = 'ok' and direction_code = 'D1'",
    )
    assert fresh > [(0,)]


def test_a_held_night_shows_red_only_what_is_held(settings: Settings) -> None:
    """In a failed run Dagster shows as failed whatever was planned and not told of."""
    with open_instance(settings) as instance:
        run_id = last_run(settings).run_id
        planned = {
            dg.DagsterEventType.ASSET_MATERIALIZATION_PLANNED: set(),
            dg.DagsterEventType.ASSET_MATERIALIZATION: set(),
        }
        failed, told, asked = set(), set(), set()
        for entry in instance.all_logs(run_id):
            event = entry.dagster_event
            if event is None:
                continue
            if event.event_type in planned:
                planned[event.event_type].add(event.asset_key)
            elif event.event_type == dg.DagsterEventType.ASSET_CHECK_EVALUATION_PLANNED:
                asked.add(event.asset_check_planned_data.asset_check_key)
            elif event.event_type == dg.DagsterEventType.ASSET_CHECK_EVALUATION:
                evaluation = event.asset_check_evaluation_data
                told.add(evaluation.asset_check_key)
                if not evaluation.passed and evaluation.severity == dg.AssetCheckSeverity.ERROR:
                    failed.add(evaluation.asset_key)
    wanted, made = planned.values()
    assert wanted - made == {dg.AssetKey(["release", "gate_summary"])}
    assert asked == told
    assert failed == {dg.AssetKey(["raw", "vpr_journal"])}


def test_a_held_night_is_told_again_but_not_run_again(settings: Settings) -> None:
    pending = look(settings)
    assert pending.reasons == ()
    assert "vpr_journal" in pending.nothing_new


def test_marts_made_alone_stand_on_what_passed(settings: Settings) -> None:
    """Picking a mart in the UI cannot bring in the rows that failed."""
    from orchestration.definitions import defs

    before = figures(settings)
    with open_instance(settings) as instance:
        job = defs.resolve_implicit_global_asset_job_def()
        picked = [dg.AssetKey(["marts", "indicator_value"]), dg.AssetKey(["release", "current"])]
        result = job.execute_in_process(instance=instance, asset_selection=picked)
    assert result.success
    assert figures(settings) == before


def test_a_rebuild_does_not_stumble_over_what_is_held(settings: Settings) -> None:
    before = figures(settings)
    assert run(settings, REBUILD, rebuild=True).exit_code == HELD
    assert figures(settings) == before
    assert not (settings.work / "held.json").exists()


def test_the_good_file_again_ends_the_hold(settings: Settings) -> None:
    shutil.copy(settings.root / "good.xlsx", settings.inbox / JOURNAL)
    os.utime(settings.inbox / JOURNAL)
    outcome = run(settings)
    assert outcome.exit_code == 0, outcome.text
    state = read_state(settings)
    assert state is not None
    assert state.held == {}
    assert published(
        settings, "select count(*) from marts.indicator_value where stale_since is not null"
    ) == [(0,)]


def test_a_rebuild_comes_to_the_same_figures(settings: Settings) -> None:
    before = figures(settings)
    assert run(settings, REBUILD, rebuild=True).exit_code == 0
    assert figures(settings) == before


def test_a_failed_transformation_leaves_the_release(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    from orchestration import models

    def broken(*_arguments: object, **_named: object) -> None:
        raise models.dg.Failure("нарочно")

    before = current_release(settings)
    state = read_state(settings)
    correct(settings.inbox / PUPILS)
    monkeypatch.setattr(models, "build", broken)
    outcome = run(settings)
    assert outcome.exit_code == FAILED
    assert "нарочно" in outcome.text
    assert current_release(settings) == before
    assert read_state(settings) == state
    monkeypatch.undo()
    assert look(settings).reasons
    assert run(settings).exit_code == 0
    assert current_release(settings) != before


def test_the_build_database_is_free_and_nothing_is_left_over(settings: Settings) -> None:
    with open_database(settings) as con:
        assert con.execute("select 1").fetchone() == (1,)
    assert list(settings.scratch.iterdir()) == []
    assert not list(settings.releases.glob(".candidate-*"))
    assert not list(settings.root.glob(".current-*"))
    assert dt.datetime.fromisoformat(str(releases(settings)[-1].built_at)).tzinfo is not None
