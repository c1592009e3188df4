"""Which known table lies where on a sheet: header rows → a compiled plan.

Belongs here: the search for header rows. Not here: layouts made ready for matching (`layouts`),
the rows under a header (`body`), what the file is about (`envelope`).
A layout is recognised by its headings alone, never by the name of the file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ingestion.contracts import Contract
from ingestion.read.layouts import CompiledLayout, compile_layout, task_label
from ingestion.read.model import Cell
from ingestion.read.personal import personal_kinds, special_kinds
from ingestion.read.typing import MAX_SCORE
from ingestion.read.words import cell_text, fold, plain

HEADER_SEARCH_ROWS = 30
_EXAM_DATE = re.compile(r"20\d\d\.\d")


@dataclass(frozen=True)
class RepeatedColumn:
    """One task or score column."""

    index: int
    label: str
    maximum: int | None


@dataclass(frozen=True)
class Plan:
    """How to read the rows under one header; shared by all files with the same header.

    Attributes:
        index: column name → column of the sheet, from 0.
        heading: column name → heading as it stands in the file.
        width: columns that a row must have.
        personal: kinds of personal data in unread columns that the table may not have.
        ready: what the reading of rows has prepared for this plan.
    """

    layout: CompiledLayout
    header_rows: int
    index: Mapping[str, int]
    heading: Mapping[str, str]
    repeated: tuple[RepeatedColumn, ...]
    width: int = 0
    personal: tuple[str, ...] = ()
    ready: dict[str, Any] = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class Found:
    """A header on a sheet: all plans that fit it, the most telling first."""

    row: int
    plans: tuple[Plan, ...]

    @property
    def header_rows(self) -> int:
        return self.plans[0].header_rows

    def choose(self, title: str, told: Callable[[str], str]) -> Plan | None:
        """The plan for a table with that title.

        `told` gives, for a kind of layout, what stands for a title that names no exam.
        """
        for plan in self.plans:
            wanted = plan.layout.title_pattern
            if wanted is None:
                return plan
            dated = _EXAM_DATE.search(title)
            if wanted.search(title if dated else f"{title}\n{told(plan.layout.kind)}"):
                return plan
        return None


class Recogniser:
    """Finds headers; remembers every header row that it has seen, for all files of a process."""

    def __init__(self, contracts: Mapping[str, Contract]) -> None:
        self.layouts = tuple(
            compile_layout(contract, layout)
            for contract in contracts.values()
            for layout in contract.layouts
        )
        self._seen: dict[tuple[tuple[Cell, ...], ...], tuple[Plan, ...]] = {}

    def find(self, rows: Sequence[Sequence[Cell]], start: int = 0) -> Found | None:
        """The first header at or below `start` within the search window."""
        for number in range(start, min(len(rows), start + HEADER_SEARCH_ROWS)):
            if found := self.at(rows, number):
                return found
        return None

    def at(self, rows: Sequence[Sequence[Cell]], number: int) -> Found | None:
        """The header that begins exactly at that row, if one does."""
        row = tuple(rows[number])
        if plans := self._plans((row,)):
            return Found(number, plans)
        if number + 1 == len(rows):
            return None
        following = tuple(rows[number + 1])
        if not self._plans((following,)) and (plans := self._plans((row, following))):
            return Found(number, plans)
        return None

    def _plans(self, header: tuple[tuple[Cell, ...], ...]) -> tuple[Plan, ...]:
        plans = self._seen.get(header)
        if plans is None:
            if len(self._seen) > 4096:
                self._seen.clear()
            plans = self._seen[header] = self._match(header)
        return plans

    def _match(self, header: tuple[tuple[Cell, ...], ...]) -> tuple[Plan, ...]:
        texts = [cell for row in header for cell in row if isinstance(cell, str) and fold(cell)]
        if len(texts) < 2:
            return ()
        width = max(map(len, header))
        names = [fold(cell_text(cell)) for cell in header[-1]] + [""] * (width - len(header[-1]))
        full = list(names)
        if len(header) == 2:
            parent = ""
            for i, cell in enumerate(header[0]):
                above = fold(cell_text(cell))
                parent = above or parent
                full[i] = f"{parent} {names[i]}".strip() if names[i] else above
                names[i] = names[i] or above
        heads = [plain(name) for name in names]
        fulls = [plain(name) for name in full]
        known = {*heads, *fulls}
        plans = [
            plan
            for layout in self.layouts
            if len(header) in layout.header_rows
            and not any(map(known.isdisjoint, layout.probes.values()))
            and (plan := _plan(layout, len(header), heads, fulls, full))
        ]
        plans.sort(key=lambda p: (p.layout.title_pattern is None, -len(p.index)))
        return tuple(plans)


def _plan(
    layout: CompiledLayout,
    header_rows: int,
    heads: Sequence[str],
    fulls: Sequence[str],
    shown: Sequence[str],
) -> Plan | None:
    index: dict[str, int] = {}
    for name, matchers in layout.headings.items():
        for i, head in enumerate(heads):
            if i in index.values() or not head:
                continue
            if any(m.fullmatch(head) or m.fullmatch(fulls[i]) for m in matchers):
                index[name] = i
                break
    for name, before in layout.after.items():
        following = index.get(before, len(heads)) + 1
        if name not in index and following < len(heads) and following not in index.values():
            index[name] = following
    for name, other in layout.spec.get("same", {}).items():
        if name not in index and other in index:
            index[name] = index[other]
    if not layout.need <= index.keys():
        return None
    if any(matcher.fullmatch(head) for matcher in layout.absent for head in heads if head):
        return None
    repeated: list[RepeatedColumn] = []
    if layout.repeated:
        taken = set(index.values())
        for i, head in enumerate(heads):
            if layout.repeated.until and head == layout.repeated.until:
                break
            match = None if i in taken else layout.repeated.pattern.fullmatch(head)
            if match:
                groups = match.groupdict()
                maximum = groups.get("max")
                repeated.append(
                    RepeatedColumn(
                        i,
                        task_label(groups["label"]),
                        min(int(maximum[:4]), MAX_SCORE) if maximum else None,
                    )
                )
        first = layout.repeated.first
        if len(repeated) < layout.repeated.at_least:
            return None
        if first and not first.fullmatch(repeated[0].label):
            return None
    heading = {name: shown[i] for name, i in index.items()}
    width = 1 + max([*index.values(), *(column.index for column in repeated)])
    unread = [head for i, head in enumerate(heads) if i not in index.values()]
    personal: tuple[str, ...] = ()
    if layout.is_nameless:
        personal = personal_kinds(unread)
    elif layout.names_persons and not layout.contract.restricted:
        personal = special_kinds(unread)
    return Plan(layout, header_rows, index, heading, tuple(repeated), width, personal)
