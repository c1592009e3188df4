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
from tests.independent.figures import CATALOGUE, named, work_out
from tests.independent.model import Source
from warehouse.database import open_file
from warehouse.settings import load_settings

SHOWN = 100


def main(arguments: list[str]) -> int:
    """Print what differs; the exit code is 1 if anything does."""
    parser = argparse.ArgumentParser(prog="python -m tests.independent")
    parser.add_argument("warehouse", type=Path, nargs="?")
    parser.add_argument("--measures", nargs="+", default=[""], metavar="CODE")
    options = parser.parse_args(arguments)
    root = options.warehouse or load_settings().root
    measures = named(options.measures)
    with open_file(root / "work" / "msoko.duckdb") as con:
        ours = work_out(Source.read(con), measures)
        theirs = published(con, measures)
    found = disagreements(ours, theirs)
    print(*found[:SHOWN], sep="\n")
    if len(found) > SHOWN:
        print(f"… and {len(found) - SHOWN} more")
    here, there = Counter(k.measure for k in ours), Counter(k.measure for k in theirs)
    differ = Counter(line.split(" ", 1)[0] for line in found)
    print("measure: figures here, published, disagreements")
    for code in (code for code in CATALOGUE if code in measures):
        print(f"{code}: {here[code]}, {there[code]}, {differ[code]}")
    print(f"figures: {len(ours)} here, {len(theirs)} published; disagreements: {len(found)}")
    return min(len(found), 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
