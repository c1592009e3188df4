"""Personal data in a cell that needs none: told by its shape.

Belongs here: the shapes, and headings that tell personal data (their patterns stand in
`contracts/_common.yml`). Not here: columns that are meant for persons (`persons`). A shape is no
proof of absence: a surname alone looks like any word, so this catches what senders write into
notes, not what somebody hides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache

from ingestion.read.model import Cell
from ingestion.read.scanner import common_patterns
from ingestion.read.typing import Converter, Reject, Value
from ingestion.read.words import fold

_SHAPES = {
    "СНИЛС": re.compile(r"(?<!\d)\d{3}[- ]\d{3}[- ]\d{3}[- ]?\d{2}(?!\d)|снилс\D{0,5}\d{11}(?!\d)", re.IGNORECASE),
    "телефон": re.compile(
        r"(?:\+7|(?<!\d)8)[\s(-]{0,3}\d{3}[\s)-]{0,3}\d{3}[\s-]?\d{2}[\s-]?\d{2}(?!\d)"
    ),
    "паспорт": re.compile(
        r"(?<!\d)\d{2}\s?\d{2}\s(?:№\s?)?\d{6}(?!\d)|паспорт\D{0,20}\d{4}\D{0,10}\d{6}(?!\d)", re.IGNORECASE
    ),
    "электронная почта": re.compile(r"[\w.+-]{1,64}@[\w-]{1,64}\.[\w.-]{2,}"),
    "дата рождения": re.compile(
        r"(?:родил\w*|рождени\w*)\D{0,12}\d{1,2}\.\d{1,2}\.\d{2,4}"
        r"|\d{1,2}\.\d{1,2}\.\d{4}\s?(?:г\.?\s?р\b|года рожд)",
        re.IGNORECASE,
    ),
    "имя человека": re.compile(
        r"\b[А-ЯЁ][а-яё]+ [А-ЯЁ][а-яё]+(?:[ое]вич|ьич|мич|кич|[ое]вн|иничн)(?:[ауеы]|ем|ой)?\b"
        r"|\b[А-ЯЁ]{2,} [А-ЯЁ]+(?:[ОЕ]ВИЧ|ЬИЧ|МИЧ|[ОЕ]ВНА|ИНИЧНА)\b"
    ),
}  # fmt: skip
# Schools and contests bear names of the dead; sole traders are in a public register.
_PUBLIC = re.compile(r"\b(?:имени|им\.|памяти|ип\b|предпринимател)", re.IGNORECASE)


def kind_of(text: str) -> str | None:
    """What personal data a text seems to hold, None if none.

    Idempotent in the folded form of the text.
    """
    text = fold(text)
    for kind, shape in _SHAPES.items():
        if shape.search(text) and not (kind == "имя человека" and _PUBLIC.search(text)):
            return kind
    return None


def personal_kinds(headings: Iterable[str]) -> tuple[str, ...]:
    """Kinds of personal data that plain headings tell."""
    return _kinds("personal", headings)


def special_kinds(headings: Iterable[str]) -> tuple[str, ...]:
    """Kinds of data of class PD3 that plain headings tell."""
    return _kinds("special", headings)


def is_of_officials(heading: str) -> bool:
    """Whether a column of that plain heading may name who runs a school."""
    return bool(_officials().fullmatch(heading))


def _kinds(group: str, headings: Iterable[str]) -> tuple[str, ...]:
    headings = list(headings)
    return tuple(
        kind for kind, pattern in _patterns(group).items() if any(map(pattern.fullmatch, headings))
    )


@cache
def _patterns(group: str) -> Mapping[str, re.Pattern[str]]:
    return {kind: re.compile(pattern) for kind, pattern in common_patterns()[group].items()}


@cache
def _officials() -> re.Pattern[str]:
    return re.compile(common_patterns()["officials"])


def refusing(convert: Converter) -> Converter:
    """The same converter of texts, but a text with personal data costs its row."""

    def look(cell: Cell) -> Value:
        value = convert(cell)
        kind = kind_of(value) if isinstance(value, str) else None
        return value if kind is None else Reject("PERSONAL_TEXT", kind=kind)

    return look
