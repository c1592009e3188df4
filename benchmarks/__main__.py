"""One workload, every side, the same call, interleaved; a table of medians and ratios.

`python -m benchmarks [--size S] [--repeats 3] [--keep FOLDER]`. Sides: *ours* (the whole job
through Dagster: vault, gate, marts, release), the *floor* (`benchmarks.floor`), *plain* (a loader
script and `dbt build` from the shell). Modes of ours: everything new, one file changed, one file
touched, nothing changed. All sides must come to the same checksum.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import openpyxl

from benchmarks.figures import published_checksum
from benchmarks.measure import Cost, run
from samples.city import write_city

_PROJECT = Path(__file__).parents[1]
_BIN = Path(sys.executable).parent
_SCHOOLS = {"XS": 4, "S": 20, "M": 200, "L": 1200}
Costs = dict[str, list[Cost]]


@dataclass(frozen=True)
class Bench:
    """One workload and where the sides work."""

    inbox: Path
    folder: Path

    def environment(self, root: Path) -> dict[str, str]:
        return {
            "MSOKO_WAREHOUSE": str(root),
            "MSOKO_KEY_FILE": str(self.folder / "pseudonym.key"),
            "MSOKO_SETTLE_SECONDS": "0",
            "DAGSTER_HOME": "",
        }

    def ours(self, costs: Costs) -> str:
        """Everything new, then one file changed, touched, and nothing, in one warehouse."""
        root = self.folder / "ours"
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(self.inbox, root / "inbox")
        command = [str(_BIN / "msoko"), "refresh"]

        def timed(mode: str) -> None:
            log = self.folder / f"ours-{mode}.log"
            costs[f"ours, {mode}"].append(run(command, self.environment(root), log))

        run([str(_BIN / "msoko"), "setup"], self.environment(root), self.folder / "setup.log")
        timed("everything new")
        result = published_checksum(root / "current" / "msoko.duckdb")
        changed = next(path for path in sorted(root.rglob("*ВПР 2021.xlsx")))
        _change_one_score(changed)
        timed("one file changed")
        os.utime(changed)
        timed("touched, same bytes")
        timed("nothing changed")
        return result

    def floor(self, costs: Costs) -> str:
        out = self.folder / "floor"
        shutil.rmtree(out, ignore_errors=True)
        command = [sys.executable, "-m", "benchmarks.floor", str(self.inbox), str(out)]
        costs["floor"].append(run(command, {}, self.folder / "floor.log"))
        return costs["floor"][-1].output.strip()

    def plain(self, costs: Costs) -> str:
        out = self.folder / "plain"
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir()
        database = out / "msoko.duckdb"
        loader = [sys.executable, "-m", "benchmarks.plain", str(self.inbox), str(database)]
        project = str(_PROJECT / "dbt_project")
        build = [str(_BIN / "dbt"), "build", "--project-dir", project, "--profiles-dir", project]
        build += ["--exclude-resource-type", "unit_test"]
        build += ["--target-path", str(out / "target"), "--log-path", str(out / "logs")]
        steps = [
            run(loader, {}, self.folder / "plain-load.log"),
            run(build, {"MSOKO_DB": str(database)}, self.folder / "plain-dbt.log"),
        ]
        costs["plain loader + dbt build"].append(
            Cost(
                wall=sum(step.wall for step in steps),
                cpu=sum(step.cpu for step in steps),
                peak_mb=max(step.peak_mb for step in steps),
                output="",
            )
        )
        return published_checksum(database)


def _change_one_score(path: Path) -> None:
    """Raise or lower one pupil's total and first score by a point, as a correction would."""
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    for row in sheet.iter_rows(min_row=2):
        total, first = row[8], row[9]
        if str(first.value) in "01" and str(total.value).isdigit():
            step = 1 if str(first.value) == "0" else -1
            first.value, total.value = str(int(first.value) + step), str(int(total.value) + step)
            break
    book.save(path)


def _table(costs: Costs) -> str:
    floor = statistics.median(cost.wall for cost in costs["floor"])
    lines = [
        "| side | wall, s | CPU, s | peak memory, MB | wall ÷ floor |",
        "|---|---:|---:|---:|---:|",
    ]
    for side, found in costs.items():
        wall, cpu, peak = (
            statistics.median(getattr(cost, name) for cost in found)
            for name in ("wall", "cpu", "peak_mb")
        )
        lines.append(f"| {side} | {wall:.2f} | {cpu:.2f} | {peak:.0f} | {wall / floor:.2f} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", choices=_SCHOOLS, default="S")
    parser.add_argument("--repeats", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="msoko-bench-") as name:
        bench = Bench(Path(name) / "workload", Path(name))
        write_city(bench.inbox, _SCHOOLS[arguments.size], 1, pack="schools")
        files = sum(len(names) for _, _, names in os.walk(bench.inbox))
        costs: Costs = defaultdict(list)
        sides: list[Callable[[Costs], str]] = [bench.floor, bench.ours, bench.plain]
        results = {side(costs) for _ in range(arguments.repeats) for side in sides}
    print(
        f"Size {arguments.size}: {files} files, {arguments.repeats} interleaved repeats, medians.\n"
    )
    print(_table(costs))
    print("\nChecksum:", " ≠ ".join(sorted(results)))
    sys.exit(len(results) != 1)


if __name__ == "__main__":
    main()
