"""Which known table lies where on a sheet: header rows → a compiled plan.

Belongs here: layouts of the contracts made ready for matching, the search for header rows.
Not here: reading the rows under a header (`body`), what the file is about (`envelope`).
A layout is recognised by its headings alone, never by the name of the file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from ingestion.contracts import Contract, ContractError, Layout
from ingestion.contracts.form import form_columns, is_required
from ingestion.read.model import Cell
from ingestion.read.scanner import common_patterns
from ingestion.read.words import cell_text, fold, plain

HEADER_SEARCH_ROWS = 30
# Keys of a layout in a contract; `_common.yml` explains them.
_KEYS = frozenset(
    [
        "id",
        "title",
        "kind",
        "procedure",
        "level",
        "default_procedure",
        "grade_means",
        "sender",
        "authority",
        "source",
        "part_by",
        "said",
        "constant",
        "default",
        "same",
        "instead",
        "fill_down",
        "anchor",
        "anchor_pattern",
        "filled",
        "separator",
        "formula_total",
        "totals_are_data",
        "long",
        "percent",
        "whole",
        "need",
        "shown",
        "absent",
        "columns",
        "after",
        "header_rows",
        "repeated",
        "unpivot",
        "title_pattern",
    ]
)
_EXAM_DATE = re.compile(r"20\d\d\.\d")
_MAX_SCORE = r"\((?P<max>\d{1,2})\s*б\.?\)"
_LABEL = r"\d{1,2}(?:\s*\(\d{1,2}\)|\.\d{1,2})*(?:\s*[кk]\s*\d{1,2})?"
TASK_HEADING = re.compile(rf"(?P<label>{_LABEL})(?:\s*{_MAX_SCORE})?", re.IGNORECASE)
DECLARED_TASK = re.compile(rf"(?P<label>{_LABEL})\s*{_MAX_SCORE}", re.IGNORECASE)


def task_label(text: str) -> str:
    """Task number in one spelling: no blanks, criterion with a Cyrillic К. Idempotent."""
    return re.sub(r"\s+", "", text).replace("k", "К").replace("K", "К").replace("к", "К")


@dataclass(frozen=True)
class Repeated:
    """Columns that repeat: tasks or scores.

    Attributes:
        pattern: whole plain heading → groups `label` and, if declared, `max`.
        running: the label is only a running number.
        until: plain heading after which no such column comes.
        maximum: greatest score when the heading does not declare one.
        first: pattern that the first label must match; tells look-alike reports apart.
        at_least: fewer such columns make another layout.
    """

    pattern: re.Pattern[str]
    running: bool = False
    until: str | None = None
    maximum: int | None = None
    first: re.Pattern[str] | None = None
    at_least: int = 1


@dataclass(frozen=True)
class CompiledLayout:
    """A layout of a contract, ready for matching.

    Attributes:
        kind: name of the row builder: pupil, units, exam, change, cells, plain.
        headings: column name → matchers of its plain heading; names with a leading underscore
            are helpers that are in no table.
        need: names without which the header is not this layout.
        probes: for each of them that has plain headings only, those headings.
    """

    id: str
    title: str
    contract: Contract
    kind: str
    headings: Mapping[str, tuple[re.Pattern[str], ...]]
    need: frozenset[str]
    shown: tuple[str, ...]
    absent: tuple[re.Pattern[str], ...]
    after: Mapping[str, str]
    header_rows: frozenset[int]
    repeated: Repeated | None
    title_pattern: re.Pattern[str] | None
    spec: Mapping[str, Any]
    probes: tuple[frozenset[str], ...]

    @property
    def is_nameless(self) -> bool:
        """Whether the table is of schools and has no use for personal data."""
        contract = self.contract
        persons = contract.identities or contract.link_key != "none"
        return self.kind == "plain" and contract.school and not persons

    @property
    def signature(self) -> str:
        """For people: title and the headings that were looked for."""
        return f"{self.title} ({', '.join(self.shown)})"


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
        personal: kinds of personal data in unread columns of a table that needs none.
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


def _is_pattern(heading: str) -> bool:
    return heading.startswith("~") or heading.endswith("*")


def _matcher(heading: str) -> re.Pattern[str]:
    if heading.startswith("~"):
        return re.compile(heading[1:])
    if heading.endswith("*"):
        return re.compile(re.escape(plain(heading[:-1])) + ".*")
    return re.compile(re.escape(plain(heading)))


def _repeated(spec: Mapping[str, Any]) -> Repeated:
    pattern = spec.get("pattern")
    return Repeated(
        pattern=(
            re.compile(pattern, re.IGNORECASE)
            if pattern
            else DECLARED_TASK
            if spec.get("declared")
            else TASK_HEADING
        ),
        running=bool(spec.get("running", False)),
        until=plain(spec["until"]) if "until" in spec else None,
        maximum=spec.get("maximum"),
        first=re.compile(spec["first"]) if "first" in spec else None,
        at_least=int(spec.get("at_least", 1)),
    )


def _template_columns(contract: Contract) -> tuple[dict[str, list[str]], list[str]]:
    """Headings of the contract's form, and the columns that it cannot do without."""
    headings: dict[str, list[str]] = {}
    need = []
    suffixes = {identity.pid: identity.suffix for identity in contract.identities}
    for column in form_columns(contract):
        if column.type == "pid":
            continue
        helper, _, pid = column.name.partition(".")  # `_fio.person_pid` of a form
        name = helper + suffixes[pid] if pid else column.name
        headings[name] = [column.title]
        if is_required(contract, column):
            need.append(name)
    return headings, need


def compile_layout(contract: Contract, layout: Layout) -> CompiledLayout:
    """Make a layout ready. `columns: titles` stands for the titles of the contract's columns.

    Raises:
        KeyError: the layout lacks a key or names a column that the contract does not have.
        ContractError: the layout has a key that nothing reads.
    """
    spec = layout.spec
    if unknown := spec.keys() - _KEYS:
        raise ContractError(f"layout {layout.id}: unknown keys {sorted(unknown)}")
    columns = spec["columns"]
    if columns == "titles":
        columns, need = _template_columns(contract)
        need = spec.get("need", need)
    else:
        need = spec["need"]
    for name in columns:
        if not name.startswith("_"):
            contract.column(name)
    matchers = {name: tuple(map(_matcher, heads)) for name, heads in columns.items()}
    exact = [
        name
        for name in need
        if name not in spec.get("after", {}) and not any(map(_is_pattern, columns[name]))
    ]
    return CompiledLayout(
        id=layout.id,
        title=layout.title,
        contract=contract,
        kind=spec.get("kind", "plain"),
        headings=matchers,
        need=frozenset(need),
        shown=tuple(spec.get("shown", [columns[name][0] for name in need])),
        absent=tuple(map(_matcher, spec.get("absent", ()))),
        after=spec.get("after", {}),
        header_rows=frozenset(spec.get("header_rows", [1])),
        repeated=_repeated(spec["repeated"]) if "repeated" in spec else None,
        title_pattern=re.compile(spec["title_pattern"], re.IGNORECASE)
        if "title_pattern" in spec
        else None,
        spec=spec,
        probes=tuple(frozenset(map(plain, columns[name])) for name in exact),
    )


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
            and not any(map(known.isdisjoint, layout.probes))
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
                        i, task_label(groups["label"]), int(maximum) if maximum else None
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
    personal = tuple(
        kind
        for kind, pattern in _personal_patterns().items()
        if layout.is_nameless and any(map(pattern.fullmatch, unread))
    )
    return Plan(layout, header_rows, index, heading, tuple(repeated), width, personal)


@cache
def _personal_patterns() -> Mapping[str, re.Pattern[str]]:
    patterns = common_patterns()["personal"]
    return {kind: re.compile(pattern) for kind, pattern in patterns.items()}
