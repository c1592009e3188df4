"""What a file does not say in each row: year, season, procedure, subject, grade, sender.

Belongs here: how the statements of the places (cells, file name, folders, told) are weighed. Not
here: finding statements in a text (`scanner`), the calendar itself (`ingestion.reference`), rows.

Places are equals: two that contradict each other refuse the file, and a field that no place
gives refuses it. Only the assessment calendar may complete what is said (season, the other of
class label and programme). Class letters and participant codes are never asked.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from ingestion.read.scanner import FIELD_NAMES, Said, narrow
from ingestion.reasons import Refusal
from ingestion.reference import Reference, school_year_of

FIRST_YEAR = 2015
_EXAMS = {"EGE": 11, "OGE": 9, "GVE9": 9, "GVE11": 11}
# How to say what is missing: option of `msoko deliver`, with a value.
_OPTIONS = {
    "procedure": "--procedure VPR",
    "cal_year": "--year 2021",
    "season": "--season autumn",
    "subject": "--subject Математика",
    "grade_label": "--grade 4",
    "programme_grade": "--programme 4",
    "exam_date": "--date 30.05.2025",
    "sender": "--sender edu230001",
}


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


class Weigh:
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
            values = narrow(values)
        if len(values) > 1:
            shown = dict.fromkeys(
                f"{place}: {self._names.get(str(value), value)}" for place, value in said
            )
            self.contradiction(field, shown)
        return values.pop() if values else None

    def widen(self, field: str, wide: str, narrower: Collection[str]) -> None:
        """Let a wide value go where a narrower one of it is said."""
        said = self._said.get(field, [])
        if any(value in narrower for _, value in said):
            self._said[field] = [(place, value) for place, value in said if value != wide]

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
        reference: subjects, calendar.
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
    weigh = Weigh([grades_of(one, spec.get("grade_means", "label")) for one in said], names)
    for field in ("procedure", "level"):
        weigh.add(field, "вид таблицы", spec.get(field))
    weigh.widen("procedure", "GVE", ("GVE9", "GVE11"))
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
        _resolve_exam(reference, weigh, envelope)
    else:
        _resolve_window(reference, weigh, envelope)
    required = ["procedure", "cal_year", "season", "subject", "grade_label", "programme_grade"]
    if procedure in _EXAMS:
        required = ["procedure", "exam_date", "subject"]
    if spec.get("sender"):
        required.append("sender")
    missing = [field for field in required if envelope.get(field) is None]
    if missing:
        raise _missing(missing)
    _check_year(reference, envelope["cal_year"], today or dt.datetime.now(tz=dt.UTC).date())
    envelope["school_year"] = school_year_of(envelope["cal_year"], envelope["season"])
    stated = weigh.get("school_year")
    if stated not in (None, envelope["school_year"]):
        weigh.contradiction(
            "school_year", [f"указано: {stated}", f"по дате: {envelope['school_year']}"]
        )
    return envelope


def _missing(fields: Sequence[str]) -> Refusal:
    """What no place says, and how a person says it; what follows from the rest is not asked."""
    silent = {"season"} if "cal_year" in fields else set()
    if {"grade_label", "programme_grade"} <= set(fields):
        silent.add("programme_grade")
    elif "season" in fields:
        silent |= {"grade_label", "programme_grade"}  # the window gives one from the other
    asked = [field for field in fields if field not in silent]
    if "exam_date" in fields:
        example = "01 - Русский язык 2025.05.30.xlsx"
    elif "sender" in fields:
        example = "edu230001/Форма сбора результатов Математика 5 класс ВПР 2026.xlsx"
    elif asked == ["season"]:
        example = "2022 осень/4/Математика.xlsx"
    elif asked == ["programme_grade"]:
        example = "2022/Математика 5 класс по программе 4 класса.xlsx"
    else:
        example = "2021/4/Математика.xlsx"
    return Refusal(
        "ENVELOPE_MISSING",
        fields=", ".join(FIELD_NAMES[field] for field in asked),
        example=example,
        options=" ".join(_OPTIONS[field] for field in asked),
    )


def grades_of(said: Said, means: str) -> Said:
    """Sort a plain grade into class label or programme.

    Beside «по программе N класса» it is the class label; alone it is what the layout says.
    """
    facts = dict(said.facts)
    grade = facts.pop("grade", None)
    if grade is not None:
        field = (
            "grade_label" if means == "label" or "programme_grade" in facts else "programme_grade"
        )
        facts[field] = grade
    return Said(said.place, facts)


def _resolve_exam(reference: Reference, weigh: Weigh, envelope: dict[str, Any]) -> None:
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


def _resolve_window(reference: Reference, weigh: Weigh, envelope: dict[str, Any]) -> None:
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
        if label is not None and programme is not None and not windows:
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
