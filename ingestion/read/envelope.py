"""What a file does not say in each row: year, season, procedure, subject, grade, sender.

Belongs here: what places (cells, file name, folders, told) say, and how they are weighed. Not
here: patterns (contracts), spellings and calendar (`ingestion.reference`), rows.

Places are equals: two that contradict each other refuse the file, and a field that no place
gives refuses it. Only the assessment calendar may complete what is said (season, the other of
class label and programme). Class letters and participant codes are never asked.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import yaml

from ingestion.contracts.model import FOLDER
from ingestion.read.typing import fold, parse_moment, plain
from ingestion.reasons import Refusal
from ingestion.reference import Reference, school_year_of

FIRST_YEAR = 2015
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
_EXAMS = {"EGE": 11, "OGE": 9}

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
        self._by_spelling = {
            plain(spelling): subject.code
            for subject in reference.subjects.values()
            for spelling in (subject.code, *subject.spellings)
        }
        spellings = sorted(
            {plain(s) for subject in reference.subjects.values() for s in subject.spellings},
            key=lambda text: (-len(text), text),
        )
        self._subject = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, spellings))})(?!\w)")
        self._by_abbreviation = {
            short: subject.code
            for subject in reference.subjects.values()
            for short in subject.abbreviations
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
        _state(facts, "subject", _narrow(subjects))
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
            _state(facts, "subject", _narrow([self._by_spelling[name] for name in found]))
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
        if bare.isdigit() and 1 <= int(bare) <= 12:  # 2020/4/Математика.xlsx
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
                value = int(value) if value.isdigit() else None
            elif field == "subject":
                value = self.subject(value)
            elif field == "exam_date":
                value = _moment_date(value)
            elif field == "procedure":
                value = self.scan(value).get("procedure") or value.upper()
            if value is None:
                raise Refusal("ENVELOPE_MISSING", fields=FIELD_NAMES.get(field, field))
            facts[field] = value
        return Said("указано при передаче", facts)


def _state(facts: dict[str, Any], field: str, values: Iterable[Any]) -> None:
    different = set(values)
    if len(different) == 1:
        facts[field] = different.pop()


def _narrow(subjects: Iterable[str]) -> set[str]:
    """A language beats «иностранный язык», a deep course beats its subject."""
    codes = set(subjects)
    return {code for code in codes if not (_WIDER.get(code, set()) & codes)}


def _moment_date(text: str) -> dt.date | None:
    moment = parse_moment(text)
    return moment.date() if moment else None


def vpr_season(date: dt.date) -> str:
    """ВПР are written in spring or, in 2020 and 2022, in autumn."""
    return "spring" if date.month <= 7 else "autumn"


def exam_season(reference: Reference, procedure: str, date: dt.date) -> str:
    """Period of an exam: early before 20 May, reserve after the main period of the calendar."""
    if date.month >= 9:
        return "september"
    if (date.month, date.day) < (5, 20):
        return "early"
    ends = [
        window.date_to
        for window in reference.held(procedure, date.year, None, season="main")
        if window.date_to
    ]
    if date.month == 8 or (ends and date > max(ends)):
        return "reserve"
    return "main"


class _Weigh:
    """Collects statements; one value a field or a refusal that names the places."""

    def __init__(self, said: Sequence[Said], names: Mapping[str, str]) -> None:
        self._said: dict[str, list[tuple[str, Any]]] = {}
        self._names = names
        for one in said:
            for field, value in one.facts.items():
                self.add(field, one.place, value)

    def add(self, field: str, place: str, value: Any) -> None:
        if value is not None:
            self._said.setdefault(field, []).append((place, value))

    def get(self, field: str) -> Any:
        """The value, or None.

        Raises:
            Refusal: places contradict each other.
        """
        said = self._said.get(field, [])
        values = {value for _, value in said}
        if field == "subject":
            values = _narrow(values)
        if len(values) > 1:
            shown = dict.fromkeys(
                f"{place}: {self._names.get(str(value), value)}" for place, value in said
            )
            self.contradiction(field, shown)
        return values.pop() if values else None

    def contradiction(self, field: str, places: Iterable[str]) -> None:
        raise Refusal(
            "ENVELOPE_CONTRADICTION",
            field=FIELD_NAMES.get(field, field).capitalize(),
            places="; ".join(places),
        )


def resolve(
    reference: Reference,
    spec: Mapping[str, Any],
    said: Sequence[Said],
    today: dt.date | None = None,
) -> dict[str, Any]:
    """The envelope of one part.

    Args:
        spec: the layout; `procedure`, `grade_means` (programme or label), `sender` (required).
        said: what each place says.
        today: for the check that no year lies in the future.

    Returns:
        procedure, cal_year, season, school_year, subject, grade_label, programme_grade and, where
        known, sender, exam_date, oral_date, level, maximum.

    Raises:
        Refusal: ENVELOPE_MISSING or ENVELOPE_CONTRADICTION.
    """
    names = {code: subject.name for code, subject in reference.subjects.items()}
    weigh = _Weigh([_grades_of(one, spec.get("grade_means", "label")) for one in said], names)
    if "procedure" in spec:
        weigh.add("procedure", "вид таблицы", spec["procedure"])
    procedure = weigh.get("procedure") or spec.get("default_procedure")
    for one in said:
        for field in ("date", "exam_date"):
            if date := one.facts.get(field):
                weigh.add("cal_year", one.place, date.year)
                if procedure == "VPR":
                    weigh.add("season", one.place, vpr_season(date))
    envelope: dict[str, Any] = {"procedure": procedure, "subject": weigh.get("subject")}
    for field in ("sender", "oral_date", "maximum"):
        if (value := weigh.get(field)) is not None:
            envelope[field] = value
    if procedure in _EXAMS:
        _resolve_exam(reference, weigh, envelope, said)
    else:
        _resolve_window(reference, weigh, envelope)
    required = ["procedure", "cal_year", "season", "subject", "grade_label", "programme_grade"]
    if procedure in _EXAMS:
        required = ["procedure", "exam_date", "subject"]
    if spec.get("sender"):
        required.append("sender")
    missing = [FIELD_NAMES[field] for field in required if envelope.get(field) is None]
    if missing:
        raise Refusal("ENVELOPE_MISSING", fields=", ".join(missing))
    _check_year(reference, envelope["cal_year"], today or dt.date.today())
    envelope["school_year"] = school_year_of(envelope["cal_year"], envelope["season"])
    stated = weigh.get("school_year")
    if stated not in (None, envelope["school_year"]):
        weigh.contradiction(
            "school_year", [f"указано: {stated}", f"по дате: {envelope['school_year']}"]
        )
    return envelope


def _grades_of(said: Said, means: str) -> Said:
    """Beside «по программе N класса» the other grade is the class label; alone it is what the
    layout says.
    """
    facts = dict(said.facts)
    grade = facts.pop("grade", None)
    if grade is not None:
        field = (
            "grade_label" if means == "label" or "programme_grade" in facts else "programme_grade"
        )
        facts[field] = grade
    return Said(said.place, facts)


def _resolve_exam(
    reference: Reference, weigh: _Weigh, envelope: dict[str, Any], said: Sequence[Said]
) -> None:
    procedure = envelope["procedure"]
    number, date, level = weigh.get("number"), weigh.get("exam_date"), weigh.get("level")
    by_number = None
    if number:
        for subject in reference.subjects.values():
            numbers = subject.ege_numbers if procedure == "EGE" else subject.oge_numbers
            if number in numbers:
                by_number = subject.code
    if by_number:
        weigh.add("subject", f"номер экзамена {number}", by_number)
    subject = weigh.get("subject")
    level = level or ("profile" if procedure == "EGE" and subject == "MA" else "none")
    envelope |= {"subject": subject, "exam_date": date, "level": level}
    if date:
        envelope["cal_year"] = weigh.get("cal_year")
        envelope["season"] = exam_season(reference, procedure, date)
    envelope["grade_label"] = envelope["programme_grade"] = _EXAMS[procedure]


def _resolve_window(reference: Reference, weigh: _Weigh, envelope: dict[str, Any]) -> None:
    procedure, subject = envelope["procedure"], envelope["subject"]
    year, season = weigh.get("cal_year"), weigh.get("season")
    label, programme = weigh.get("grade_label"), weigh.get("programme_grade")
    stated = weigh.get("school_year")
    if year is None and stated:
        first = int(stated[:4])
        year = {"autumn": first, "spring": first + 1}.get(season or "")
        if year is None and season is None:
            held = [
                (y, s)
                for y, s in ((first, "autumn"), (first + 1, "spring"))
                if reference.held(
                    procedure, y, subject, season=s, grade_label=label, programme_grade=programme
                )
            ]
            if len(held) == 1:
                year, season = held[0]
    if year is not None:
        windows = reference.held(
            procedure, year, subject, season=season, grade_label=label, programme_grade=programme
        )
        seasons = {window.season for window in windows}
        if season is None and len(seasons) == 1:
            season = seasons.pop()
        fitting = [window for window in windows if window.season == season]
        labels = {window.grade_label for window in fitting}
        programmes = {window.programme_grade for window in fitting}
        if label is not None and programme is not None and season and not fitting:
            other = reference.held(procedure, year, subject, season=season, grade_label=label)
            if other:
                weigh.contradiction(
                    "grade_label", [f"класс {label}", f"программа {programme} класса"]
                )
        if label is None and programme is not None:
            label = labels.pop() if len(labels) == 1 else _same_in_spring(season, programme)
        elif programme is None and label is not None:
            programme = programmes.pop() if len(programmes) == 1 else _same_in_spring(season, label)
    envelope |= {
        "cal_year": year,
        "season": season,
        "grade_label": label,
        "programme_grade": programme,
    }


def _same_in_spring(season: str | None, grade: int) -> int | None:
    """In spring a class writes the work of its own programme; autumn is only in the calendar."""
    return grade if season == "spring" else None


def _check_year(reference: Reference, year: int, today: dt.date) -> None:
    last = max(today.year, reference.last_year)
    if not FIRST_YEAR <= year <= last:
        raise Refusal(
            "ENVELOPE_CONTRADICTION",
            field="Год",
            places=f"в файле: {year}; возможны годы {FIRST_YEAR}–{last}",
        )
