"""Work out the figures of a warehouse again and compare.

`python -m tests.independent [WAREHOUSE] [--measures D3 D4.01 D5.02a]`; without a warehouse that of
the settings, without measures the whole catalogue. Run it when no refresh is going on; it opens the
build database for reading.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

from tests.independent.compare import disagreements, published
from tests.independent.figures import named, work_out
from tests.independent.model import Source
from warehouse.database import open_file
from warehouse.settings import load_settings

SHOWN = 20


def main(arguments: list[str]) -> int:
    """Print what differs, measure by measure; the exit code is 1 if anything does."""
    parser = argparse.ArgumentParser(prog="python -m tests.independent")
    parser.add_argument("warehouse", type=Path, nargs="?")
    parser.add_argument("--measures", nargs="+", default=[""], metavar="CODE")
    options = parser.parse_args(arguments)
    root = options.warehouse or load_settings().root
    measures = named(options.measures)
    with open_file(root / "work" / "msoko.duckdb") as con:
        ours = work_out(Source.read(con), measures)
        theirs = published(con, measures)
    found: dict[str, list[str]] = {code: [] for code in sorted(measures)}
    for line in disagreements(ours, theirs):
        found[line.split(" ", 1)[0]].append(line)
    here, there = Counter(k.measure for k in ours), Counter(k.measure for k in theirs)
    for code, lines in found.items():
        if not there[code]:
            print(f"{code}: nothing published, {here[code]} figures here")
            continue
        print(f"{code}: {there[code]} published, {here[code]} here, {len(lines)} disagreements")
        print(*(f"  {line}" for line in lines[:SHOWN]), sep="\n", end="\n" if lines else "")
        if len(lines) > SHOWN:
            print(f"  … and {len(lines) - SHOWN} more")
    total = sum(map(len, found.values()))
    print(f"figures: {len(ours)} here, {len(theirs)} published; disagreements: {total}")
    return min(total, 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
