"""Reference facts that reading needs: subjects, calendar, ВПР scales.

Belongs here: the CSV seeds as plain look-ups. Not here: the facts themselves (they are seeds of
the dbt project, read as data) and how a file is matched with them (`ingestion.read.envelope`).
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from warehouse.settings import SEEDS

# Works of these subjects stand in the calendar under a wider name.
_WIDER = {"EN": "FL", "DE": "FL", "FR": "FL", "ES": "FL", "ZH": "FL", "MU": "MA", "FU": "FI"}
ANY_SUBJECT = "*"


@dataclass(frozen=True)
class Subject:
    """One subject: `spellings` in all cases, `abbreviations` of ВПР files, exam numbers.

    Attributes:
        is_assessed: whether a work or an exam is held in it; the others stand in registers only,
            and their names say nothing about a file.
    """

    code: str
    name: str
    spellings: tuple[str, ...]
    abbreviations: tuple[str, ...]
    ege_numbers: tuple[str, ...]
    oge_numbers: tuple[str, ...]
    is_assessed: bool


@dataclass(frozen=True)
class Window:
    """One work or exam of the calendar."""

    procedure: str
    school_year: str
    cal_year: int
    season: str
    grade_label: int
    programme_grade: int
    subject: str
    held: bool
    date_from: dt.date | None
    date_to: dt.date | None


@dataclass(frozen=True)
class Reference:
    """The look-ups together.

    Attributes:
        scale_maximum: (cal_year, season, programme_grade, subject) → greatest primary score.
    """

    subjects: Mapping[str, Subject]
    windows: tuple[Window, ...]
    scale_maximum: Mapping[tuple[int, str, int, str], int]

    @cached_property
    def last_year(self) -> int:
        """The last year that the calendar knows."""
        return max(window.cal_year for window in self.windows)

    def held(
        self,
        procedure: str,
        cal_year: int,
        subject: str | None,
        *,
        season: str | None = None,
        grade_label: int | None = None,
        programme_grade: int | None = None,
    ) -> tuple[Window, ...]:
        """Windows that took place and fit everything that is given.

        A subject without a row of its own stands for all subjects of that window: seasons and
        programmes are the same for all of them.
        """
        fitting = tuple(
            window
            for window in self.windows
            if window.held
            and window.procedure == procedure
            and window.cal_year == cal_year
            and season in (None, window.season)
            and grade_label in (None, window.grade_label)
            and programme_grade in (None, window.programme_grade)
        )
        names = {subject, _WIDER.get(subject or "")}
        own = tuple(window for window in fitting if window.subject in names)
        return own or fitting


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split("|") if part.strip())


def _date(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def _rows(path: Path) -> Iterable[Mapping[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


@cache
def load_reference(folder: Path = SEEDS / "reference") -> Reference:
    """Read the seeds once in a process.

    Raises:
        OSError: a seed is missing.
        KeyError, ValueError: a seed lacks a column or a value is not of its type.
    """
    windows = tuple(
        Window(
            procedure=row["procedure"],
            school_year=row["school_year"],
            cal_year=int(row["cal_year"]),
            season=row["season"],
            grade_label=int(row["grade_label"]),
            programme_grade=int(row["programme_grade"]),
            subject=row["subject"],
            held=row["held"] == "true",
            date_from=_date(row["date_from"]),
            date_to=_date(row["date_to"]),
        )
        for row in _rows(folder / "assessment_calendar.csv")
    )
    held = {window.subject for window in windows}
    subjects = {
        row["code"]: Subject(
            code=row["code"],
            name=row["name_ru"],
            spellings=tuple(dict.fromkeys((row["name_ru"], *_split(row["spellings"])))),
            abbreviations=_split(row["vpr_abbr"]),
            ege_numbers=_split(row["ege_number"]),
            oge_numbers=_split(row["oge_number"]),
            is_assessed=bool(
                {row["code"], _WIDER.get(row["code"])} & held
                or row["ege_number"]
                or row["oge_number"]
            ),
        )
        for row in _rows(folder / "subjects.csv")
    }
    scale_maximum = {
        (
            int(row["cal_year"]),
            row["season"],
            int(row["programme_grade"]),
            row["subject"],
        ): int(row["max_score"])
        for row in _rows(folder / "vpr_scale.csv")
        if row["max_score"]
    }
    return Reference(subjects=subjects, windows=windows, scale_maximum=scale_maximum)


def school_year_of(cal_year: int, season: str, date: dt.date | None = None) -> str:
    """School year of a window, '2020/21': autumn belongs to the year that begins.

    An exam of September belongs to the school year whose leavers sit it again.
    """
    begins = cal_year if season == "autumn" or (date and date.month >= 10) else cal_year - 1
    return f"{begins}/{(begins + 1) % 100:02d}"
