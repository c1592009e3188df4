"""What the places around a table say of columns that it lacks: title rows, sheet, file, told.

Belongs here: the `said`, `constant` and `default` of a layout. Not here: finding facts in a text
(`scanner`), the envelope of assessments (`envelope`), which the contract has columns for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, cached_property
from typing import Any

from ingestion.read.body import Block
from ingestion.read.converters import column_converter
from ingestion.read.envelope import Weigh, grades_of
from ingestion.read.model import Sheet
from ingestion.read.scanner import Said, common_patterns
from ingestion.read.typing import Reject
from ingestion.read.words import cell_text, fold, is_blank
from ingestion.reasons import Refusal
from ingestion.reference import Reference

_TITLE_ROWS = 40  # of a sheet, where the lines of a title page stand
_LONGEST_LINE = 300
# Facts of the scanner that a column may come from.
_FACTS = frozenset({"school_year", "cal_year", "grade_label", "subject", "sender"})


class Spoken:
    """What a file says of itself outside of the table that is being read."""

    def __init__(self, sheets: Sequence[Sheet], name: str, told: Mapping[str, str]) -> None:
        self._sheets = sheets
        self.file = name.rpartition("/")[2]
        self._named = f"{self.file}\n{told.get('subject', '')}"

    @cached_property
    def lines(self) -> list[str]:
        """Lines at the head of every sheet: a form has a title page for all its sections."""
        return [
            line
            for sheet in self._sheets
            if sheet.visible
            for row in sheet.rows[:_TITLE_ROWS]
            if (line := " ".join(fold(cell_text(cell)) for cell in row if not is_blank(cell)))
            and len(line) <= _LONGEST_LINE
        ]

    def of_kind(self, kind: str) -> str:
        """What tells look-alike tables of a kind apart."""
        return "\n".join([self._named, *self.lines]) if kind == "cells" else self._named


def constants(
    block: Block, said: Sequence[Said], spoken: Spoken, reference: Reference
) -> dict[str, Any]:
    """Values of columns that are the same in every row, because the table lacks them.

    Raises:
        Refusal: TITLE_MISSING if no place says what the contract requires,
            ENVELOPE_CONTRADICTION if two places say different things.
    """
    layout = block.plan.layout
    found: dict[str, Any] = {
        name: value
        for key in ("constant", "default")
        for name, value in layout.spec.get(key, {}).items()
        if name not in block.plan.index
    }
    sources: Mapping[str, Any] = layout.spec.get("said", {})
    if sources:
        names = {code: subject.name for code, subject in reference.subjects.items()}
        weigh = Weigh([grades_of(one, "label") for one in said], names)
        lines = list(_lines(block, spoken))
        for name, source in sources.items():
            if name not in block.plan.index:
                value = _first(layout, name, source, weigh, lines)
                if value is not None:
                    found[name] = value
    _check(block, found)
    return found


def _lines(block: Block, spoken: Spoken) -> Iterator[str]:
    """Lines nearest to the table first."""
    yield from reversed(block.titles)
    yield block.sheet.own_name
    if block.plan.layout.kind == "cells":
        yield from spoken.lines
    yield spoken.file.rpartition(".")[0].replace("_", " ")


def _first(layout: Any, name: str, source: Any, weigh: Weigh, lines: Sequence[str]) -> Any:
    convert, _ = column_converter(layout, name)
    for one in [source] if isinstance(source, str) else source:
        if one in _FACTS:
            value = weigh.get(one)
            if value is not None:
                return value
            continue
        pattern = _pattern(one)
        for line in lines:
            match = pattern.search(line)
            value = convert(match["value"].strip()) if match else None
            if value is not None and not isinstance(value, Reject):
                return value
    return None


@cache
def _pattern(source: str) -> re.Pattern[str]:
    """A pattern of the layout, or a shared one by its name."""
    return re.compile(common_patterns()["said"].get(source, source), re.IGNORECASE)


def _check(block: Block, found: Mapping[str, Any]) -> None:
    """Refuse a table that nothing says a required thing of, though places may say it."""
    layout = block.plan.layout
    contract = layout.contract
    known = {*block.plan.index, *found}
    said = layout.spec.get("said", {})
    missing = [
        column.title
        for column in contract.columns
        if column.required and column.name in said and column.name not in known
    ]
    needs_school = contract.school and contract.school_required and "school_code" in said
    if needs_school and not known & {"school_code", "school_name_given"}:
        missing.insert(0, "Школа")
    if missing:
        raise Refusal("TITLE_MISSING", fields=", ".join(missing), example=f"{missing[0]}: …")
