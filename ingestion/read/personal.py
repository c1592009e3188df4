"""Personal data in a cell that needs none: told by its shape.

Belongs here: the shapes, and headings that tell personal data (their patterns stand in
`contracts/_common.yml`). Not here: columns that are meant for persons (`persons`). A shape is no
proof of absence: a surname alone looks like any word, so this catches what senders write into
notes, not what somebody hides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache

from ingestion.read.model import Cell
from ingestion.read.scanner import common_patterns
from ingestion.read.typing import Converter, Reject, Value
from ingestion.read.words import fold

_WORD = "[А-ЯЁ][а-яё]+"
_SURNAME = "[А-ЯЁ](?:[а-яё]{2,}|[А-ЯЁ]{2,})(?:-[А-ЯЁ](?:[а-яё]+|[А-ЯЁ]+))?"
_INITIALS = r"[А-ЯЁ]\. ?[А-ЯЁ]\.(?! ?[А-ЯЁ]\.)"
# Names of fathers, less their ends, that lower-case patronymics are known by.
_FATHERS = (
    "александр|алексе|анатоль|андре|антон|аркадь|арт[её]м|богдан|борис|вадим|валенти?н|валерь|васили?ь?"
    "|виктор|виталь|владимир|владислав|вячеслав|геннадь|георги|герман|глеб|григорь|давид|даниил|данил"
    "|денис|дмитри|евгень|егор|захар|иван|игор|ильяс|карен|кирилл|константин|лаврент?ь|леонид|льв|максим"
    "|марат|марк|матве|михайл|никола|олег|павл|петр|роман|руслан|рустам|святослав|сем[её]н|серге|станислав"
    "|степан|тимофе|тимур|ф[её]дор|филипп|эдуард|юрь|яковл?|ярослав"
)
_FIRST_NAMES = (
    "Александра?|Алексей|Алина|Алиса|Ал[её]на|Анастасия|Андрей|Анна|Антон|Арина|Арсений|Арт[её]м"
    "|Валерия|Василиса|Вероника|Виктория?|Владимир|Владислав|Дарья|Денис|Диана|Дмитрий|Ева|Евгений|Егор"
    "|Екатерина|Елена|Елизавета|Захар|Иван|Игорь|Илья|Карина|Кирилл|Константин|Ксения|Лев|Макар|Максим"
    "|Маргарита|Мария|Марк|Матвей|Милана|Мирон|Михаил|Никита|Николай|Олег|Ольга|Павел|Пол?ина|П[её]тр"
    "|Роман|Савелий|Святослав|Семен|Сем[её]н|Сергей|Соф[иь]я|Степан|Таисия|Тимофей|Тимур|Ульяна|Ф[её]дор"
    "|Юлия|Юрий|Яна|Ярослав"
)
_SHAPES = {
    "СНИЛС": re.compile(r"(?<!\d)\d{3}[- ]\d{3}[- ]\d{3}[- ]?\d{2}(?!\d)|снилс\D{0,5}\d{11}(?!\d)", re.IGNORECASE),
    "телефон": re.compile(
        r"(?:\+7|(?<!\d)8)[\s(-]{0,3}\d{3}[\s)-]{0,3}\d{3}[\s-]?\d{2}[\s-]?\d{2}(?!\d)"
    ),
    "паспорт": re.compile(
        r"(?<!\d)\d{2}\s?\d{2}\s(?:№\s?)?\d{6}(?!\d)|паспорт\D{0,20}\d{4}\D{0,10}\d{6}(?!\d)", re.IGNORECASE
    ),
    "электронная почта": re.compile(r"[\w.+-]{1,64}@[\w-]{1,64}\.[\w.-]{2,}"),
    "дата рождения": re.compile(
        r"(?i:(?:родил\w*|рождени\w*)\D{0,12}\d{1,2}\.\d{1,2}\.\d{2,4}"
        r"|\d{1,2}\.\d{1,2}\.\d{4}\s?(?:г\.?\s?р\b|года рожд))"
        rf"|(?:\b{_WORD}(?:[оеё]в|[иы]н|[оеё]ва|[иы]на|ко|ук|юк|ян|дзе|швили) {_WORD}"
        rf"|\b{_WORD} (?:{_FIRST_NAMES}))\W{{1,3}}\d{{1,2}}\.\d{{1,2}}\.(?:19|20)\d\d(?!\d)"
    ),
    "имя человека": re.compile(
        rf"\b{_WORD} {_WORD}(?:[ое]вич|ьич|мич|кич|итич|ввич|[ое]вн|иничн|итичн|ввичн)(?:[ауеы]|ем|ой)?\b"
        r"|\b[А-ЯЁ]{2,} [А-ЯЁ]+(?:[ОЕ]ВИЧ|ЬИЧ|МИЧ|ИТИЧ|ВВИЧ|[ОЕ]ВНА|ИНИЧНА|ИТИЧНА|ВВИЧНА)\b"
        rf"|(?i:\b[а-яё]{{2,}} (?:{_FATHERS})(?:[ое]вич|[ое]вн[ауеы]|[ое]вной)[ауе]?м?\b)"
        rf"|\b{_SURNAME} {_INITIALS}|(?<![\w.]){_INITIALS} ?{_SURNAME}(?![\w.])"
        r"|(?i:\b[а-яё]+[ -](?:оглы|оглу|кызы|гызы)\b)"
    ),
}  # fmt: skip
_NAME = "имя человека"
# What no name is without: most texts need no closer look.
_MAY_NAME = re.compile(r"[ое]в(?:ич|н)|[ьмктв]ич|ичн|оглы|оглу|[кг]ызы|[а-яё]\.", re.IGNORECASE)
# Schools and contests bear names of the dead, books those of authors; sole traders are in a public
# register.
_PUBLIC = re.compile(
    r"\b(?:имени|им\.|памяти|ип\b|предпринимател|автор|учебник|умк\b|методик|систем|редакци|ред\."
    r"|ул\.|улиц|проспект|площад|преми|стипенди)",
    re.IGNORECASE,
)
_NAMED_AFTER = re.compile(
    rf"(?:\b(?i:школ|гимнази|лице|корпус)\w* ?|№ ?\d+ )«?{_INITIALS} ?{_SURNAME}(?![\w.])"
)
_SNILS = re.compile(r"(?<!\d)\d{11}(?!\d)")


def kind_of(text: str) -> str | None:
    """What personal data a text seems to hold, None if none.

    Idempotent in the folded form of the text.
    """
    text = fold(text)
    if any(map(_is_snils, _SNILS.findall(text))):
        return "СНИЛС"
    for kind, shape in _SHAPES.items():
        if _names_somebody(text) if kind == _NAME else shape.search(text):
            return kind
    return None


def _names_somebody(text: str) -> bool:
    """Whether a name stands there that its own clause does not make a public one."""
    if not _MAY_NAME.search(text):
        return False
    text = _NAMED_AFTER.sub("", text)
    return any(
        not _PUBLIC.search(re.split("[;,()]", text[: match.start()])[-1])
        for match in _SHAPES[_NAME].finditer(text)
    )


def _is_snils(digits: str) -> bool:
    total = sum((9 - i) * int(digit) for i, digit in enumerate(digits[:9])) % 101 % 100
    return digits > "00100199800" and total == int(digits[9:])


def personal_kinds(headings: Iterable[str]) -> tuple[str, ...]:
    """Kinds of personal data that plain headings tell."""
    return _kinds("personal", headings)


def special_kinds(headings: Iterable[str]) -> tuple[str, ...]:
    """Kinds of data of class PD3 that plain headings tell."""
    return _kinds("special", headings)


def is_of_officials(heading: str) -> bool:
    """Whether a column of that plain heading may name who runs a school."""
    return bool(_officials().fullmatch(heading))


def _kinds(group: str, headings: Iterable[str]) -> tuple[str, ...]:
    headings = list(headings)
    return tuple(
        kind for kind, pattern in _patterns(group).items() if any(map(pattern.fullmatch, headings))
    )


@cache
def _patterns(group: str) -> Mapping[str, re.Pattern[str]]:
    return {kind: re.compile(pattern) for kind, pattern in common_patterns()[group].items()}


@cache
def _officials() -> re.Pattern[str]:
    return re.compile(common_patterns()["officials"])


def refusing(convert: Converter) -> Converter:
    """The same converter of texts, but a text with personal data costs its row."""

    def look(cell: Cell) -> Value:
        value = convert(cell)
        kind = kind_of(value) if isinstance(value, str) else None
        return value if kind is None else Reject("PERSONAL_TEXT", kind=kind)

    return look
