"""Persons whom nobody asked for: files that are refused because of whom they name.

Belongs here: lists of persons in a table of schools, on its other sheets, in an unknown table;
data of class PD3 beside a person. Not here: shapes and headings of personal data (`personal`),
single cells of read columns (their converters).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from ingestion.contracts.form import HELP_SHEET
from ingestion.read.body import Block
from ingestion.read.layouts import CompiledLayout
from ingestion.read.model import Cell, Sheet
from ingestion.read.personal import is_of_officials, kind_of, personal_kinds, special_kinds
from ingestion.read.recognise import HEADER_SEARCH_ROWS
from ingestion.read.words import fold, plain
from ingestion.reasons import Refusal

_NAMES = "ФИО"
_OF_PERSONS = frozenset({_NAMES, "Дата рождения", "СНИЛС", "Паспорт"})
_PERSON = re.compile(r"[А-ЯЁ][а-яё-]+ [А-ЯЁ][а-яё-]*\.? ?(?:[А-ЯЁ][а-яё-]*\.?)?")
_SURNAME = re.compile(r"[А-ЯЁ][а-яё-]+")
_LONGEST_HEADING = 100
# Columns that lists of anything have: they tell no source.
_COMMON = ("_fio", "_surname", "_name", "_patronymic", "_born", "school_", "class_", "grade_label")
_TELLING = 2


def refuse(
    blocks: Sequence[Block], sheets: Sequence[Sheet], file: str, *, restricted: bool
) -> None:
    """Refuse known tables with rows about single persons where they are not wanted.

    Args:
        blocks: the known tables of a file.
        sheets: all its sheets.
        file: its name.
        restricted: whether rows of class PD3 may be read.

    Raises:
        Refusal: EXTRA_PERSONAL_DATA or RESTRICTED_ROWS.
    """
    for block in blocks:
        if block.plan.personal:
            raise _extra(block.plan.personal)
        if block.plan.layout.contract.restricted and not restricted:
            raise Refusal("RESTRICTED_ROWS")
        contract = block.plan.layout.contract
        if contract.identities and not (contract.template or contract.restricted):
            said = map(plain, (file, block.sheet.own_name, *block.titles))
            if special := special_kinds(said):  # a list of some children is no export of all
                raise _extra(special)
    for block in blocks:
        if block.plan.layout.is_nameless:
            _refuse_cells(block)
    if not any(block.plan.layout.names_persons for block in blocks):
        known = {block.sheet.name for block in blocks}
        for sheet in sheets:
            if sheet.name not in known and _lists_persons(sheet.rows):
                raise _extra((_NAMES,))


def refuse_unknown(sheets: Sequence[Sheet], layouts: Iterable[CompiledLayout], file: str) -> None:
    """Refuse an unknown table of persons, unless a table that takes persons is plainly meant.

    Raises:
        Refusal: EXTRA_PERSONAL_DATA.
    """
    taking = [layout for layout in layouts if layout.names_persons]
    titles = [plain(text) for text in (file, *(sheet.own_name for sheet in sheets))]
    for sheet in sheets:
        if sheet.own_name == HELP_SHEET:  # names the columns of a form and nobody
            continue
        above = list(titles)
        for headings in _lines(sheet.rows[:HEADER_SEARCH_ROWS]):
            kinds = personal_kinds(one for one in headings if not is_of_officials(one))
            if len(headings) > 1 and _OF_PERSONS.intersection(kinds):
                special = special_kinds([*headings, *above])
                if special or not any(_is_meant(layout, headings) for layout in taking):
                    raise _extra((*kinds, *special))
            above += headings


def _extra(kinds: Sequence[str]) -> Refusal:
    return Refusal("EXTRA_PERSONAL_DATA", headings=", ".join(kinds))


def _refuse_cells(block: Block) -> None:
    """Refuse a table of schools whose unread columns tell of persons."""
    plan = block.plan
    read = {*plan.index.values(), *(column.index for column in plan.repeated)}
    header = block.sheet.rows[block.header_row - 1]
    heads = [plain(cell) if isinstance(cell, str) else "" for cell in header]
    width = max(map(len, block.rows), default=0)
    heads += [""] * (width - len(heads))
    unread = [i for i in range(width) if i not in read and not is_of_officials(heads[i])]
    if not unread:
        return
    texts = {row[i] for row in block.rows for i in unread if i < len(row)}
    for text in texts:
        if isinstance(text, str) and (kind := kind_of(text)):
            raise _extra((kind,))


def _lists_persons(rows: Sequence[Sequence[Cell]]) -> bool:
    """Whether names stand under a heading of names."""
    for number, row in enumerate(rows[:-1]):
        for i, cell in enumerate(row):
            if not isinstance(cell, str) or len(cell) > _LONGEST_HEADING:
                continue
            heading = plain(cell)
            if _NAMES not in personal_kinds([heading]) or is_of_officials(heading):
                continue
            below = rows[number + 1][i] if i < len(rows[number + 1]) else ""
            shape = _SURNAME if heading == "фамилия" else _PERSON
            if isinstance(below, str) and (shape.fullmatch(fold(below)) or kind_of(below)):
                return True
    return False


def _lines(rows: Sequence[Sequence[Cell]]) -> Iterator[list[str]]:
    for row in rows:
        yield [
            text
            for cell in row
            if isinstance(cell, str) and len(cell) <= _LONGEST_HEADING and (text := plain(cell))
        ]


def _is_meant(layout: CompiledLayout, headings: Sequence[str]) -> bool:
    """Whether headings tell that source and not only persons."""
    telling = [
        name
        for name, matchers in layout.headings.items()
        if not name.startswith(_COMMON)
        and any(matcher.fullmatch(one) for matcher in matchers for one in headings)
    ]
    found = sum(not forms.isdisjoint(headings) for forms in layout.probes.values())
    return len(telling) >= _TELLING and 2 * found >= len(layout.probes)
