"""Of which school and year a form is that cannot be taken, so that its sender can be told.

Belongs here: what stands under «Код школы» and «Учебный год» of a refused form. Not here: rows that
are taken (`rows_*`), which school of the register a code means (`ingestion.identity`).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from ingestion.contracts import Contract
from ingestion.contracts.form import SCHOOL_DASH, find_stamp, form_columns
from ingestion.read.model import Reading, Sheet
from ingestion.read.words import cell_text, fold, is_blank, plain
from ingestion.senders import is_of_schools

_ROWS = 30  # in which a stamp and headings are looked for
# A cell may hold anything; only what looks like a code or a name of a school is kept.
_CODE = re.compile(r"[A-Za-z0-9_\-]{0,30}\d[A-Za-z0-9_\-]{0,30}")
_NAME = re.compile(
    r"(?:м[баок]*оу\W+)?(?:сош|оош|нош|школа|лицей|гимназия|интернат)\W{0,4}(?:№\W?)?\d{1,3}",
    re.IGNORECASE,
)
_YEAR = re.compile(r"20\d\d/\d\d")


def note_sender(
    reading: Reading, sheets: Sequence[Sheet], contracts: Mapping[str, Contract]
) -> None:
    """Note in a refused reading its table, the one school and the one school year it is about."""
    if reading.table is None:
        stamp = find_stamp(_heads(sheets))
        if stamp and stamp.table in contracts:
            reading.table = stamp.table
            reading.source = contracts[stamp.table].source
    contract = contracts.get(reading.table or "")
    if contract is None or not is_of_schools(contract):
        return
    titles = {column.name: plain(column.title) for column in form_columns(contract)}
    for field, name, pattern in (
        ("sender", "school_code", _CODE),
        ("sender", "school_name_given", _NAME),
        ("school_year", "school_year", _YEAR),
    ):
        found = set(_under(sheets, titles.get(name, ""), titles.values()))
        if field not in reading.envelope and len(found) == 1:
            value = found.pop()
            if pattern.fullmatch(value) or (field == "sender" and _NAME.fullmatch(value)):
                reading.envelope[field] = value


def _heads(sheets: Sequence[Sheet]) -> Iterator[str]:
    for sheet in sheets:
        if sheet.visible:
            for row in sheet.rows[:_ROWS]:
                yield from (fold(cell) for cell in row if isinstance(cell, str))


def _under(sheets: Sequence[Sheet], title: str, titles: Collection[str]) -> Iterator[str]:
    """Values under a heading that stands in a row of headings."""
    for sheet in sheets if title else ():
        for top, row in enumerate(sheet.rows[:_ROWS] if sheet.visible else ()):
            texts = [plain(cell) if isinstance(cell, str) else "" for cell in row]
            if title in texts and len(set(texts) & set(titles)) > 1:
                column = texts.index(title)
                for below in sheet.rows[top + 1 :]:
                    if column < len(below) and not is_blank(below[column]):
                        yield fold(cell_text(below[column]).partition(SCHOOL_DASH)[0])
                break
