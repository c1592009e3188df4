"""What a row without a value of the anchor column is: a title, a total, a footer, nothing.

Belongs here: telling single rows apart. Not here: the rows of a table one after the other
(`body`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

from ingestion.read.model import Cell
from ingestion.read.recognise import Plan
from ingestion.read.scanner import common_patterns
from ingestion.read.words import cell_text, fold, is_blank, plain

Row = Sequence[Cell]


class Patterns:
    """Texts of totals and footers, as the layout takes them."""

    def __init__(self, spec: Mapping[str, object]) -> None:
        common = common_patterns()
        # In the long journal report «Всего» is a row of a unit.
        self.total = re.compile("(?!)" if spec.get("totals_are_data") else common["totals"])
        self.footer = re.compile(common["footers"])


def line(row: Row, between: str = " ") -> str:
    """The row as one line of text."""
    return between.join(texts_of(row))


def first_text(row: Row) -> str:
    """The first text of the row; numbers before it do not count."""
    return next((fold(cell) for cell in row if isinstance(cell, str) and fold(cell)), "")


def texts_of(row: Row) -> list[str]:
    """What a person sees in the row."""
    return [fold(cell_text(cell)) for cell in row if not is_blank(cell)]


class Kinds:
    """Tells what a row without an anchor is; None: undecided."""

    def __init__(self, plan: Plan) -> None:
        spec = plan.layout.spec
        self.is_plain = plan.layout.kind == "plain"
        self.patterns = Patterns(spec)
        self.separator = re.compile(spec["separator"]) if "separator" in spec else None
        # A form keeps lists of allowed values to the right of its table.
        self.own = (
            sorted({*plan.index.values(), *(column.index for column in plan.repeated)})
            if "formula_total" in spec
            else None
        )
        self._known: dict[tuple[bool, tuple[Cell, ...]], str | None] = {}

    def of(self, row: Row, *, first: bool) -> str | None:
        key = (first, tuple(row))
        if key not in self._known:
            self._known[key] = self._of(row, first)
        return self._known[key]

    def _of(self, row: Row, first: bool) -> str | None:
        cells = row if self.own is None else [row[i] for i in self.own if i < len(row)]
        texts = texts_of(cells)
        if not texts:
            return "empty"
        if self.separator and self.separator.search(" | ".join(texts)):
            return "separator"
        if first and counts(texts):
            return "column_numbers"
        # A footer is short, or begins with its word; a full row of a register is a row.
        begins = 1 if self.is_plain and len(texts) > 4 else 3
        for text in map(plain, texts[:begins]):
            if self.patterns.footer.fullmatch(text):
                return "footer"
            if self.patterns.total.fullmatch(text):
                return "total"
        if texts == ["0"]:  # the total of a row that nobody has filled
            return "empty_template"
        return None


def counts(texts: Sequence[str]) -> bool:
    """1, 2, 3 … or 5, 6, 7 …: the row of graph numbers under a header."""
    if len(texts) < 3 or not all(text.isdecimal() and len(text) <= 3 for text in texts):
        return False
    numbers = [int(text) for text in texts]
    steps = [b - a for a, b in pairwise(numbers)]
    usual = max(set(steps), key=steps.count)
    return usual in (1, 2) and steps.count(usual) * 2 > len(steps) and numbers[0] <= 5
