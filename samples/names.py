"""Names and documents of people who do not exist.

Belongs here: invented names that nobody takes for real ones. Series of passports begin with 00,
which no real passport has.
"""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import NamedTuple

_STEMS = (
    "Примеров", "Образцов", "Учебнов", "Тестов", "Макетов", "Опытнов", "Задачин", "Условнов",
    "Нулёв", "Вымыслов", "Шаблонов", "Модельнов", "Черновиков", "Заготовкин", "Пробников",
    "Манекенов", "Тренажёров", "Эскизов", "Наброскин", "Имитатов",
)  # fmt: skip
_ENDINGS = ("", "ский", "енко", "ин", "-Пробный")
_BOYS = ("Альфа", "Бета", "Гамма", "Дельта", "Сигма", "Омега", "Лямбда", "Каппа")
_GIRLS = ("Аксиома", "Теорема", "Лемма", "Гипотеза", "Константа", "Функция", "Парабола", "Медиана")
_FATHERS = (
    "Тест", "Образц", "Пример", "Макет", "Шаблон", "Эскиз", "Чернов", "Услов", "Модел", "Опыт",
    "Вымысл", "Имитат",
)  # fmt: skip
_PATRONYMIC_ENDINGS = ("ович", "овна")

# How many different names there are for each sex; `full_name` repeats after so many numbers.
NAMES = len(_STEMS) * len(_ENDINGS) * len(_BOYS) * len(_FATHERS)


class Person(NamedTuple):
    """Somebody invented, as registers name him."""

    fio: str
    born: dt.date


@cache
def full_name(number: int, is_girl: int) -> tuple[str, str, str]:
    """Surname, name and patronymic of an invented person, the same for the same number."""
    stem = _STEMS[number % 20] + _ENDINGS[number // 20 % 5]
    names = _GIRLS if is_girl else _BOYS
    return (
        f"{stem}{'а' if is_girl and stem.endswith(('в', 'н')) else ''}",
        names[number // 100 % 8],
        _FATHERS[number // 800 % 12] + _PATRONYMIC_ENDINGS[is_girl],
    )


def person(number: int, is_girl: int, born: dt.date) -> Person:
    """The invented person of that number."""
    return Person(" ".join(full_name(number % NAMES, is_girl)), born)


def passport(year: int, grade: int, number: int) -> tuple[str, str]:
    """Series and number of an invented document."""
    return f"00{(year * 3 + grade) % 100:02d}", f"{number + 1:06d}"
