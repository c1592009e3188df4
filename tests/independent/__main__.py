"""Work out the figures of a warehouse again and compare: `python -m tests.independent WAREHOUSE`.

Run it when no refresh is going on; it opens the build database for reading.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.independent.compare import disagreements, published
from tests.independent.figures import MEASURES, work_out
from tests.independent.model import Source
from warehouse.database import open_file


def main(root: Path) -> int:
    """Print what differs; the number of disagreements is the exit code, at most 1."""
    with open_file(root / "work" / "msoko.duckdb") as con:
        ours = work_out(Source.read(con))
        theirs = published(con, MEASURES)
    found = disagreements(ours, theirs)
    print(*found[:50], sep="\n")
    print(f"figures: {len(ours)} here, {len(theirs)} published; disagreements: {len(found)}")
    return min(len(found), 1)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
