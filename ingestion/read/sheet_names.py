"""Names of sheets as they may be told: a sender may have put a person's name there.

Belongs here: which names are told as they are. A name passes if all its words are words of the
field (contracts, subjects) or of spreadsheets; any other sheet is told by its number.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

from ingestion.contracts.model import FOLDER
from ingestion.read.model import Sheet
from ingestion.read.words import plain
from ingestion.reference import load_reference

_WORD = re.compile(r"[^\W\d_]+")
_SHORT = 3  # subjects and classes are so short; surnames are not
_COMMON = frozenset(
    ["csv", "html", "sheet", "table", "data", "лист", "таблица", "данные", "список", "свод",
     "титул", "титульный", "раздел", "форма", "отчет", "книга", "страница", "итог", "итоги"]
)  # fmt: skip
_NUMBERED = re.compile(r"лист № (\d{1,4})")


def without_persons(sheet: Sheet, number: int) -> Sheet:
    """The sheet under a name that names nobody; `number` counts the sheets from 1."""
    words = [word for word in _WORD.findall(plain(sheet.name)) if len(word) > _SHORT]
    if _COMMON.issuperset(words) or _known().issuperset(words):
        return sheet
    return replace(sheet, name=f"лист № {number}", said=sheet.name)


def number_of(name: str) -> int | None:
    """Number of a sheet that is told by it."""
    found = _NUMBERED.fullmatch(name)
    return int(found[1]) if found else None


@cache
def _known() -> frozenset[str]:
    texts = [path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.yml"))]
    for subject in load_reference().subjects.values():
        texts += subject.spellings
    return _COMMON | frozenset(_WORD.findall(plain(" ".join(texts))))
