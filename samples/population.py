"""Invented schools and pupils: who they are and how able they are.

Belongs here: schools of a register, cohorts of pupils that grow older, abilities, and what
some schools are planted to do. Not here: results (`vpr`, `exams`), files (`layouts`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from samples.names import NAMES
from samples.papers import Floats, Ints, load_papers
from warehouse.settings import Settings

# From this many schools on a city becomes a region of several municipalities.
REGION_FROM = 60
_SCHOOLS_A_MUNICIPALITY = 27
# How many schools are planted to do each thing; constant, so that a region stays itself.
PLANTED = {"inflates": 3, "declines": 3, "improves": 3, "honest": 4}
# Planted schools are large enough to be told from chance.
_PLANTED_RANK = 0.75
_PUPILS_A_CLASS = 27
_STAY_AFTER_9 = 0.45
# Coprime to the number of names, so a cohort runs through all of them in no visible order.
_NAME_STEP, _NAME_SHIFT = 7919, 1543
# The first two pupils of each cohort of this school have one name.
NAMESAKES_SCHOOL = 2

_PLACES = (
    "Берёзовский", "Вишнёвый", "Горный", "Дубравный", "Ежевичный", "Заречный", "Ивовый",
    "Каштановый", "Луговой", "Малиновый", "Новый", "Озёрный", "Полевой", "Родниковый",
    "Садовый", "Тополиный", "Ударный", "Фруктовый", "Хуторской", "Цветочный", "Широкий",
    "Южный", "Яблоневый",
)  # fmt: skip


@dataclass(frozen=True)
class Municipality:
    """One municipality; `number` is its place in codes of the ФИС ОКО and the РЦОИ."""

    id: str
    name: str
    number: int


@dataclass(frozen=True)
class School:
    """One invented school.

    Attributes:
        size_rank: rank of its size in the region, 0 to 1.
        ability: of the school, in standard deviations between schools.
        propensity: how much it pushes pupils over boundaries: 0 never, 1 always.
        plan: ordinary, inflates, declines, improves, honest.
        grades: highest grade (4, 9 or 11).
        closed_after: last calendar year with results, if it closes.
    """

    index: int
    municipality: Municipality
    number: int
    size_rank: float
    ability: float
    propensity: float
    plan: str
    kind: str
    grades: int
    place: str
    region_code: str
    closed_after: int | None = None
    successor: int | None = None

    @property
    def id(self) -> str:
        return f"{self.municipality.id}-{self.number:03d}"

    @property
    def digits(self) -> str:
        """Digits of the ФИС ОКО login: region, then four of the school."""
        return f"{self.region_code}{self.index + 1:04d}"

    @property
    def login(self) -> str:
        return f"edu{self.digits}"

    @property
    def old_login(self) -> str:
        """The login until 2021."""
        return f"sch{self.digits}"

    @property
    def rcoi_code(self) -> str:
        return f"{self.municipality.number:03d}{self.number:03d}"

    @property
    def short_name(self) -> str:
        kinds = {
            "nosh": "НОШ", "oosh": "ООШ", "sosh": "СОШ", "lyceum": "Лицей", "gymnasium": "Гимназия",
            "special": "СКОШ", "evening": "ВСОШ",
        }  # fmt: skip
        return f"МБОУ «{kinds[self.kind]} № {self.number}»"

    @property
    def full_name(self) -> str:
        kinds = {
            "nosh": "начальная общеобразовательная школа",
            "oosh": "основная общеобразовательная школа",
            "sosh": "средняя общеобразовательная школа",
            "lyceum": "лицей",
            "gymnasium": "гимназия",
            "special": "специальная (коррекционная) общеобразовательная школа",
            "evening": "вечерняя (сменная) общеобразовательная школа",
        }
        return (
            f"Муниципальное бюджетное общеобразовательное учреждение {kinds[self.kind]}"
            f" № {self.number} ({self.municipality.name}, вымышленная)"
        )


@dataclass(frozen=True)
class Cohort:
    """Pupils who entered grade 1 in the same year, school after school.

    Attributes:
        school: index of the school of each pupil.
        order: number of the pupil within the school, from 0.
        ability: standard normal, lasting.
        is_girl: 1 for girls.
        class_no: number of the class within the school, from 0.
        place: number of the pupil in the whole cohort, for good.
        entry: calendar year in which the cohort entered grade 1.
    """

    school: Ints
    order: Ints
    ability: Floats
    is_girl: Ints
    class_no: Ints
    place: Ints
    entry: int

    def take(self, chosen: Ints) -> Cohort:
        return Cohort(
            self.school[chosen],
            self.order[chosen],
            self.ability[chosen],
            self.is_girl[chosen],
            self.class_no[chosen],
            self.place[chosen],
            self.entry,
        )

    @cached_property
    def name_number(self) -> Ints:
        """Number of each pupil's name, which stays his whole life.

        Schoolmates of one cohort have different names, but for two namesakes (if they are of one
        sex) in one school.
        """
        number = self.place * _NAME_STEP + self.entry * _NAME_SHIFT
        namesake = (self.school == NAMESAKES_SCHOOL) & (self.order == 1)
        return np.where(namesake, number - _NAME_STEP, number) % NAMES


def spread(count: int, rng: np.random.Generator) -> Floats:
    """Evenly spread ranks (0 to 1) in random order."""
    return (rng.permutation(count) + 0.5) / count


def _municipalities(settings: Settings, schools: int) -> list[Municipality]:
    first = Municipality(settings.municipality_id, settings.municipality_name, 12)
    if schools < REGION_FROM:
        return [first]
    count = max(2, round(schools / _SCHOOLS_A_MUNICIPALITY))
    others = [
        Municipality(
            f"municipality-{number:02d}",
            f"{_PLACES[(number - 1) % len(_PLACES)]} район"
            + ("" if number <= len(_PLACES) else f" ({(number - 1) // len(_PLACES) + 1})"),
            12 + number,
        )
        for number in range(1, count)
    ]
    return [first, *others]


def _kind(rank: float, position: int) -> tuple[str, int, str]:
    if rank < 0.04:
        return "nosh", 4, "village"
    if rank < 0.22:
        return "oosh", 9, "village"
    if rank > 0.85 and position % 3 != 0:
        return ("lyceum" if position % 2 else "gymnasium"), 11, "city"
    return "sosh", 11, "city" if rank > 0.55 else "pgt" if rank > 0.5 else "village"


def make_schools(
    settings: Settings, count: int, seed: int, *, plant: bool, complete: bool = False
) -> list[School]:
    """The schools of a city or region.

    Sizes follow the ranks of the real region, so a small city has small and large schools too.

    Args:
        settings: the installation; its municipality is the first one.
        count: how many schools.
        seed: source of chance.
        plant: give some schools a plan.
        complete: all schools have grades 1 to 11 and stay open.
    """
    rng = np.random.default_rng([seed, 1])
    places = _municipalities(settings, count)
    rank = spread(count, rng)
    ability = rng.standard_normal(count)
    # Propensities are even over pupils, not schools: then all together push what the region did.
    size = load_papers()["2021-4-RU"].size_at(rank)
    order = rng.permutation(count)
    cumulated = np.cumsum(size[order])
    propensity = np.empty(count)
    propensity[order] = (cumulated - size[order] / 2) / cumulated[-1]
    schools = []
    numbers = dict.fromkeys((place.id for place in places), 0)
    for index in range(count):
        place = places[index * len(places) // count]
        numbers[place.id] += 1
        kind, grades, settlement = _kind(0.5 if complete else float(rank[index]), index)
        schools.append(
            School(
                index, place, numbers[place.id], float(rank[index]), float(ability[index]),
                float(propensity[index]), "ordinary", kind, grades, settlement,
                settings.region_code,
            )
        )  # fmt: skip
    if not complete:
        schools = _close_one(_one_special(schools))
    return _plant(schools, rng) if plant else schools


def _one_special(schools: list[School]) -> list[School]:
    """One special school: rules leave it out."""
    if len(schools) < 20:
        return schools
    chosen = min(schools, key=lambda school: abs(school.size_rank - 0.3))
    schools[chosen.index] = replace(chosen, kind="special", grades=9, ability=-1.5)
    return schools


def _close_one(schools: list[School]) -> list[School]:
    """The smallest basic school closes in summer 2021; the next school follows it."""
    basic = [school for school in schools if school.kind == "oosh"]
    if len(schools) < 10 or not basic:
        return schools
    chosen = min(basic, key=lambda school: school.size_rank)
    successor = (chosen.index + 1) % len(schools)
    schools[chosen.index] = replace(chosen, closed_after=2021, successor=successor)
    return schools


def _plant(schools: list[School], rng: np.random.Generator) -> list[School]:
    """Give some schools of usual size a plan; at most two thirds of them."""
    usual = [
        school.index
        for school in schools
        if school.kind == "sosh" and school.closed_after is None and school.size_rank > 0.3
    ]
    chosen = [usual[position] for position in rng.permutation(len(usual))]
    chosen.sort(key=lambda index: abs(schools[index].size_rank - _PLANTED_RANK))
    wanted = [plan for turn in range(4) for plan, n in PLANTED.items() if turn < n]
    changes = {
        "inflates": {"propensity": 1.0, "ability": -0.4},
        "declines": {"ability": 0.3},
        "improves": {"ability": -0.3},
        "honest": {"propensity": 0.0, "ability": 0.2},
    }
    for index, plan in zip(chosen[: max(1, 2 * len(usual) // 3)], wanted, strict=False):
        schools[index] = replace(schools[index], plan=plan, **changes[plan])
    return schools


class Population:
    """Schools with their cohorts; cohorts are made when asked for, always the same."""

    def __init__(self, schools: Sequence[School], seed: int) -> None:
        self.schools = schools
        self.seed = seed
        self.ability = np.array([school.ability for school in schools])
        self.propensity = np.array([school.propensity for school in schools])
        self.rank = np.array([school.size_rank for school in schools])
        self.grades = np.array([school.grades for school in schools])
        self.plans = np.array([school.plan for school in schools])
        self.closed_after = np.array([school.closed_after or 9999 for school in schools])
        self._cohorts: dict[int, Cohort] = {}

    def cohort(self, cal_year: int, season: str, grade: int) -> Cohort:
        """Pupils of a grade at that time, in schools that have the grade and are open."""
        started = cal_year - (season == "spring")
        entry = started - grade + 1
        whole = self._cohorts.get(entry)
        if whole is None:
            whole = self._cohorts[entry] = self._make(entry)
        here = (self.grades >= grade) & (self.closed_after >= cal_year)
        if season == "autumn":
            here &= self.closed_after > cal_year
        chosen = here[whole.school]
        if grade > 9:
            size = np.bincount(whole.school, minlength=len(self.schools))
            chosen &= whole.order < size[whole.school] * _STAY_AFTER_9
        return whole.take(np.flatnonzero(chosen))

    def _make(self, entry: int) -> Cohort:
        rng = np.random.default_rng([self.seed, 2, entry])
        base = load_papers()["2021-4-RU"]
        listed = base.size_at(self.rank) / (1 - base.absent_share)
        size = np.maximum(1, np.round(listed * rng.normal(1.0, 0.08, len(listed)))).astype(int)
        school = np.repeat(np.arange(len(size)), size)
        start = np.cumsum(size) - size
        order = np.arange(len(school)) - start[school]
        classes = np.ceil(size / _PUPILS_A_CLASS).astype(int)
        return Cohort(
            school=school,
            order=order,
            ability=rng.standard_normal(len(school)),
            is_girl=(rng.random(len(school)) < 0.49).astype(np.int64),
            class_no=order * classes[school] // size[school],
            place=np.arange(len(school)),
            entry=entry,
        )
