"""Personal data in a cell that needs none: told by its shape.

Belongs here: the shapes. Not here: columns that are meant for persons (`persons`), headings that
tell personal data (`contracts/_common.yml`). A shape is no proof of absence: a surname alone looks
like any word, so this catches what senders write into notes, not what somebody hides.
"""

from __future__ import annotations

import re

from ingestion.read.model import Cell
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


def refusing(convert: Converter) -> Converter:
    """The same converter of texts, but a text with personal data costs its row."""

    def look(cell: Cell) -> Value:
        value = convert(cell)
        kind = kind_of(value) if isinstance(value, str) else None
        return value if kind is None else Reject("PERSONAL_TEXT", kind=kind)

    return look
