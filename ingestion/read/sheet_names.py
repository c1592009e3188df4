"""Names of sheets and files as they may be told: a sender may have put a person's name there.

Belongs here: which names are told as they are. A sheet's name passes if all its words are words of
the field (contracts, subjects) or of spreadsheets; any other sheet is told by its number. A file or
folder is told by the hash of its content or name if its name looks like that of a person.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from functools import cache, lru_cache

from ingestion.contracts.model import FOLDER
from ingestion.read.model import Sheet
from ingestion.read.personal import kind_of
from ingestion.read.words import plain
from ingestion.reference import load_reference

_WORD = re.compile(r"[^\W\d_]+")
_SHORT = 3  # subjects and classes are so short; surnames are not
_COMMON = frozenset(
    ["csv", "html", "sheet", "table", "data", "лист", "таблица", "данные", "список", "свод",
     "титул", "титульный", "раздел", "форма", "отчет", "книга", "страница", "итог", "итоги"]
)  # fmt: skip
_YEAR = re.compile(r"(?<!\d)20\d\d(?!\d)")
_DAY = re.compile(r"\d{1,2}\D\d{1,2}\D\d{4}")
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


def path_without_persons(name: str, sha256: str) -> str:
    """Path of a file below the inbox under names that name nobody.

    What else such a name says of its file (subject, class, year) stays.

    Args:
        name: the path as the sender wrote it.
        sha256: of the file's content.
    """
    *folders, file = name.split("/")
    stem, dot, suffix = file.rpartition(".")
    if not dot or not suffix.isalnum():
        stem, dot, suffix = file, "", ""
    if kind := _kind_in(stem):
        file = f"файл {sha256[:8]}{_rest(stem, kind)}{dot}{suffix}"
    hashes = (hashlib.sha256(folder.encode("utf-8", "replace")).hexdigest() for folder in folders)
    told = [
        f"папка {digest[:8]}{_rest(folder, kind)}" if (kind := _kind_in(folder)) else folder
        for folder, digest in zip(folders, hashes, strict=True)
    ]
    return "/".join([*told, file])


@lru_cache(maxsize=4096)
def _kind_in(name: str) -> str | None:
    text = name.replace("_", " ") + "."  # the dot of initials may be that of the suffix
    kind = kind_of(text)
    if kind == "паспорт":  # a year and the number of a school look like one
        kind = kind_of(_YEAR.sub("", text))
    return kind


def _rest(name: str, kind: str) -> str:
    """Words of the field and short numbers of a name that tells a person."""
    if kind != "имя человека" or _DAY.search(name):
        return ""
    words = re.findall(r"(?<!\d)\d{1,4}(?!\d)|[^\W\d_]{2,}", name)
    kept = [word for word in words if word.isdigit() or plain(word) in _known()]
    return "".join(f" {word}" for word in kept)


@cache
def _known() -> frozenset[str]:
    texts = [path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.yml"))]
    for subject in load_reference().subjects.values():
        texts += subject.spellings
    return _COMMON | frozenset(_WORD.findall(plain(" ".join(texts))))
