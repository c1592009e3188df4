"""What the registers tell of a school year: rows in force, staff, pupils, cells of form ОО-1.

Belongs here: who is a teacher, how many pupils, which days a school year has, who is linked to
whom. Not here: any measure.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from ingestion.contracts import load_contracts
from tests.independent.model import Row, Source, grouped, seed, year_from
from tests.independent.objectivity import open_schools
from tests.independent.shares import Result, people, results
from warehouse.settings import SEEDS

Place = tuple[str, str]  # school, school year
ADMINS = {"head", "deputy", "deputy_upbringing"}
DATES = {
    "cpd_course": "finished_on",
    "teacher_diagnostics": "diagnosed_on",
    "meth_event": "event_date",
    "external_audit": "audited_on",
    "head_appointment": "appointed_on",
}


class Span(NamedTuple):
    """Days of a school year: the snapshot and the end."""

    start: int

    @classmethod
    def of(cls, school_year: str) -> Span:
        return cls(int(school_year[:4]))

    @property
    def snapshot(self) -> dt.date:
        return dt.date(self.start, 9, 20)

    @property
    def end(self) -> dt.date:
        return dt.date(self.start + 1, 8, 31)

    def recent(self, day: dt.date | None) -> bool:
        """In the last three years."""
        return day is not None and dt.date(self.start - 2, 8, 31) < day <= self.end

    def within(self, day: dt.date | None) -> bool:
        """Between the snapshot and the end."""
        return day is not None and self.snapshot <= day <= self.end

    def touches(self, first: dt.date, last: dt.date | None) -> bool:
        """Something that lasts from `first` to `last` was in force in the year."""
        return first <= self.end and (last is None or last >= self.snapshot)


@dataclass(frozen=True)
class Heard:
    """Of which schools some rows of registers tell, be it that they have nobody there.

    A school's own rows tell of it; a sender who names several schools tells of every school.
    """

    named: frozenset[str]
    of_everybody: bool

    @classmethod
    def from_rows(cls, rows: Iterable[Row]) -> Heard:
        schools: dict[str, set[str]] = defaultdict(set)
        for row in rows:
            if row["school_id"] is not None:
                schools[row["delivery_id"]].add(row["school_id"])
        named = frozenset().union(*schools.values())
        return cls(named, any(len(found) > 1 for found in schools.values()))

    def of(self, school: str) -> bool:
        return self.of_everybody or school in self.named


def before(school_year: str, years: int = 1) -> str:
    """The school year so many years earlier."""
    return year_from(int(school_year[:4]) - years)


class Registers:
    """Rows of `raw`, each key once, and what several measures need of them."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._rows: dict[str, list[Row]] = {}
        self._open: dict[str, set[str]] = {}
        self._years: dict[str, set[str]] = {}
        self._recent: dict[tuple[str, Span], list[Row]] = {}
        self._heard: dict[tuple[str, object], Heard] = {}

    def rows(self, table: str) -> list[Row]:
        """One row a key of the contract: the more authoritative and newer sender's."""
        if table not in self._rows:
            chosen: dict[tuple[object, ...], Row] = {}
            key = load_contracts()[table].key
            rank = self.source.rank
            for row in self.source.tables[table]:
                name = tuple(row[column] for column in key)
                if name not in chosen or rank(row) >= rank(chosen[name]):
                    chosen[name] = row
            self._rows[table] = list(chosen.values())
        return self._rows[table]

    def by_place(self, table: str) -> dict[Place, list[Row]]:
        """Rows by school and school year."""
        return grouped(self.rows(table), lambda row: (row["school_id"], row["school_year"]))

    def years_of(self, table: str) -> set[str]:
        """School years of which a register holds any row."""
        if table not in self._years:
            self._years[table] = {row["school_year"] for row in self.rows(table)}
        return self._years[table]

    def recent(self, table: str, span: Span) -> list[Row]:
        """Rows of a register of several years that tell of the last three years."""
        if (table, span) not in self._recent:
            column = DATES[table]
            self._recent[table, span] = [r for r in self.rows(table) if span.recent(r[column])]
        return self._recent[table, span]

    def heard(self, table: str, school_year: str) -> Heard:
        """Of whom a register tells in a school year."""
        if (table, school_year) not in self._heard:
            rows = (row for row in self.rows(table) if row["school_year"] == school_year)
            self._heard[table, school_year] = Heard.from_rows(rows)
        return self._heard[table, school_year]

    def heard_lately(self, table: str, span: Span) -> Heard:
        """Of whom a register of several years tells in the last three."""
        if (table, span) not in self._heard:
            self._heard[table, span] = Heard.from_rows(self.recent(table, span))
        return self._heard[table, span]

    @cached_property
    def years(self) -> list[str]:
        """School years of the staff and pupil forms: the index of what is owed each year."""
        tables = ("staff", "staff_post", "pupil_year", "leaver", "school_document")
        found = set().union(*(self.years_of(table) for table in tables))
        return sorted(found | {school_year for _, school_year in self.fsn})

    def open(self, school_year: str) -> set[str]:
        if school_year not in self._open:
            self._open[school_year] = open_schools(self.source, school_year)
        return self._open[school_year]

    def schools(self) -> dict[str, Row]:
        return {row["school_id"]: row for row in self.source.tables["school"]}

    # staff

    @cached_property
    def staff(self) -> dict[Place, list[Row]]:
        return self.by_place("staff")

    def persons(self, kinds: set[str]) -> dict[Place, set[str]]:
        """People of a school in posts of these kinds."""
        found: dict[Place, set[str]] = defaultdict(set)
        for row in self.rows("staff"):
            if row["post_kind"] in kinds:
                found[row["school_id"], row["school_year"]].add(row["person_pid"])
        return found

    @cached_property
    def teachers(self) -> dict[Place, set[str]]:
        return self.persons({"teacher"})

    @cached_property
    def admins(self) -> dict[Place, set[str]]:
        return self.persons(ADMINS)

    @cached_property
    def teachers_of_subject(self) -> dict[tuple[str, str, str], set[str]]:
        found: dict[tuple[str, str, str], set[str]] = defaultdict(set)
        for row in self.rows("staff"):
            if row["post_kind"] == "teacher" and row["subject"] is not None:
                where = (row["school_id"], row["school_year"], row["subject"])
                found[where].add(row["person_pid"])
        return found

    @cached_property
    def young(self) -> dict[Place, set[str]]:
        """Teachers under 35 in the calendar year of the snapshot."""
        found: dict[Place, set[str]] = defaultdict(set)
        for (school, year), rows in self.staff.items():
            for row in rows:
                born = row["birth_year"]
                known = row["post_kind"] == "teacher" and born is not None
                if known and int(year[:4]) - born < 35:
                    found[school, year].add(row["person_pid"])
        return found

    def courses(self, span: Span, *topics: str) -> list[Row]:
        """Courses of these topics finished in the last three years."""
        return [row for row in self.recent("cpd_course", span) if row["topic"] in topics]

    def diagnosed(self, span: Span, role: str) -> list[Row]:
        """Diagnostics of the last three years."""
        rows = self.recent("teacher_diagnostics", span)
        return [row for row in rows if row["diagnosed_role"] == role]

    # pupils

    @cached_property
    def contingent(self) -> dict[Place, list[Row]]:
        return self.by_place("pupil_year")

    def on_day(
        self, place: Place, day: dt.date, grade: int, last: dt.date | None = None
    ) -> set[str]:
        """Pupils of a grade who came by a day and left after it (after `last`)."""
        return {
            row["person_pid"]
            for row in self.contingent.get(place, [])
            if (row["enrolled_on"] is None or row["enrolled_on"] <= day)
            and (row["left_on"] is None or row["left_on"] > (last or day))
            and row["grade_label"] == grade
        }

    @cached_property
    def fsn(self) -> dict[Place, dict[tuple[str, int | None, str | None], float]]:
        """Values of variables by grade and subject (profile)."""
        if not (SEEDS / "reference/fsn_cell_map.csv").exists():
            return {}
        places: dict[tuple[str, ...], list[dict[str, str]]] = defaultdict(list)
        for row in seed("reference/fsn_cell_map.csv"):
            form = row["form"].lower().replace("-", "").replace("о", "o")
            places[form, row["section"], row["row_code"], row["column_code"]].append(row)
        found: dict[Place, dict[tuple[str, int | None, str | None], float]] = {}
        for cell in self.rows("fsn_cell"):
            where = (cell["form"], cell["section"], cell["row_code"], cell["column_code"])
            told = {
                (
                    row["variable"],
                    int(row["grade"]) if row["grade"] else None,
                    row["subject"] or None,
                )
                for row in places.get(where, [])
                if not (cell["edition"] and row["edition"]) or cell["edition"] == row["edition"]
            }
            values = found.setdefault((cell["school_id"], year_from(cell["form_year"])), {})
            for variable in told:
                values[variable] = values.get(variable, 0) + cell["cell_value"]
        return {place: values for place, values in found.items() if values}

    def cell(self, place: Place, variable: str) -> float | None:
        """A variable of form ОО-1 or ОО-2 over all its cuts."""
        values = [v for (name, _, _), v in self.fsn.get(place, {}).items() if name == variable]
        return sum(values) if values else None

    @cached_property
    def by_grade(self) -> dict[Place, dict[int, int]]:
        """Pupils of each grade: form ОО-1, else the contingent on 20 September."""
        found: dict[Place, dict[int, int]] = {}
        for place, values in self.fsn.items():
            grades: dict[int, int] = defaultdict(int)
            for (variable, grade, _), value in values.items():
                if variable == "n_pupils" and grade is not None:
                    grades[grade] += int(value)
            if grades:
                found[place] = grades
        for place, rows in self.contingent.items():
            if place not in found:
                present = {
                    grade: len(self.on_day(place, Span.of(place[1]).snapshot, grade))
                    for grade in {row["grade_label"] for row in rows}
                }
                found[place] = {grade: n for grade, n in present.items() if n}
        return found

    def pupils(self, place: Place, first: int = 1, last: int = 12) -> int:
        """Pupils of these grades; 0 also where nothing was delivered."""
        grades = self.by_grade.get(place, {})
        return sum(n for grade, n in grades.items() if first <= grade <= last)

    # leavers and their exams

    @cached_property
    def leavers(self) -> dict[Place, list[Row]]:
        return self.by_place("leaver")

    @cached_property
    def listed(self) -> set[Place]:
        """Schools of the list: the latest decision of the year, else the official list."""
        found = {(row["school_id"], row["list_school_year"]) for row in self.rows("shnor_official")}
        decisions = sorted(self.rows("shnor_decision"), key=lambda row: row["document_date"])
        for row in decisions:
            place = (row["school_id"], row["decision_school_year"])
            if row["decision"] == "include":
                found.add(place)
            else:
                found.discard(place)
        return found

    def exam_results(self, procedure: str) -> dict[tuple[str, str, str], list[Result]]:
        """Results of a person of the registers, by school, year and pseudonym of the person."""
        link = self.links(procedure)
        found: dict[tuple[str, str, str], list[Result]] = defaultdict(list)
        for result in results(self.source, procedure):
            person = link.get((result.school, result.school_year, result.person))
            if person is not None:
                found[result.school, result.school_year, person].append(result)
        return found

    def links(self, procedure: str) -> dict[tuple[str, str, str], str]:
        """Participant → person: the full name is unique among both in the school and year."""
        table = "ege_result" if procedure == "EGE" else "oge_result"
        pupils: dict[tuple[str, str, str], set[str]] = defaultdict(set)
        for row in [*self.rows("pupil_year"), *self.rows("leaver")]:
            if row["full_name_pid"] is not None:
                where = (row["school_id"], row["school_year"], row["full_name_pid"])
                pupils[where].add(row["person_pid"])
        takers: dict[tuple[str, str, str], set[str]] = defaultdict(set)
        for row, who in self.takers(table, procedure):
            name = row.get("full_name_pid")
            if name is not None:
                takers[row["school_id"], row["school_year"], name].add(who)
        found = {}
        for (school, year, name), participants in takers.items():
            named = pupils.get((school, year, name), set())
            if len(participants) == 1 and len(named) == 1:
                found[school, year, next(iter(participants))] = next(iter(named))
        return found

    def takers(self, table: str, procedure: str) -> Iterable[tuple[Row, str]]:
        """Rows of an exam with the person they are of."""
        appeals = self.source.tables["exam_change"]
        rows = self.source.tables[table]
        known = people([*rows, *(row for row in appeals if row["procedure"] == procedure)])
        for row in rows:
            if row["procedure"] == procedure:
                yield row, known[row["cal_year"], row["school_id"], row["participant_pid"]]
