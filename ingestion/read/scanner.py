"""What a text around a table says: title row, sheet name, file name, folder, a told value.

Belongs here: finding statements in texts with the patterns of the contracts and the spellings of
the subject seed. Not here: weighing statements (`envelope`).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import yaml

from ingestion.contracts.model import FOLDER
from ingestion.read.words import fold, parse_moment, plain
from ingestion.reasons import Refusal
from ingestion.reference import Reference

FIELD_NAMES = {
    "procedure": "процедура",
    "cal_year": "год",
    "season": "сезон",
    "school_year": "учебный год",
    "subject": "предмет",
    "grade_label": "класс",
    "programme_grade": "класс программы",
    "sender": "школа-отправитель",
    "exam_date": "дата экзамена",
}
_WIDER = {"FL": {"EN", "DE", "FR", "ES", "ZH"}, "MA": {"MU"}, "FI": {"FU"}}

_SEASONS = ("spring", "autumn", "early", "main", "reserve", "september")
_PROCEDURES = ("VPR", "EGE", "OGE", "GVE9", "GVE11")

Facts = Mapping[str, Any]


@dataclass(frozen=True)
class Said:
    """What one place says; `place` is its Russian name."""

    place: str
    facts: Facts


@cache
def common_patterns() -> Mapping[str, Any]:
    """Patterns that all layouts share (`contracts/_common.yml`)."""
    text = (FOLDER / "_common.yml").read_text(encoding="utf-8")
    document: Mapping[str, Any] = yaml.load(text, yaml.CSafeLoader)
    return document


class Scanner:
    """Finds facts in texts; remembers texts, because folders and titles repeat."""

    def __init__(self, reference: Reference) -> None:
        self.reference = reference
        patterns = common_patterns()["envelope"]
        self._words = {
            field: {value: re.compile(pattern) for value, pattern in patterns[field].items()}
            for field in ("procedure", "season")
        }
        self._patterns = {
            name: re.compile(patterns[name])
            for name in ("school_year", "year", "programme", "grade", "date", "sender", "maximum")
        }
        self._exam = re.compile(common_patterns()["exam_title"])
        self._base = re.compile(common_patterns()["exam_base"])
        subjects = [one for one in reference.subjects.values() if one.is_assessed]
        self._by_spelling = {
            plain(spelling): subject.code
            for subject in subjects
            for spelling in (subject.code, *subject.spellings)
        }
        spellings = sorted(
            {plain(s) for subject in subjects for s in subject.spellings},
            key=lambda text: (-len(text), text),
        )
        self._subject = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, spellings))})(?!\w)")
        self._by_abbreviation = {
            short: subject.code for subject in subjects for short in subject.abbreviations
        }
        self._abbreviation = re.compile(
            patterns["abbreviation"].replace(
                "{abbreviations}", "|".join(sorted(self._by_abbreviation, key=len, reverse=True))
            )
        )

    @lru_cache(maxsize=16_384)  # noqa: B019
    def scan(self, text: str) -> Facts:
        """Facts of a free text. A fact that it states in two ways at once is not stated."""
        facts: dict[str, Any] = {}
        shown = fold(text.replace("_", " "))
        rest = plain(shown)
        for field, words in self._words.items():
            _state(facts, field, [value for value, word in words.items() if word.search(rest)])
        if match := self._patterns["date"].search(rest):
            facts["date"] = _moment_date(match["date"])
        if match := self._patterns["maximum"].search(rest):
            facts["maximum"] = int(match["maximum"])
        _state(facts, "sender", [m["sender"] for m in self._patterns["sender"].finditer(rest)])
        if match := self._patterns["school_year"].search(rest):
            first = int(match["first"])
            if (first + 1) % 100 == int(match["second"]) % 100:
                facts["school_year"] = f"{first}/{(first + 1) % 100:02d}"
            rest = rest[: match.start()] + " " + rest[match.end() :]
        years = [int(match["year"]) for match in self._patterns["year"].finditer(rest)]
        _state(facts, "cal_year", years)
        programmes = [int(m["grade"]) for m in self._patterns["programme"].finditer(rest)]
        _state(facts, "programme_grade", [g for g in programmes if 1 <= g <= 12])
        rest = self._patterns["programme"].sub(" ", rest)
        grades = [int(m["grade"]) for m in self._patterns["grade"].finditer(rest)]
        subjects = [self._by_spelling[found] for found in self._subject.findall(rest)]
        for match in self._abbreviation.finditer(shown):
            groups = match.groupdict()
            short = groups["before"] or groups["after"] or groups["alone"]
            subjects.append(self._by_abbreviation[short])
            grade = groups["grade_after"] or groups["grade_before"]
            grades += [int(grade)] if grade else []
        _state(facts, "grade", [grade for grade in grades if 1 <= grade <= 12])
        _state(facts, "subject", narrow(subjects))
        return facts

    @lru_cache(maxsize=16_384)  # noqa: B019
    def exam(self, text: str) -> Facts | None:
        """Exam of a title: number, subject, level, dates; None when it is no exam title."""
        rest = plain(text)
        match = self._exam.fullmatch(rest)
        if match is None:
            return None
        facts: dict[str, Any] = {"exam_date": _moment_date(match["date"])}
        if facts["exam_date"] is None:
            return None
        if match["oral"]:
            facts["oral_date"] = _moment_date(match["oral"])
        if match["number"]:
            facts["number"] = match["number"].zfill(2)
        if match["subject"]:
            found = self._subject.findall(match["subject"])
            _state(facts, "subject", narrow([self._by_spelling[name] for name in found]))
        if facts.get("number") == "22" or self._base.search(match["subject"] or ""):
            facts["level"] = "base"
        return facts

    def subject(self, text: str) -> str | None:
        """Subject code of a text that is nothing but a subject."""
        return self._by_spelling.get(plain(text)) or self._by_abbreviation.get(fold(text))

    def path(self, name: str) -> list[Said]:
        """What the folders and the file name say."""
        *folders, file = name.split("/")
        stem = file.rpartition(".")[0] or file
        return [*(Said("папка", self._folder(folder)) for folder in folders),
                Said("имя файла", self._stem(stem))]  # fmt: skip

    @lru_cache(maxsize=4096)  # noqa: B019  one scanner lives as long as its process
    def _folder(self, folder: str) -> Facts:
        facts = dict(self.scan(folder))
        bare = fold(folder)
        if bare.isdecimal() and 1 <= int(bare) <= 12:  # 2020/4/Математика.xlsx
            facts["programme_grade"] = int(bare)
        return facts

    @lru_cache(maxsize=4096)  # noqa: B019
    def _stem(self, stem: str) -> Facts:
        return {**self.scan(stem), **(self.exam(stem) or {})}

    def told(self, told: Mapping[str, str]) -> Said:
        """What the person who delivered the file said of it.

        Raises:
            Refusal: a told value is not understood.
        """
        facts: dict[str, Any] = {}
        for key, text in told.items():
            field = {
                "year": "cal_year",
                "grade": "grade_label",
                "programme": "programme_grade",
                "school": "sender",
                "date": "exam_date",
            }.get(key, key)
            value: Any = fold(text)
            if field in ("cal_year", "grade_label", "programme_grade"):
                value = int(value) if value.isdecimal() else None
            elif field == "subject":
                value = self.subject(value)
            elif field == "exam_date":
                value = _moment_date(value)
            elif field == "season":
                value = value if value in _SEASONS else self.scan(value).get("season")
            elif field == "procedure":
                value = value if value in _PROCEDURES else self.scan(value).get("procedure")
            elif field not in FIELD_NAMES:
                value = None
            if value is None:
                raise Refusal("TOLD_UNKNOWN", field=f"{FIELD_NAMES.get(field, field)}: {text}")
            facts[field] = value
        return Said("указано при передаче", facts)


def _state(facts: dict[str, Any], field: str, values: Iterable[Any]) -> None:
    different = set(values)
    if len(different) == 1:
        facts[field] = different.pop()


def narrow(subjects: Iterable[str]) -> set[str]:
    """A language beats «иностранный язык», a deep course beats its subject."""
    codes = set(subjects)
    return {code for code in codes if not (_WIDER.get(code, set()) & codes)}


def _moment_date(text: str) -> dt.date | None:
    moment = parse_moment(text)
    return moment.date() if moment else None
