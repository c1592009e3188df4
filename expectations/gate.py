"""The gate: frames of what is in `incoming`, judged, summed up in a plain verdict.

Belongs here: batches for the judging process, verdicts. Not here: frames (`expectations.frames`),
rules (`expectations.suite`, `expectations.suites`), the move into `raw`
(`expectations.promote`).

An expectation costs the library about six milliseconds whatever the number of values. So the
rules of all tables that demand the same share one column; the verdicts are told apart by the
position of what failed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from expectations.acceptance import Acceptance, acceptances, covering
from expectations.frames import Frame, frames_of
from expectations.places import RowKey, deliveries_of, described, rows_of
from expectations.reference import load_reference
from expectations.rule import ACCEPTED, Expectation, Severity, not_null
from expectations.sizes import load_sizes
from expectations.suites import rules_of
from expectations.worker import GateProcess
from ingestion.contracts import load_contracts
from warehouse.settings import Settings

__all__ = ["REGISTER", "CheckResult", "RowKey", "Verdict", "check_rows", "check_tables"]

REGISTER = "school"
_BATCH_VALUES = 200_000
_ORDER = {"critical": 0, ACCEPTED: 1, "warning": 2}


@dataclass(frozen=True)
class CheckResult:
    """What became of one rule.

    Attributes:
        title: Russian; what ought to be so.
        n_checked, n_failed: rows, or groups of rows where the rule is about groups.
        detail: Russian; counts, places and what to do, never a value.
        rows: the first failing rows.
        deliveries: new deliveries that the failure of a critical rule comes from, without those
            that a person has accepted; all new ones if the rule is about the whole table.
        accepted: deliveries whose failure a person has accepted; then it holds nothing.
    """

    table: str
    name: str
    title: str
    severity: Severity | Literal["accepted"]
    success: bool
    n_checked: int
    n_failed: int
    detail: str
    rows: tuple[RowKey, ...] = ()
    deliveries: tuple[str, ...] = ()
    accepted: tuple[str, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """The judgement on one table: passed unless a critical rule failed that nobody accepted.

    Attributes:
        table: the table.
        passed: whether its candidates may go into `raw`.
        results: of all rules.
        judged: deliveries with new rows.
    """

    table: str
    passed: bool
    results: tuple[CheckResult, ...]
    judged: tuple[str, ...] = ()

    @property
    def failures(self) -> tuple[CheckResult, ...]:
        """Failed rules, critical ones first."""
        failed = [result for result in self.results if not result.success]
        return tuple(sorted(failed, key=lambda result: _ORDER[result.severity]))


@dataclass(frozen=True)
class _Judgement:
    failed: tuple[int, ...]
    broken: bool


def check_tables(
    settings: Settings,
    con: duckdb.DuckDBPyConnection,
    tables: Sequence[str],
    process: GateProcess | None = None,
) -> dict[str, Verdict]:
    """Judge the candidates of some tables.

    Args:
        settings: the installation.
        con: the build database; `incoming.<table>` and `incoming.candidate_<table>` exist for
            each of the tables, other tables are read from `raw`.
        tables: names of tables whose rows in force would change.
        process: a judging process started earlier; without one it is started here.

    Returns:
        A verdict for each table. If the school register fails, every table fails.

    Raises:
        GateError: nothing could be judged.
    """
    if not tables:
        return {}
    subjects = load_reference(con)
    today = datetime.now(ZoneInfo(settings.time_zone)).date()
    known = acceptances(con, today)
    shared = _shared_names(today, tables)
    load_sizes(con, shared)
    frames: list[Frame] = []
    for table in tables:
        frames += frames_of(con, rules_of(table, subjects), _names(shared, table))
    with _judging(process) as judge:
        judgements = _judge(judge, frames)
    results: dict[str, list[CheckResult]] = {table: [] for table in tables}
    for frame, judgement in zip(frames, judgements, strict=True):
        names = _names(shared, frame.rule.table)
        result = _result(con, frame, judgement, names)
        if known and frame.rule.acceptable and not judgement.broken:
            result = _accept(result, known)
        results[frame.rule.table].append(result)
    verdicts = {
        table: Verdict(
            table,
            all(item.success or item.severity != "critical" for item in found),
            tuple(found),
            _judged(con, table),
        )
        for table, found in results.items()
    }
    return _stop_without_register(verdicts)


def check_rows(verdict: Verdict) -> list[dict[str, str | int | bool]]:
    """Results as plain rows for a table that a person reads: failures first, then by name."""
    ordered = sorted(verdict.results, key=lambda r: (r.success, _ORDER[r.severity], r.name))
    return [
        {
            "name": result.name,
            "title": result.title,
            "severity": result.severity,
            "success": result.success,
            "n_checked": result.n_checked,
            "n_failed": result.n_failed,
            "detail": result.detail,
        }
        for result in ordered
    ]


@contextmanager
def _judging(process: GateProcess | None) -> Iterator[GateProcess]:
    if process is not None:
        yield process
        return
    with GateProcess() as own:
        yield own


def _shared_names(today: date, tables: Iterable[str]) -> Mapping[str, str]:
    """What names in the SQL of every rule stand for."""
    changing = set(tables)
    relations = {
        name: f"incoming.candidate_{name}" if name in changing else f"raw.{name}"
        for name in load_contracts()
    }
    return {**relations, "today": f"date '{today}'"}


def _names(shared: Mapping[str, str], table: str) -> Mapping[str, str]:
    """What names in the SQL of one table's rules stand for."""
    return {**shared, "incoming": f"incoming.{table}", "raw": f"raw.{table}"}


def _judge(process: GateProcess, frames: Sequence[Frame]) -> list[_Judgement]:
    """One judgement for each frame."""
    shared: dict[Expectation, list[int]] = defaultdict(list)
    for n, frame in enumerate(frames):
        if not frame.broken and len(frame.values) > 0:
            shared[frame.rule.expectation].append(n)
    failed: dict[int, list[int]] = defaultdict(list)
    broken = {n for n, frame in enumerate(frames) if frame.broken}
    for columns in _batches(frames, shared):
        length = max(len(values) for _, _, values in columns)
        # Shorter columns end in nulls, which every expectation but one leaves out of account;
        # that one (not null) has a batch of its own.
        batch = pa.table(
            {
                f"c{i}": pa.concat_arrays([values, pa.nulls(length - len(values), values.type)])
                for i, (_, _, values) in enumerate(columns)
            }
        )
        suite = [(f"c{i}", expectation) for i, (expectation, _, _) in enumerate(columns)]
        for (expectation, start, values), outcome in zip(
            columns, process.validate(batch, suite), strict=True
        ):
            owners = _owners(frames, shared[expectation], start, start + len(values))
            if outcome.broken:
                broken |= {n for n, _, _ in owners}
            for position in outcome.failed:
                at = start + position
                n, first, _ = next(item for item in owners if item[1] <= at < item[2])
                failed[n].append(at - first)
    return [_Judgement(tuple(failed[n]), n in broken) for n in range(len(frames))]


def _owners(
    frames: Sequence[Frame], numbers: Sequence[int], start: int, end: int
) -> list[tuple[int, int, int]]:
    """Frames that share the positions start to end of a column, with their own bounds."""
    owners, first = [], 0
    for n in numbers:
        last = first + len(frames[n].values)
        if first < end and last > start:
            owners.append((n, first, last))
        first = last
    return owners


def _batches(
    frames: Sequence[Frame], shared: Mapping[Expectation, Sequence[int]]
) -> Iterator[list[tuple[Expectation, int, pa.Array[Any]]]]:
    """Slices of the shared columns, at most `_BATCH_VALUES` long."""
    stacked = {
        expectation: pa.concat_arrays([frames[n].values for n in numbers])
        for expectation, numbers in shared.items()
    }
    for alone in (True, False):
        start = 0
        while columns := [
            (expectation, start, values.slice(start, _BATCH_VALUES))
            for expectation, values in stacked.items()
            if (expectation == not_null()) == alone and len(values) > start
        ]:
            yield columns
            start += _BATCH_VALUES


def _result(
    con: duckdb.DuckDBPyConnection,
    frame: Frame,
    judgement: _Judgement,
    names: Mapping[str, str],
) -> CheckResult:
    rule = frame.rule
    n_checked = pc.sum(frame.counts).as_py() or 0
    success = CheckResult(
        rule.table, rule.name, rule.title, rule.severity, True, n_checked, 0,
        f"Проверено: {n_checked}.",
    )  # fmt: skip
    if judgement.broken:
        detail = f"Проверить не удалось: значения не того вида. Что делать: {rule.resolve}"
        return replace(success, success=False, n_failed=n_checked, detail=detail)
    if not judgement.failed:
        return success
    positions = pa.array(judgement.failed)
    n_failed = pc.sum(frame.counts.take(positions)).as_py()
    values = frame.values.take(positions)
    rows = rows_of(con, rule, values, names) if rule.rows else ()
    deliveries: set[str] = set()
    if rule.severity == "critical":
        deliveries = set(_judged(con, rule.table))
        if rule.rows:
            deliveries &= deliveries_of(con, rule, values, names)
    labels = [label for label in frame.labels.take(positions).to_pylist() if label]
    detail = f"Нарушений: {n_failed} из {n_checked}. {described(rows, labels)}"
    return replace(
        success,
        success=False,
        n_failed=n_failed,
        detail=f"{detail}Что делать: {rule.resolve}",
        rows=rows,
        deliveries=tuple(sorted(deliveries)),
    )


def _judged(con: duckdb.DuckDBPyConnection, table: str) -> tuple[str, ...]:
    """Deliveries with new rows in a table; a row that names none holds the table."""
    found = con.execute(
        f"select distinct delivery_id from incoming.{table} where delivery_id is not null order by 1"
    ).fetchall()
    return tuple(delivery_id for (delivery_id,) in found)


def _accept(result: CheckResult, known: Sequence[Acceptance]) -> CheckResult:
    """The failure as accepted, if a person accepted all new deliveries that it comes from.

    Else it comes from the others.
    """
    if result.success or result.severity != "critical":
        return result
    found = covering(known, result.name, result.deliveries)
    others = tuple(name for name in result.deliveries if name not in found)
    if others or not found:
        return replace(result, deliveries=others)
    words = "; ".join(
        f"поставка {item.delivery_id} принята до {item.valid_until:%d.%m.%Y}: {item.reason} "
        f"(документ {item.document})"
        for item in found.values()
    )
    return replace(
        result,
        severity=ACCEPTED,
        detail=f"{words}. {result.detail}",
        accepted=result.deliveries,
    )


def _stop_without_register(verdicts: dict[str, Verdict]) -> dict[str, Verdict]:
    """Schools of all rows were found by the candidate register: if it fails, nothing passes."""
    register = verdicts.get(REGISTER)
    if register is None or register.passed:
        return verdicts
    return {
        table: verdict
        if table == REGISTER
        else replace(
            verdict,
            passed=False,
            results=(
                *verdict.results,
                CheckResult(
                    table, "register_passed", "Реестр школ прошёл проверку", "critical", False,
                    1, 1, "Реестр школ не прошёл проверку: ни одна таблица не обновлена.",
                ),
            ),
        )
        for table, verdict in verdicts.items()
    }  # fmt: skip
