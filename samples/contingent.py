"""Pupils of the municipality year after year: classes, profiles, movements, leavers.

Belongs here: who is in which school and class, and what becomes of him. Not here: files, results.

The pupils of `Population`, who write the ВПР and sit the exams, stay in their schools. Guests
come on top of them: repeaters, pupils who change schools or move out. So every participant of an
exam is in the contingent, and the contingent moves.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from samples.exams import Exams, draw_retake
from samples.names import Person, person
from samples.population import Population, School
from samples.scales import profile_groups, profile_subjects, specialty_subjects

Key = tuple[int, int]  # entry year and place of a pupil in his cohort

LETTERS = "АБВГДЕЖЗИК"
_GUESTS_A_SCHOOL = 0.03
_FIRST_GUEST_NUMBER = 4_000
# Guests are gone before the ОГЭ; those of grade 10 leave in winter.
_LAST_GUEST_GRADE = 8
_CERTIFICATE_11 = 24
_MATHS_11 = 27


class Pupil(NamedTuple):
    """One pupil in one school and school year (which begins in `start`).

    Attributes:
        key: who he is; the place of a guest is negative.
        ability: standard normal, lasting.
        movement: code of the contract `pupil_year`.
    """

    key: Key
    person: Person
    ability: float
    school: int
    start: int
    grade: int
    letter: str
    profile: str | None
    enrolled_on: dt.date
    left_on: dt.date | None
    movement: str


class Leaver(NamedTuple):
    """What became of a pupil of grade 9 or 11."""

    pupil: Pupil
    certificate: str
    destination: str
    specialty: str | None
    confirmed_on: dt.date | None


@dataclass
class Contingent:
    """All pupils of a municipality.

    Attributes:
        population: pupils of the whole region.
        schools: own schools by index.
        starts: years in which the school years begin.
        since: the first one with guests and leavers; before it there are cohorts alone.
        exams: exams of the city by calendar year.
        unknown: index of the school that does not know where its leavers are.
    """

    population: Population
    schools: Mapping[int, School]
    starts: Sequence[int]
    since: int
    exams: Exams
    unknown: int

    @cached_property
    def pupils(self) -> dict[tuple[int, int], list[Pupil]]:
        """(school, start) → pupils."""
        found: dict[tuple[int, int], list[Pupil]] = {
            (school, start): [] for school in self.schools for start in self.starts
        }
        guests = iter(range(1, 1_000_000))
        for start in self.starts:
            for grade in range(1, 12):
                for one in self._of_grade(start, grade):
                    found[one.school, start].append(one)
                    if one.movement == "transfer":
                        self._goes_on(found, one)
            for school in self.schools.values():
                self._add_guests(found, school, start, guests)
        return {key: sorted(pupils, key=_by_class) for key, pupils in found.items() if pupils}

    def all(self, start: int) -> Iterator[Pupil]:
        """All pupils of a school year."""
        return (p for (_, year), pupils in self.pupils.items() if year == start for p in pupils)

    def here(self, school: int, start: int) -> list[Pupil]:
        """Whom the forms of 20 September count."""
        return self._here.get((school, start), [])

    def grades(self, school: int, start: int) -> dict[int, int]:
        """Pupils by grade on 20 September; before the first school year, of the cohorts alone."""
        if (school, start) not in self._grades:
            counts = Counter(pupil.grade for pupil in self.here(school, start))
            if start < self.starts[0]:
                for grade in range(1, 12):
                    cohort = self.population.cohort(start + 1, "spring", grade)
                    counts[grade] = int((cohort.school == school).sum())
            self._grades[school, start] = {g: n for g, n in sorted(counts.items()) if n}
        return self._grades[school, start]

    @cached_property
    def _grades(self) -> dict[tuple[int, int], dict[int, int]]:
        return {}

    @cached_property
    def _here(self) -> dict[tuple[int, int], list[Pupil]]:
        return {
            (school, start): [
                one
                for one in pupils
                if one.enrolled_on <= (day := dt.date(start, 9, 20))
                and (one.left_on is None or one.left_on > day)
            ]
            for (school, start), pupils in self.pupils.items()
        }

    def _of_grade(self, start: int, grade: int) -> Iterator[Pupil]:
        cohort = self.population.cohort(start + 1, "spring", grade)
        later = self.population.cohort(start + 2, "spring", grade + 1)
        stays = set(later.place.tolist())
        last = start == self.starts[-1]
        enrolled = dt.date(start, 9, 1)
        gone = dt.date(start + 1, 8, 25)
        letters = np.minimum(cohort.class_no, len(LETTERS) - 1)
        for place, school, girl, ability, number, letter in zip(
            cohort.place.tolist(), cohort.school.tolist(), cohort.is_girl.tolist(),
            cohort.ability.tolist(), cohort.name_number.tolist(), letters.tolist(), strict=True,
        ):  # fmt: skip
            if school not in self.schools:
                continue
            key = (cohort.entry, place)
            left = None
            if last:
                movement = "stays"
            elif grade in (9, 11):
                failed = (start + 1, *key) in self._failed and place not in stays
                movement = "left" if failed else "graduated"
                left = dt.date(start + 1, 6, 30)
            elif place in stays:
                movement = "promoted"
            else:
                movement, left = ("transfer" if grade < _LAST_GUEST_GRADE else "moved_out"), gone
            yield Pupil(
                key, person(number, girl, _born(cohort.entry, place)), ability, school, start,
                grade, LETTERS[letter], self._profile(key, grade), enrolled, left, movement,
            )  # fmt: skip

    @cached_property
    def taken(self) -> dict[tuple[int, int, int], set[str]]:
        """(calendar year, key) → subjects in which the pupil sits an exam."""
        found: dict[tuple[int, int, int], set[str]] = {}
        for year, drawn in self.exams.items():
            for one in drawn:
                for place in one.pupils.place.tolist():
                    found.setdefault((year, one.pupils.entry, place), set()).add(one.exam.subject)
        return found

    @cached_property
    def _failed(self) -> set[tuple[int, int, int]]:
        """(calendar year, key) of pupils without a certificate."""
        found = set()
        for year, drawn in self.exams.items():
            for one in drawn:
                exam = one.exam
                if exam.subject not in ("RU", "MA") or (exam.grade == 11 and year == 2020):
                    continue
                least = 3 if exam.gives_marks else _CERTIFICATE_11
                if exam.subject == "MA" and not exam.gives_marks:
                    least = _MATHS_11
                failed = set(one.pupils.place[one.came & (one.result < least)].tolist())
                if exam.subject == "MA" and exam.procedure == "OGE":
                    again = draw_retake(one, self.population.seed)
                    failed &= set(again.pupils.place[again.result < least].tolist())
                found |= {(year, one.pupils.entry, place) for place in failed}
        return found

    def _profile(self, key: Key, grade: int) -> str | None:
        """Profile in grades 10 and 11: two of three follow the exams they will choose."""
        if grade < 10:
            return None
        profiles = list(profile_subjects())
        taken = self.taken.get((key[0] + 11, *key), set())
        if key[1] % 3:
            for profile in profiles[key[1] % 4 :] + profiles[: key[1] % 4]:
                if len(taken & profile_subjects()[profile]) >= 2:
                    return profile
        return profiles[key[1] % len(profiles)]

    def _goes_on(self, found: dict[tuple[int, int], list[Pupil]], one: Pupil) -> None:
        """A pupil whose school has no next grade goes to the next one that has."""
        school, start, grade = self._host(one.school), one.start + 1, one.grade + 1
        while start in self.starts:
            out = grade == _LAST_GUEST_GRADE
            last = start == self.starts[-1]
            found[school, start].append(
                one._replace(
                    school=school,
                    start=start,
                    grade=grade,
                    letter="А",
                    enrolled_on=dt.date(start, 9, 1),
                    left_on=dt.date(start + 1, 6, 15) if out and not last else None,
                    movement="stays" if last else "moved_out" if out else "promoted",
                )
            )
            if out:
                return
            start, grade = start + 1, grade + 1

    def _host(self, school: int) -> int:
        hosts = [index for index, one in self.schools.items() if one.grades == 11]
        return next((index for index in hosts if index > school), hosts[0] if hosts else school)

    def _add_guests(
        self,
        found: dict[tuple[int, int], list[Pupil]],
        school: School,
        start: int,
        numbers: Iterator[int],
    ) -> None:
        """Repeaters, pupils who change schools, who move out, who leave grade 10."""
        own = found[school.index, start]
        closed = school.closed_after or self.starts[-1] + 1
        if start < self.since or start >= closed or school.kind == "special":
            return
        host = self._host(school.index)
        for turn in range(max(1, round(len(own) * _GUESTS_A_SCHOOL))):
            number = next(numbers)
            kind = turn % 4
            grade = 10 if kind == 3 else 2 + number % (min(school.grades, _LAST_GUEST_GRADE) - 2)
            if kind == 3 and school.grades < 11:
                continue
            girl = number % 2
            entry = start - grade + 1
            guest = Pupil(
                (entry, -number), person(number * 37 + _FIRST_GUEST_NUMBER, girl,
                                         _born(entry, number)),
                -1.0, school.index, start, grade, "А", "universal" if kind == 3 else None,
                dt.date(start, 9, 1), dt.date(start + 1, 1, 14), "moved_out",
            )  # fmt: skip
            if kind == 3:
                own.append(guest._replace(movement="left"))
            elif kind == 0 and start + 1 < closed and start != self.starts[-1]:
                again = guest._replace(start=start + 1, enrolled_on=dt.date(start + 1, 9, 1),
                                       left_on=dt.date(start + 2, 1, 14))  # fmt: skip
                own.append(guest._replace(movement="repeat", left_on=None))
                found[school.index, start + 1].append(again)
            elif kind == 1 and host != school.index and found[host, start]:
                own.append(guest._replace(movement="transfer"))
                found[host, start].append(
                    guest._replace(
                        school=host, enrolled_on=dt.date(start + 1, 1, 15),
                        left_on=dt.date(start + 1, 5, 20),
                    )
                )  # fmt: skip
            else:
                own.append(guest)

    @cached_property
    def leavers(self) -> dict[tuple[int, int], list[Leaver]]:
        """(school, start) → leavers of grades 9 and 11; the last school year has none yet."""
        rng = np.random.default_rng([self.population.seed, 21])
        return {
            (school, start): [
                self._leaver(pupil, rng)
                for pupil in pupils
                if pupil.grade in (9, 11) and pupil.movement in ("graduated", "left")
            ]
            for (school, start), pupils in self.pupils.items()
            if self.since <= start < self.starts[-1]
        }

    def _leaver(self, pupil: Pupil, rng: np.random.Generator) -> Leaver:
        year = pupil.start + 1
        chance, draw = rng.random(2).tolist()
        certificate = "no" if pupil.movement == "left" else "yes"
        if certificate == "yes" and pupil.ability > 1.25:
            certificate = "honours"
        # By turn, not by chance: in a small class chance would hide nearly all of them.
        lost = chance > 0.96 or (pupil.school == self.unknown and pupil.key[1] % 3 == 0)
        specialty = None
        if pupil.grade == 9 and self._in_grade_10(pupil):
            destination = "grade10"
        elif certificate == "no":
            destination = "retake" if chance < 0.7 else "work" if chance < 0.85 else "none"
        elif lost:
            destination = "unknown"
        elif pupil.grade == 9:
            destination = "college" if chance < 0.6 or draw < 0.92 else "none"
        else:
            able = 0.72 + 0.12 * pupil.ability
            destination = (
                "university" if draw < able else "college" if draw < 0.9
                else "army" if draw < 0.95 else "work"
            )  # fmt: skip
        if destination in ("college", "university"):
            specialty = self._specialty(pupil, year, rng)
        confirmed = dt.date(year, 9, 3 + int(draw * 25)) if destination != "unknown" else None
        return Leaver(pupil, certificate, destination, specialty, confirmed)

    def _in_grade_10(self, pupil: Pupil) -> bool:
        later = self.population.cohort(pupil.start + 2, "spring", 10)
        if later.entry not in self._places_10:
            self._places_10[later.entry] = set(later.place.tolist())
        return pupil.key[1] in self._places_10[later.entry]

    @cached_property
    def _places_10(self) -> dict[int, set[int]]:
        return {}

    def _specialty(self, pupil: Pupil, year: int, rng: np.random.Generator) -> str:
        """Code of a specialty; two of three are near to the exams or the profile."""
        taken = self.taken.get((year, *pupil.key), set()) - {"RU", "MA"}
        if pupil.grade == 9:
            near = [group for group, subjects in specialty_subjects().items() if subjects & taken]
        else:
            near = profile_groups().get(pupil.profile or "", [])
        groups = near if near and rng.random() < 0.66 else list(specialty_subjects())
        level = "02" if pupil.grade == 9 else "03"
        return f"{groups[int(rng.integers(len(groups)))]}.{level}.{int(rng.integers(1, 8)):02d}"


def _by_class(pupil: Pupil) -> tuple[int, str, str]:
    return pupil.grade, pupil.letter, pupil.person.fio


def _born(entry: int, number: int) -> dt.date:
    """Birth date of a pupil who entered grade 1 that year, six and a half to seven and a half."""
    return dt.date(entry - 8, 12, 20) + dt.timedelta(days=number * 101 % 365)
