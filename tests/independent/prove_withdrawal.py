"""Withdraw deliveries of a whole city one by one, with real refreshes, and look at every figure.

`python -m tests.independent.prove_withdrawal [how-many] [schools]` makes a city in a temporary
folder and prints each figure that changes without listing the delivery, and how many of those that
list it did not change: a retake, an appeal or a second copy of a result may leave a figure as it
was. A refresh takes about 15 seconds.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.independent.withdrawal import FigureKey, Shown, broken, kinds, picture
from warehouse.database import open_file

_MSOKO = Path(sys.executable).with_name("msoko")


def look(root: Path) -> tuple[dict[FigureKey, Shown], dict[str, str]]:
    """Figures of the published release."""
    with open_file(root / "current" / "msoko.duckdb") as con:
        return picture(con), kinds(con)


def main(how_many: int, schools: int) -> int:
    """Number of figures that changed without listing what was withdrawn, at most 1."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "warehouse"
        place = {"MSOKO_WAREHOUSE": str(root), "MSOKO_KEY_FILE": str(Path(folder) / "key")}

        def msoko(*arguments: str) -> None:
            subprocess.run(
                [_MSOKO, *arguments], env={**os.environ, **place}, check=True, capture_output=True
            )

        msoko("sample", "--schools", str(schools), "--years", "2")
        msoko("refresh")
        before, kind = look(root)
        everybody = sorted(frozenset().union(*(shown.listed for shown in before.values())))
        wrong = 0
        for delivery in random.Random(41).sample(everybody, how_many):
            msoko("withdraw", delivery, "--reason", "проверка списков поставок")
            msoko("refresh")
            after, _ = look(root)
            lines = broken(before, after, delivery, kind)
            loud = [line for line in lines if line.startswith("not listed")]
            listed = sum(delivery in shown.listed for shown in before.values())
            print(
                f"{delivery}: listed in {listed} figures, {len(lines) - len(loud)} of them as they were"
            )
            print(*loud[:20], sep="\n")
            wrong += len(loud)
            before = after
    print(f"changed without listing it: {wrong}")
    return min(wrong, 1)


if __name__ == "__main__":
    sys.exit(main(*(int(number) for number in (*sys.argv[1:], "6", "8")[:2])))
