"""Staff of the schools year after year: posts, careers, categories, changes of heads.

Belongs here: who works where since when, and what he is. Not here: courses and events
(`samples.registers.staff`), files.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from samples.names import Person, person
from samples.population import School

TEACHER = "teacher"
ADMIN = ("head", "deputy", "deputy_upbringing")
UPBRINGING = ("deputy_upbringing", "adviser", "social")
SUBJECTS = (
    "RU", "MA", "RU", "MA", "EN", "IS", "BI", "FI", "OB", "GG", "HI", "IN", "LI", "EN", None,
    None, None,
)  # fmt: skip

_PUPILS_A_TEACHER = 15
_LEAVES = 0.07
_YOUNG = 0.4
_MOVES = 0.15
_FIRST_NUMBER = 500_000


class Post(NamedTuple):
    """A post of a school (by index)."""

    school: int
    kind: str
    subject: str | None


class Employee(NamedTuple):
    """One person on one post of one school, for all the years he is there.

    Attributes:
        since, until: school years (of their autumns) of the first day, and after the last.
        experience: pedagogical experience in `since`, years.
        category_on: first decision about a category, if there is one.
    """

    person: Person
    school: int
    post: str
    subject: str | None
    since: int
    until: int
    experience: int
    education: str
    is_ped: bool
    category: str | None
    category_on: dt.date | None
    hours: float
    from_reserve: bool

    def experience_in(self, start: int) -> int:
        return self.experience + start - self.since

    def is_young(self, start: int) -> bool:
        """Pedagogical experience under three years."""
        return self.experience_in(start) < 3


@dataclass
class Staff:
    """Everybody who works in the schools.

    Attributes:
        schools: own schools by index.
        sizes: pupils of each school.
        starts: years in which the school years begin.
        head_changes: index of a school → year in which its head changes, as planted.
    """

    schools: Mapping[int, School]
    sizes: Mapping[int, int]
    starts: Sequence[int]
    head_changes: Mapping[int, int]
    seed: int

    @cached_property
    def everybody(self) -> list[Employee]:
        rng = np.random.default_rng([self.seed, 22])
        free: list[Employee] = []
        found: list[Employee] = []
        for school in self.schools.values():
            for post in self._posts(school):
                self._fill(rng, found, free, post)
        return found

    def of(self, start: int, *posts: str) -> list[Employee]:
        """Who works on these posts (all, if none are named) on 20 September."""
        return [
            one
            for one in self.everybody
            if one.since <= start < one.until
            and (not posts or one.post in posts)
            and start < (self.schools[one.school].closed_after or 9999)
        ]

    def by_school(self, start: int, *posts: str) -> dict[int, list[Employee]]:
        """The same by index of the school."""
        found = self._by_school.setdefault((start, *posts), {})
        if not found:
            for one in self.of(start, *posts):
                found.setdefault(one.school, []).append(one)
        return found

    @cached_property
    def _by_school(self) -> dict[tuple[int | str, ...], dict[int, list[Employee]]]:
        return {}

    def _posts(self, school: School) -> list[Post]:
        size = self.sizes[school.index]
        teachers = max(6, round(size / _PUPILS_A_TEACHER))
        posts: list[tuple[str, str | None]] = [("head", None)]
        posts += [("deputy", None)] * min(3, 1 + size // 400)
        if size > 120:
            posts += [("deputy_upbringing", None), ("social", None), ("psychologist", None)]
        if size > 400:
            posts += [("adviser", None), ("speech", None), ("defectologist", None), ("tutor", None)]
        posts += [(TEACHER, SUBJECTS[turn % len(SUBJECTS)]) for turn in range(teachers)]
        posts += [("other", None)] * max(2, size // 120)
        return [Post(school.index, post, subject) for post, subject in posts]

    def _fill(
        self,
        rng: np.random.Generator,
        found: list[Employee],
        free: list[Employee],
        place: Post,
    ) -> None:
        """One person after the other on a post, until the last school year."""
        school, post, _ = place
        since = self.starts[0] - int(rng.integers(1, 12))
        change = self.head_changes.get(school) if post == "head" else None
        while since <= self.starts[-1]:
            until = since + 1 + int(rng.geometric(_LEAVES))
            if change is not None:
                until = change if since < change else self.starts[-1] + 9
            elif until <= self.starts[0]:
                until = self.starts[0] + 1
            mover = next((one for one in free if one.until == since and one.post == post), None)
            if mover is not None and mover.school != school:
                free.remove(mover)
                one = mover._replace(
                    school=school, since=since, until=until,
                    experience=mover.experience_in(since),
                )  # fmt: skip
            else:
                one = self._hire(rng, len(found), place, since, until)
            found.append(one)
            if post == TEACHER and rng.random() < _MOVES:
                free.append(one)
            since = until

    def _hire(
        self, rng: np.random.Generator, number: int, place: Post, since: int, until: int
    ) -> Employee:
        school, post, subject = place
        girl = int(rng.random() < (0.6 if post in ADMIN else 0.85))
        beginner = post == TEACHER and rng.random() < _YOUNG and since >= self.starts[0] - 3
        experience = 0 if beginner else int(rng.integers(3, 30))
        born = dt.date(
            since - 22 - experience - int(rng.integers(0, 3)), 1 + int(rng.integers(12)),
            1 + int(rng.integers(28)),
        )  # fmt: skip
        able = 0.5 + 0.08 * self.schools[school].ability
        category = "highest" if rng.random() < 0.45 else "first"
        has_category = post == TEACHER and experience > 4 and rng.random() < able
        first = self.starts[0]
        decided = dt.date(first - 4 + int(rng.integers(5)), 1 + int(rng.integers(12)), 25)
        higher = rng.random() < 0.85 or post in ADMIN
        hours = 0.0
        if post == TEACHER:
            hours = float(np.clip(round(rng.normal(23, 4.5)), 9, 36))
        elif post in ADMIN:
            hours = float(rng.integers(0, 13))
        return Employee(
            person(_FIRST_NUMBER + number * 53, girl, born), school, post, subject, since, until,
            experience, "higher" if higher else "student" if beginner else "secondary",
            bool(rng.random() < 0.93), category if has_category else None,
            decided if has_category else None, hours, bool(rng.random() < 0.45),
        )  # fmt: skip
