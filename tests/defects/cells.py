"""One cell of the matrix: an operator, a file, a seed → was it caught where it has to be.

Belongs here: reading the spoilt file, comparing what was found with what is expected, the demands
on a message. Not here: the gate's side (`city`), which cells there are (`matrix`).
"""

from __future__ import annotations

import hashlib
import random
import re
import zlib
from dataclasses import dataclass
from typing import Any

from ingestion.contracts import load_contracts
from ingestion.pseudonym import Pseudonymiser
from ingestion.read import layout
from ingestion.read.model import ReadContext, Reading
from ingestion.reasons import REASONS, sentence
from ingestion.reference import load_reference
from tests.defects.operator import Operator
from tests.defects.paper import Draft, Paper, use_recogniser

CAUGHT, MISSED, NOT_APPLICABLE = "caught", "missed", "n/a"
_RUSSIAN = re.compile("[а-яё]{3}")
_NO_MATTER = {"row_no", "sheet", "source_text", "part_no"}


@dataclass(frozen=True)
class Found:
    """What a check said: `kind` is row, file, gate, outside, same or blank."""

    kind: str
    code: str
    message: str = ""
    severity: str = ""

    def __str__(self) -> str:
        return f"{self.kind}:{self.code}" if self.code else self.kind


@dataclass(frozen=True)
class Cell:
    """A result."""

    operator: str
    layout: str
    table: str
    seed: int
    verdict: str
    found: Found | None
    why: str = ""


def context(key: bytes = b"m" * 32, key_id: str = "matrix") -> ReadContext:
    made = ReadContext(
        load_contracts(), load_reference(), Pseudonymiser(key, key_id), "23", True
    )  # fmt: skip
    use_recogniser(layout._engine(made).recogniser)
    return made


def read(data: bytes, name: str, ctx: ReadContext) -> Reading:
    return layout.read_file(data, name, {}, hashlib.sha256(data).hexdigest()[:16], ctx)


def chance(operator: Operator, paper: Paper, seed: int) -> random.Random:
    return random.Random(zlib.crc32(f"{operator.code}|{paper.layout}|{seed}".encode()))


_CLEAN: dict[bytes, Reading] = {}


def _clean(paper: Paper, ctx: ReadContext) -> Reading:
    """The clean file's reading; the last ones are kept."""
    if paper.data not in _CLEAN:
        if len(_CLEAN) > 20:
            _CLEAN.clear()
        _CLEAN[paper.data] = read(paper.data, paper.name, ctx)
    return _CLEAN[paper.data]


def rows_of(reading: Reading, without: frozenset[str] = frozenset()) -> list[tuple[Any, ...]]:
    """Rows without their places, in an order of their own."""
    found = []
    for rows in reading.tables:
        names = sorted(rows.columns.keys() - _NO_MATTER - without)
        columns = [[repr(value) for value in rows.columns[name]] for name in names]
        found += [(rows.table, *row) for row in zip(*columns, strict=True)]
    return sorted(found)


def spoil(operator: Operator, paper: Paper, seed: int) -> tuple[Draft, tuple[str, ...]]:
    """A spoilt draft, and what is expected of it.

    Raises:
        NotApplicable: the file has nothing of the kind.
    """
    draft = Draft(paper)
    expected = operator.spoil(draft, chance(operator, paper, seed))
    return draft, tuple(expected or operator.expect)


def of_reading(draft: Draft, reading: Reading, clean: Reading) -> list[Found]:
    """Everything that reading said of the spoilt file."""
    found = []
    if reading.reason_code:
        found.append(
            Found("file", reading.reason_code, sentence(reading.reason_code, reading.params))
        )
    marked = {number for number, _ in draft.marks}
    titles = {number: title for number, title in draft.marks if title}
    for _, number, title, code, params in reading.rejections:
        if number not in marked:
            continue
        place = f"строка {number}" + (f", «{title}»" if title else "")
        message = f"{place}: {sentence(code, params)}"
        if number in titles and title is not None and title != titles[number]:
            code = f"{code} не в том столбце"  # noqa: PLW2901
        found.append(Found("row", code, message))
    if reading.status == "read" and not reading.rejections:
        given = frozenset({"school_name_given"})
        if rows_of(reading, given) == rows_of(clean, given):
            found.append(Found("same", "", "the same rows as from the clean file"))
        elif _blanked(draft, reading, clean):
            found.append(Found("blank", "", "the value counts as blank"))
    return found


def _blanked(draft: Draft, reading: Reading, clean: Reading) -> bool:
    """Whether the marked cells, and only they, came out empty."""
    marked = {title for _, title in draft.marks}
    names = {name for name in draft.columns if draft.title(name) in marked}
    cut = frozenset(names | {"school_name_given"})
    if rows_of(reading, cut) != rows_of(clean, cut):
        return False
    before, after = (
        sum(
            value is None for rows in one.tables for n in names for value in rows.columns.get(n, ())
        )
        for one in (clean, reading)
    )
    return after == before + len(draft.marks)


def problem(found: Found, draft: Draft) -> str:
    """What would not help the sender in a message; '' if nothing."""
    if found.kind in ("same", "blank"):
        return ""
    text = found.message
    if not _RUSSIAN.search(text):
        return "the message is not Russian"
    if any(secret in text for secret in draft.planted):
        return "the message repeats a value"
    if "…" in text.replace("и далее", "") and found.kind in ("row", "file") and " … " in text:
        return "the message is cut off"
    if found.kind == "file" and not REASONS[found.code].remedy:
        return "no advice"
    if found.kind == "gate" and ("Что делать:" not in text or "Где:" not in text):
        return "no place or no advice"
    return ""


def fits(expected: str, found: Found) -> bool:
    kind, _, code = expected.partition(":")
    return kind == found.kind and (code in ("*", found.code) or (not code and not found.code))


def judge(
    operator: Operator, draft: Draft, expected: tuple[str, ...], everything: list[Found], seed: int
) -> Cell:
    """The verdict: one of the expected checks spoke, and its message helps."""
    paper = draft.paper
    right = [f for e in expected for f in everything if fits(e, f)]
    helpful = [f for f in right if not problem(f, draft)]
    place = (operator.code, paper.layout, paper.table, seed)
    if helpful:
        return Cell(*place, CAUGHT, helpful[0])
    if right:
        return Cell(*place, MISSED, right[0], problem(right[0], draft))
    said = ", ".join(sorted({str(f) for f in everything})) or "nothing"
    return Cell(*place, MISSED, None, f"found: {said}; expected: {', '.join(expected)}")


@dataclass
class Waiting:
    """A cell that has been read; `open` if the gate still has to speak."""

    operator: Operator
    draft: Draft
    expected: tuple[str, ...]
    seed: int
    reading: Reading
    found: list[Found]

    @property
    def open(self) -> bool:
        helped = any(
            fits(e, f) and not problem(f, self.draft) for e in self.expected for f in self.found
        )
        return self.operator.to_gate and self.reading.status == "read" and not helped

    def end(self, of_gate: list[Found]) -> Cell:
        found = [*self.found, *of_gate]
        return judge(self.operator, self.draft, self.expected, found, self.seed)


def begin(operator: Operator, paper: Paper, seed: int, ctx: ReadContext) -> Waiting:
    """Spoil and read.

    Raises:
        NotApplicable: the file has nothing of the kind.
    """
    draft, expected = spoil(operator, paper, seed)
    clean = _clean(paper, ctx)
    reading = read(draft.render(), draft.name, ctx)
    found = of_reading(draft, reading, clean)
    return Waiting(operator, draft, expected, seed, reading, found)
