"""Names and documents of people who do not exist.

Belongs here: invented names that nobody takes for real ones. Series of passports begin with 00,
which no real passport has.
"""

from __future__ import annotations

_STEMS = (
    "Примеров", "Образцов", "Учебнов", "Тестов", "Макетов", "Опытнов", "Задачин", "Условнов",
    "Нулёв", "Вымыслов", "Шаблонов", "Модельнов", "Черновиков", "Заготовкин", "Пробников",
    "Манекенов", "Тренажёров", "Эскизов", "Наброскин", "Имитатов",
)  # fmt: skip
_ENDINGS = ("", "ский", "енко", "ин", "-Пробный")
_BOYS = ("Альфа", "Бета", "Гамма", "Дельта", "Сигма", "Омега", "Лямбда", "Каппа")
_GIRLS = ("Аксиома", "Теорема", "Лемма", "Гипотеза", "Константа", "Функция", "Парабола", "Медиана")
_PATRONYMICS = (("Тестович", "Образцович", "Примерович"), ("Тестовна", "Образцовна", "Примеровна"))


def full_name(number: int, is_girl: int) -> tuple[str, str, str]:
    """Surname, name and patronymic of an invented person, the same for the same number."""
    stem = _STEMS[number % len(_STEMS)] + _ENDINGS[number // 7 % len(_ENDINGS)]
    names = _GIRLS if is_girl else _BOYS
    patronymics = _PATRONYMICS[is_girl]
    return (
        f"{stem}{'а' if is_girl and stem.endswith(('в', 'н')) else ''}",
        names[number // 11 % len(names)],
        patronymics[number // 5 % len(patronymics)],
    )


def passport(year: int, grade: int, number: int) -> tuple[str, str]:
    """Series and number of an invented document."""
    return f"00{(year * 3 + grade) % 100:02d}", f"{number + 1:06d}"
