"""Layouts of the contracts, made ready for matching.

Belongs here: keys of a layout, headings as patterns, task labels. Not here: the search for
header rows (`recognise`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

from ingestion.contracts import Contract, ContractError, Layout
from ingestion.contracts.form import form_columns, is_required
from ingestion.read.words import plain

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
        "one_of",
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
        probes: heading as people know it → its plain forms, of each of them that has no pattern.
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
    probes: Mapping[str, frozenset[str]]

    @property
    def is_nameless(self) -> bool:
        """Whether the table is of schools and has no use for personal data."""
        return self.kind == "plain" and self.contract.school and not self.names_persons

    @property
    def names_persons(self) -> bool:
        """Whether the table reads names, from which pseudonyms are made."""
        return any(name.startswith(("_fio", "_surname")) for name in self.headings)

    @property
    def signature(self) -> str:
        """For people: title and the headings that were looked for."""
        return f"{self.title} ({', '.join(self.shown)})"


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
    one_of = [columns[name] for name in spec.get("one_of", ())]
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
        probes={
            " или ".join(heads[0] for heads in group): frozenset(map(plain, chain(*group)))
            for group in ([[columns[name]] for name in exact] + [one_of] * bool(one_of))
        },
    )
