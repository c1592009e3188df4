"""Texts of cells and headings in one spelling; dates out of every form that senders use.

Belongs here: what does not depend on a column's type. Not here: typed columns (`typing`).
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from functools import lru_cache

from ingestion.read.model import Cell

_BLANKS = re.compile(r"\s+")
LATIN = str.maketrans("AaBCcEeHKkMOoPpTXxyY", "АаВСсЕеНКкМОоРрТХхуУ")
_CYRILLIC_LETTER = re.compile("[а-яё]", re.IGNORECASE)
_LATIN_LETTER = re.compile("[a-z]", re.IGNORECASE)
_WORD = re.compile(r"\w+")
_ALIKE = re.compile(r"\b[AaBCcEeHKkMOoPpTXxyY\d]+\b")
_SLASH = re.compile(r"\s*/\s*")
DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−"), "-")


def cell_text(cell: Cell) -> str:
    """The cell as its reader sees it: `50001.0` is '50001', dates are ISO."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "ИСТИНА" if cell else "ЛОЖЬ"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, dt.datetime):
        return cell.isoformat(" ")
    return str(cell)


@lru_cache(maxsize=65_536)
def fold(text: str) -> str:
    """NFC, every kind of blank one blank, none at the ends. Idempotent."""
    before = None
    while before != text:
        before = text
        text = _BLANKS.sub(" ", unicodedata.normalize("NFC", text)).strip(" \u200b\ufeff")
    return text


@lru_cache(maxsize=65_536)
def plain(text: str) -> str:
    """Form in which headings and words are compared. Idempotent.

    Folded, lower case, ё→е, plain dashes, Latin look-alikes made Cyrillic inside Cyrillic words
    and as whole words («Koд OO») of a text that has Cyrillic ones, no blanks around a slash.
    """
    before = None
    while before != text:
        before = text
        text = _WORD.sub(_cyrillic_if_mixed, fold(text).translate(DASHES))  # before B is b
        if _CYRILLIC_LETTER.search(text):
            text = _ALIKE.sub(lambda match: match.group().translate(LATIN), text)
        text = _SLASH.sub("/", fold(text.casefold()).replace("ё", "е"))
    return text


def _cyrillic_if_mixed(match: re.Match[str]) -> str:
    word = match.group()
    if _CYRILLIC_LETTER.search(word) and _LATIN_LETTER.search(word):
        return word.translate(LATIN)
    return word


def is_blank(cell: Cell) -> bool:
    """Nothing a person would see."""
    return isinstance(cell, str) and not fold(cell)


_DATE_FORMS = (
    (re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})"), (3, 2, 1)),
    (re.compile(r"(\d{4})[.\-/](\d{1,2})[.\-/](\d{1,2})"), (1, 2, 3)),
    (re.compile(r"(\d{1,2})[/\-](\d{1,2})[/\-](\d{4})"), (3, 2, 1)),
)
_CLOCK = re.compile(r"(?:[ T]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?")
# Moments in files are local and carry no zone.
_EPOCH = dt.datetime(1899, 12, 30)  # noqa: DTZ001
_FIRST_SERIAL, _LAST_SERIAL = 20_000, 80_000  # 1954 to 2119


def parse_moment(cell: Cell) -> dt.datetime | None:
    """Date and time of a cell, None if it is none.

    Understood are real dates, Excel serials and the text forms that senders use: 20.04.2026,
    2025.05.30, 2025-05-30, 05.07.2021 9:54:41. Moments are local and carry no zone.
    """
    if isinstance(cell, dt.datetime):
        return cell.replace(tzinfo=None)
    if isinstance(cell, dt.date):
        return dt.datetime(cell.year, cell.month, cell.day)  # noqa: DTZ001
    text = fold(cell_text(cell)).removesuffix(" г.").removesuffix("г.")
    if isinstance(cell, int | float) or text.isdigit():
        try:
            number = float(text)
        except ValueError:
            return None
        if not _FIRST_SERIAL <= number <= _LAST_SERIAL:
            return None
        return _EPOCH + dt.timedelta(seconds=round(number * 86_400))
    for form, order in _DATE_FORMS:
        match = form.match(text)
        clock = match and _CLOCK.fullmatch(text, match.end())
        if match and clock:
            year, month, day = (int(match.group(i)) for i in order)
            hour, minute, second = (int(part or 0) for part in clock.groups())
            try:
                return dt.datetime(year, month, day, hour, minute, second)  # noqa: DTZ001
            except ValueError:
                return None
    return None
