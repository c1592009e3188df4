"""What real files are not clean of, at the rates at which it occurs.

Belongs here: spellings that a reader must understand, and a few rows that it must refuse. Not
here: broken files on purpose (`defects`). Rates are shares of rows in 1.28 million real ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from samples.papers import NOT_ATTEMPTED, NOT_TAUGHT, Ints
from samples.workbook import Cell

NBSP = "\xa0"

# Spellings of «не приступал» with their shares among all such cells.
_X_SPELLINGS = (("X", 0.9548), ("x", 0.0432), ("Х", 0.0017), ("х", 0.0003))
_CODES = {NOT_TAUGHT: "не пройд."}
_OFFSET = 8

_LETTERS = "абвгдежзик"


@dataclass(frozen=True)
class Columns:
    """Positions in a row of the cells that may be spelt otherwise; None where there is none."""

    mark: int
    sex: int
    variant: int
    total: int
    first_task: int


class Impurity:
    """Spells cells of rows as people do; `pure` spells everything one way."""

    def __init__(self, rng: np.random.Generator, *, pure: bool = False) -> None:
        self.rng = rng
        self.pure = pure
        table = [str(code - _OFFSET) for code in range(_OFFSET + 64)]
        for code, text in _CODES.items():
            table[code + _OFFSET] = text
        for number, (text, _) in enumerate(_X_SPELLINGS):
            table[(NOT_ATTEMPTED if number == 0 else -2 - number) + _OFFSET] = text
        self._table = np.array(table, dtype=object)

    def task_cells(self, scores: Ints) -> list[list[str]]:
        """Text of task scores, row by row."""
        codes = scores + _OFFSET
        if not self.pure:
            where = np.nonzero(scores == NOT_ATTEMPTED)
            chance = self.rng.random(len(where[0]))
            bounds = np.cumsum([share for _, share in _X_SPELLINGS])[:-1]
            spelling = np.searchsorted(bounds, chance)
            codes[where] = np.where(spelling == 0, NOT_ATTEMPTED, -2 - spelling) + _OFFSET
        result: list[list[str]] = self._table[codes].tolist()
        return result

    def class_names(self, class_no: Ints, grade: int, style: int) -> list[str]:
        """Names of the classes of one school; its style is one of several that occur."""
        highest = int(class_no.max(initial=0))
        if self.pure:
            names = list(_LETTERS.upper())
        elif highest == 0:
            names = ["нет", "НЕТ", "нет", "1", "а"][style % 5 :][:1]
        else:
            names = [
                list(_LETTERS),
                list(_LETTERS.upper()),
                list(_LETTERS),
                [f"{grade}{letter}" for letter in _LETTERS],
                [f"{letter}(1)" for letter in _LETTERS],
            ][style % 5]
            if style % 97 == 5:
                names[0] = "a"  # Latin
        return [names[min(number, len(names) - 1)] for number in class_no.tolist()]

    def spoil(self, rows: Sequence[list[Cell]], columns: Columns) -> None:
        """Spell some cells of present pupils' rows otherwise, in place."""
        if self.pure or not rows:
            return
        for position, rate, spellings in (
            (columns.mark, 7e-4, (f"{{}}{NBSP}", f"{NBSP}{{}}")),
            (columns.mark, 9e-4, ("нет отметки",)),
            (columns.sex, 3e-4, (f"{NBSP}{{}}",)),
            (columns.variant, 3e-5, (f"{{}}{NBSP}",)),
            (columns.first_task, 5e-4, (f"{{}}{NBSP}",)),
            (columns.first_task, 2e-5, ("?", "H")),
        ):
            for number in self._chosen(len(rows), rate):
                spelling = spellings[int(self.rng.integers(len(spellings)))]
                rows[number][position] = spelling.format(rows[number][position])
        for number in self._chosen(len(rows), 9e-4):
            total = int(str(rows[number][columns.total]))
            changed = max(0, total - 1)
            rows[number][columns.total] = (
                str(changed) if isinstance(rows[number][columns.total], str) else changed
            )

    def _chosen(self, rows: int, rate: float) -> list[int]:
        count = self.rng.binomial(rows, rate)
        return self.rng.integers(0, rows, count).tolist() if count else []
