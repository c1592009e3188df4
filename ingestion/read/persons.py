"""Persons named in the cells of a table: name and birth date → pseudonyms.

Belongs here: one spelling of a name, whatever cells it was written in; the identities of a
contract. Not here: the pseudonym itself (`ingestion.pseudonym`), participants of exams, who are
told by document (`rows_exam`). Names and dates enter this module as cells and leave it as
pseudonyms only: they are in no column, no original text and no rejection.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from functools import lru_cache

from ingestion.contracts import Column, Identity
from ingestion.contracts.form import EXAMPLE_PERSON
from ingestion.pseudonym import Pseudonymiser, normalise
from ingestion.read.body import Body
from ingestion.read.converters import converter
from ingestion.read.typing import Memo, Reject, Value, broken
from ingestion.read.words import cell_text, plain

NAME_CELLS = ("surname", "name", "patronymic")
_NO_PATRONYMIC = frozenset({"нет", "отсутствует", "б/о"})
_ORDINARY = re.compile(r"[А-Яа-яЁё]+(?:[ -][А-Яа-яЁё]+)*")
_DASH = re.compile(r" ?-+ ?")
_LETTERS = re.compile(r"[^\W\d_]")
_INITIAL = re.compile(r"(?:^| )[^\W\d_](?:\.|$| )")
_BORN = Column("_born", "date", "", "")
_NOBODY = EXAMPLE_PERSON.lower()
_YOUNGEST = 3  # no source names a younger child


@lru_cache(maxsize=65_536)
def name_of(text: str) -> str:
    """A full name in one spelling; idempotent.

    Case, ё, blanks, blanks around a hyphen, kinds of dashes, invisible signs, look-alike Latin
    letters and the word for «no patronymic» do not matter.
    """
    if _ORDINARY.fullmatch(text):  # nearly all: nothing to mend but case and ё
        name = text.lower().replace("ё", "е")
        if _NO_PATRONYMIC.isdisjoint(name.split(" ")):
            return name
    return _mended(text)


def _mended(text: str) -> str:
    before = None
    while before != text:
        before = text
        text = _DASH.sub("-", plain(normalise(plain(text))))
        words = list(filter(None, (word.strip("-") for word in text.split())))
        text = " ".join(words[:2] + [word for word in words[2:] if word not in _NO_PATRONYMIC])
    return text


def full_names(body: Body, suffix: str = "") -> list[str]:
    """Names of the persons in their one spelling, from one cell or from three; '' where none."""
    index = body.block.plan.index
    one = f"_fio{suffix}"
    cells = [one] if one in index else [f"_{name}{suffix}" for name in NAME_CELLS]
    parts = [map(cell_text, body.block.cells(name)) for name in cells if name in index]
    texts = map(" ".join, zip(*parts, strict=True)) if parts else [""] * body.n
    return [name_of(text) for text in texts]


def is_whole(name: str) -> bool:
    """Surname and given name at least, without initials: enough to tell a person by."""
    return " " in name and bool(_LETTERS.search(name)) and not _INITIAL.search(name)


def add_pseudonyms(
    body: Body, identities: Sequence[Identity], pseudonymiser: Pseudonymiser
) -> None:
    """Columns of the identities; a person who is named in part or wrongly costs the row."""
    for identity in identities:
        _add(body, identity, pseudonymiser)


def _add(body: Body, identity: Identity, pseudonymiser: Pseudonymiser) -> None:
    plan, n = body.block.plan, body.n
    contract = plan.layout.contract
    required = contract.column(identity.pid).required
    year = contract.column(identity.birth_year) if identity.birth_year else None
    fio_title = _title(body, identity, ("fio", *NAME_CELLS), identity.fio)
    born_title = _title(body, identity, ("born",), identity.born)
    names = full_names(body, identity.suffix)
    dates: list[Value] = [None] * n
    if (born := identity.helper("born")) in plan.index:
        memo = plan.ready.setdefault(born, Memo(converter(_BORN)[0]))
        dates = memo.column(body.block.cells(born))
    pids: list[Value] = [None] * n
    for i, (name, date, now) in enumerate(zip(names, dates, _years(body), strict=True)):
        if not name and date is None and not required:
            continue
        wrong = _wrong_name(name), _wrong_date(date, year, now)
        for title, why in zip((fio_title, born_title), wrong, strict=True):
            if why:
                body.reject(i, title, why)
        if not any(wrong):
            pids[i] = pseudonymiser.pid("person", name, date.isoformat())
    body.columns[identity.pid] = pids
    if identity.full_name:
        body.columns[identity.full_name] = [
            None if pid is None else pseudonymiser.pid("full_name", name)
            for name, pid in zip(names, pids, strict=True)
        ]
    if identity.birth_year:
        body.columns[identity.birth_year] = [
            date.year if isinstance(date, dt.date) else None for date in dates
        ]


def _title(body: Body, identity: Identity, names: Sequence[str], otherwise: str) -> str:
    heading = body.block.plan.heading
    found = (heading.get(identity.helper(name)) for name in names)
    return next(filter(None, found), otherwise)


def _wrong_name(name: str) -> Reject | None:
    if not name:
        return Reject("REQUIRED_EMPTY")
    if why := broken(name):
        return why
    if name == _NOBODY:
        return Reject("EXAMPLE_PERSON")
    if is_whole(name):
        return None
    return Reject("NAME_INCOMPLETE" if _LETTERS.search(name) else "SHIFTED_COLUMNS")


def _years(body: Body) -> list[int | None]:
    """Year of each row: that in which its school year begins, else that of its first date."""
    contract = body.block.plan.layout.contract
    names = ["school_year", *(c.name for c in contract.columns if c.type == "date")]
    column = next((body.columns[name] for name in names if name in body.columns), [])
    years = [
        int(value[:4]) if isinstance(value, str) else getattr(value, "year", None)
        for value in column
    ]
    return years or [None] * body.n


def _wrong_date(date: Value, year: Column | None, now: int | None) -> Reject | None:
    if date is None:
        return Reject("REQUIRED_EMPTY")
    if isinstance(date, Reject):
        return date
    low, high = (year.minimum, year.maximum) if year else (None, None)
    if (low is not None and date.year < low) or (high is not None and date.year > high):
        return Reject("OUT_OF_RANGE", minimum=low or "", maximum=high or "")
    if now is not None and date.year > now - _YOUNGEST:
        return Reject("BORN_TOO_LATE", year=now, age=_YOUNGEST)
    return None
