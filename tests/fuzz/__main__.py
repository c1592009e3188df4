"""The whole fuzz, run by hand: `python -m tests.fuzz [executions] [workbooks]`.

Belongs here: counting and the report `docs/fuzz.md`. Hypothesis draws the plans of mutations;
a failure is counted with its place and does not end the run.
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from ingestion.read.pool import ToRead, read_deliveries
from tests.fuzz.corpus import tables
from tests.fuzz.mutate import PLANS, Plan
from tests.fuzz.targets import TARGETS, timed, workbook
from warehouse.settings import Settings, load_settings

_REPORT = Path(__file__).parents[2] / "docs" / "fuzz.md"
_ROUND = 2_000  # examples that hypothesis draws at once; it remembers them all
_GROUP = 1_000  # workbooks in the vault at once
_OURS = frozenset({"READER_FAILED"})
_DEATHS = frozenset({"PARSE_KILLED", "PARSE_TIMEOUT"})


@dataclass
class Result:
    """What the executions of one target showed."""

    runs: int = 0
    seconds: float = 0.0
    slowest: float = 0.0
    failures: Counter[str] = field(default_factory=Counter)


def each_plan(runs: int, start: int, take: Callable[[int, Plan], None]) -> None:
    """Call `take` with so many drawn plans of mutations."""
    for first in range(0, runs, _ROUND):

        @seed(start + first)
        @settings(
            max_examples=min(_ROUND, runs - first),
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(st.integers(0, 9_999), PLANS)
        def draw(which: int, plan: Plan) -> None:
            take(which, plan)

        draw()


def in_process(run: Callable[[int, Plan], None], runs: int, start: int) -> Result:
    """Execute one target; failures are counted by kind and place."""
    result = Result()

    def take(which: int, plan: Plan) -> None:
        result.runs += 1
        try:
            result.slowest = max(result.slowest, timed(run, which, plan))
        except Exception as error:  # noqa: BLE001  that is what is looked for
            last = traceback.extract_tb(error.__traceback__)[-1]
            place = f"{type(error).__name__} {Path(last.filename).name}:{last.lineno}"
            result.failures[place] += 1
            print(f"{place}: seed {which}, plan {plan}", flush=True)

    begun = time.monotonic()
    each_plan(runs, start, take)
    result.seconds = time.monotonic() - begun
    return result


def through_workers(runs: int) -> tuple[Result, Counter[str]]:
    """Read mutated workbooks in the real workers; also how each file ended."""
    result = Result()
    endings: Counter[str] = Counter()
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        installation = load_settings(
            {"MSOKO_WAREHOUSE": str(root / "w"), "MSOKO_KEY_FILE": str(root / "key")}
        )
        installation.make_folders()
        for first in range(0, runs, _GROUP):
            todo = list(_stored(installation, min(_GROUP, runs - first), first))
            result.runs += len(todo)
            for batch in read_deliveries(installation, todo):
                for reading in batch.readings:
                    result.slowest = max(result.slowest, reading.seconds)
                    code = reading.reason_code or "read"
                    endings[code] += 1
                    if code in _OURS:
                        result.failures[f"{code} {reading.params.get('error', '')}"] += 1
            for item in todo:
                (installation.vault / item.sha256[:2] / item.sha256).unlink(missing_ok=True)
            print(f"{result.runs} workbooks, {time.monotonic() - begun:.0f} s", flush=True)
    result.seconds = time.monotonic() - begun
    return result, endings


def _stored(installation: Settings, count: int, start: int) -> Iterator[ToRead]:
    """That many different workbooks, put into the vault as deliveries."""
    known: set[str] = set()
    found: list[ToRead] = []

    def take(which: int, plan: Plan) -> None:
        data = workbook(which, plan)
        sha256 = hashlib.sha256(data).hexdigest()
        if sha256 in known or len(found) >= count:
            return
        known.add(sha256)
        path = installation.vault / sha256[:2] / sha256
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
        table = tables()[which % len(tables())]
        found.append(ToRead(sha256[:16], sha256, f"{table.name.rpartition('.')[0]}.xlsx"))

    attempt = 0
    while len(found) < count:
        each_plan(count, 1_000_000 + start + attempt, take)
        attempt += 7_919
    yield from found


def _row(name: str, result: Result) -> str:
    failures = sum(result.failures.values())
    return (
        f"| {name} | {result.runs:,} | {failures} | {result.seconds:.0f} | {result.slowest:.2f} |"
    )


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    books = int(sys.argv[2]) if len(sys.argv) > 2 else 10_000
    tables()  # their making counts for nothing
    begun = time.monotonic()
    results = {}
    for number, (name, (share, run)) in enumerate(TARGETS.items()):
        results[name] = in_process(run, round(runs * share), number * 10_000_000)
        print(_row(name, results[name]), flush=True)
    workers, endings = through_workers(books)
    inside = sum(result.runs for result in results.values())
    failed = sum(sum(r.failures.values()) for r in [*results.values(), workers])
    lines = [
        "# Fuzz of the readers",
        "",
        (
            f"`make fuzz`, {time.strftime('%Y-%m-%d')}: {inside:,} executions in process, "
            f"{workers.runs:,} workbooks through the workers, {failed} failures, "
            f"{time.monotonic() - begun:.0f} s."
        ),
        "",
        "It starts from one table of each layout that the synthetic city writes and changes its",
        "structure: tags, attributes and texts of the XML inside the zip and of web pages, cells and",
        "headings of grids, bytes of delimited text, one to six changes a file. A failure is any",
        "exception but a refusal, a row that is not accounted for, or more than two seconds of work.",
        "",
        "| what | executions | failures | seconds | slowest, s |",
        "|---|--:|--:|--:|--:|",
        *(_row(name, result) for name, result in results.items()),
        _row("workbooks through the workers", workers),
        "",
        (
            f"How the {workers.runs:,} workbooks ended: "
            + ", ".join(f"{code} {count:,}" for code, count in endings.most_common())
            + ". The native parser behind the pre-check died or hung "
            + f"{sum(endings[code] for code in _DEATHS)} times; a death costs its own file alone."
        ),
        "",
        *(
            f"* {name}: {place}, {count} times"
            for name, result in [*results.items(), ("workers", workers)]
            for place, count in result.failures.most_common()
        ),
    ]
    _REPORT.write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")
    print("\n".join(lines))
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
