"""Defects of single cells of registers and plain exports, by the type of the column.

Belongs here: what one cell may hold. Not here: rows and headings (`of_tables`), ВПР and exams
(`of_results`), what several rows say (`of_groups`).
"""

from __future__ import annotations

import datetime as dt
import re

from ingestion.read.words import parse_moment
from samples.scales import subject_names
from tests.defects.operator import OUTSIDE, SAME, Operator, in_cell, one, plain, some, xlsx
from tests.defects.paper import NotApplicable

NBSP = "\xa0"
LATIN = str.maketrans("АВЕКМНОРСТХаеорсух", "ABEKMHOPCTXaeopcyx")
_EPOCH = dt.date(1899, 12, 30)
_SPECIAL = ("month",)


def _required(draft):
    spare = draft.block.plan.layout.spec.get("default", {})
    names = [n for n in draft.columns if not n.startswith("_") and n not in spare]
    names = [n for n in names if draft.contract.column(n).required]
    return [n for n in names if draft.filled(n)]


def _optional(draft, *types):
    return [n for n in draft.typed(*types) if not draft.contract.column(n).required]


def _numbers(draft):
    return draft.typed("int", "number")


def _empty(draft, rng):
    in_cell(draft, rng, _required(draft), "")


def _no_school(draft, rng):
    if not (draft.contract.school and draft.contract.school_required):
        raise NotApplicable
    (i,) = some(rng, range(len(draft.at)))
    for name in ("school_code", "school_name_given"):
        if name in draft.columns:
            draft.put(i, name, "", mark=name == "school_code")
    if not draft.marks:
        draft.mark(i, "school_name_given")


def _numeric(value):
    return lambda draft, rng: in_cell(draft, rng, _numbers(draft), value) and None


def _bounded(side, value):
    def spoil(draft, rng):
        names = [n for n in _numbers(draft) if getattr(draft.contract.column(n), side) is not None]
        name = one(rng, names)
        bound = getattr(draft.contract.column(name), side)
        in_cell(draft, rng, [name], value(bound))

    return spoil


def _fraction(draft, rng):
    in_cell(draft, rng, [n for n in draft.typed("int") if n not in _SPECIAL], 7.5)


def _vocabulary(draft, rng):
    names = [n for n in draft.typed("enum", "bool") if n != "grade_label"]
    names += ["subject"] if "subject" in draft.columns else []
    in_cell(draft, rng, names, "нечто небывалое")


def _on_dates(value):
    def spoil(draft, rng):
        names = draft.typed("date")
        names += [n for n in draft.columns if n.startswith("_born")]
        in_cell(draft, rng, names, value)

    return spoil


def _date_spelling(draft, rng):
    names = [*draft.typed("date"), *(n for n in draft.columns if n.startswith("_born"))]
    name = one(rng, names)
    spellings = (
        lambda d: f"{d:%Y.%m.%d}", lambda d: f"{d:%Y-%m-%d}", lambda d: f"{d:%d.%m.%Y} 9:54:41",
        lambda d: f"{d.day}.{d.month}.{d.year}", lambda d: (d - _EPOCH).days if d.year > 1990 else f"{d:%d.%m.%Y}",
        lambda d: f" {d:%d.%m.%Y}{NBSP}", lambda d: f"{d:%d.%m.%Y} г.",
    )  # fmt: skip
    for number, i in enumerate(some(rng, draft.filled(name), 7)):
        day = parse_moment(draft.get(i, name))
        draft.put(i, name, spellings[number](day.date()))


def _year(*values):
    def spoil(draft, rng):
        names = [n for n in draft.columns if n.endswith("school_year")]
        in_cell(draft, rng, names, rng.choice(values))

    return spoil


def _year_spelling(draft, rng):
    name = one(rng, [n for n in draft.columns if n.endswith("school_year")])
    forms = ("{0}-20{1}", "{0}/20{1}", "{0}–20{1} учебный год", "{0}/{1} г.", f"{{0}}/{{1}}{NBSP}")
    for form, i in zip(forms, some(rng, draft.filled(name), 5), strict=False):
        first, _, last = str(draft.get(i, name)).partition("/")
        if len(last) != 2:
            raise NotApplicable
        draft.put(i, name, form.format(first, last))


def _grade_spelling(draft, rng):
    if "grade_label" not in draft.columns:
        raise NotApplicable
    if list(draft.columns.values()).count(draft.columns["grade_label"]) > 1:
        raise NotApplicable
    for form, i in zip(("{} класс", "{}А", "{}-й", " {}", "{} «Б»"),
                       some(rng, draft.filled("grade_label"), 5), strict=False):  # fmt: skip
        draft.put(
            i,
            "grade_label",
            form.format(int(re.match(r"\d+", str(draft.get(i, "grade_label")))[0])),
        )


def _subject_spelling(draft, rng):
    if "subject" not in draft.columns:
        raise NotApplicable
    codes = {name: code for code, name in subject_names().items()}
    for change, i in zip((str.upper, str.lower, codes.get), some(rng, draft.filled("subject"), 3),
                         strict=False):  # fmt: skip
        draft.put(i, "subject", change(draft.get(i, "subject")))


def _word_spelling(draft, rng):
    name = one(rng, draft.typed("enum", "bool"))
    changes = (str.upper, lambda s: f" {s} ", lambda s: s.replace("ё", "е"), lambda s: f"{s}.",
               lambda s: s.replace(" ", "  "))  # fmt: skip
    for change, i in zip(changes, some(rng, draft.filled(name), 5), strict=False):
        draft.put(i, name, change(str(draft.get(i, name))))


def _blanks(draft, rng):
    names = [n for n in draft.columns if draft.filled(n) and n not in ("_series", "_document")]
    for name in names[:]:
        (i,) = some(rng, draft.filled(name))
        cell = draft.get(i, name)
        text = str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
        draft.put(i, name, rng.choice((f"{NBSP}{{}}", f"{{}}{NBSP}", " {} ")).format(text))


def _comma(draft, rng):
    name = one(rng, _numbers(draft))
    for i in some(rng, draft.filled(name), 5):
        text = str(draft.get(i, name)).replace(".", ",")
        draft.put(i, name, text)


def _thousands(draft, rng):
    names = [n for n in _numbers(draft) if any(_large(draft.get(i, n)) for i in draft.filled(n))]
    name = one(rng, names)
    for i in some(rng, [i for i in draft.filled(name) if _large(draft.get(i, name))], 3):
        draft.put(i, name, f"{int(float(draft.get(i, name))):,}".replace(",", rng.choice(" \xa0")))


def _large(cell):
    try:
        return float(cell) >= 1000 and float(cell).is_integer()
    except (TypeError, ValueError):
        return False


def _raw(xml):
    def spoil(draft, rng):
        names = draft.typed("int", "number", "date", "text", "enum")
        name = one(rng, [n for n in names if n != "class_label"])
        (i,) = some(rng, draft.filled(name))
        draft.put_raw(i, name, xml)

    return spoil


def _raw_class(xml):
    """The class serves no figure: without it the result stands."""

    def spoil(draft, rng):
        name = one(rng, [n for n in draft.typed("text") if n == "class_label"])
        (i,) = some(rng, draft.filled(name))
        draft.put_raw(i, name, xml)

    return spoil


def _missing_mark(marks, *, required):
    def spoil(draft, rng):
        optional = set(_optional(draft, "int", "number"))
        names = [n for n in _numbers(draft) if (n not in optional) == required]
        in_cell(draft, rng, names, rng.choice(marks))

    return spoil


def _persons(draft):
    return [n for n in draft.columns if n.startswith(("_fio", "_surname"))]


def _person(change, *, n=1):
    def spoil(draft, rng):
        name = one(rng, _persons(draft))
        if draft.contract.link_key == "document":
            raise NotApplicable
        for i in some(rng, draft.filled(name), n):
            before = str(draft.get(i, name))
            draft.put(i, name, change(before))
            draft.planted.append(before)

    return spoil


def _initials(draft, rng):
    if draft.contract.link_key == "document":
        raise NotApplicable
    suffix = rng.choice(["", "_2"]) if "_fio_2" in draft.columns else ""
    if f"_fio{suffix}" in draft.columns:
        name = f"_fio{suffix}"
        (i,) = some(rng, draft.filled(name))
        surname, first, *rest = str(draft.get(i, name)).split()
        draft.put(i, name, f"{surname} {first[0]}. {rest[0][0] if rest else ''}.")
    elif "_surname" in draft.columns:
        (i,) = some(rng, draft.filled("_name"))
        draft.put(i, "_name", f"{str(draft.get(i, '_name'))[0]}.", mark=False)
        draft.mark(i, "_surname")
    else:
        raise NotApplicable


def _swapped_person(draft, rng):
    if "_fio" not in draft.columns or "_born" not in draft.columns:
        raise NotApplicable
    (i,) = some(rng, draft.filled("_fio"))
    name, born = draft.get(i, "_fio"), draft.get(i, "_born")
    draft.put(i, "_born", name, mark=False)
    draft.put(i, "_fio", born)
    draft.planted.append(str(name))


def _unknown_school(draft, rng):
    if "school_code" not in draft.columns or draft.contract.table == "school":
        raise NotApplicable
    (i,) = some(rng, draft.filled("school_code"))
    draft.put(i, "school_code", "edu999999")
    if "school_name_given" in draft.columns:
        draft.put(i, "school_name_given", "МБОУ СОШ № 999", mark=False)


def _cut_code(draft, rng):
    if "school_code" not in draft.columns or draft.contract.table == "school":
        raise NotApplicable
    (i,) = some(rng, draft.filled("school_code"))
    code = str(draft.get(i, "school_code"))
    draft.put(i, "school_code", code[:-1] if code.startswith("0") else code.replace("0", "", 1))


def _school_name(draft, rng):
    if "school_code" not in draft.columns or "school_name_given" not in draft.columns:
        raise NotApplicable
    if draft.contract.table in ("school", "accreditation"):
        raise NotApplicable
    for i in some(rng, draft.filled("school_name_given"), 5):
        name = str(draft.get(i, "school_name_given"))
        draft.put(
            i,
            "school_name_given",
            rng.choice((name.lower(), f"«{name}", f"{name} города", name.replace("о", "a"))),
        )


def _list_code(draft, rng):
    if "school_code" not in draft.columns or not draft.paper.is_form:
        raise NotApplicable
    for i in some(rng, draft.filled("school_code"), 5):
        draft.put(i, "school_code", f"{draft.get(i, 'school_code')} — МБОУ СОШ")


def _op(code, title, spoil, expect, **more):
    more.setdefault("where", plain)
    return Operator(code, title, spoil, tuple(expect), group="cells of registers", **more)


OPERATORS = (
    _op("E01", "required cell blank", _empty, ["row:REQUIRED_EMPTY"]),
    _op("E02", "school not named", _no_school, ["row:REQUIRED_EMPTY"]),
    _op("E03", "word instead of a number", _numeric("двадцать"), ["row:NOT_A_NUMBER"]),
    _op("E04", "negative number", _bounded("minimum", lambda low: low - 3),
        ["row:OUT_OF_RANGE"]),
    _op("E05", "number above the highest (a percentage above 100)",
        _bounded("maximum", lambda high: high + 50), ["row:OUT_OF_RANGE"]),
    _op("E06", "fraction instead of a whole number", _fraction, ["row:NOT_A_NUMBER"]),
    _op("E07", "word outside the list", _vocabulary, ["row:NOT_IN_VOCABULARY"]),
    _op("E08", "digit in a column of words",
        lambda d, r: in_cell(d, r, d.typed("enum"), 7) and None,
        ["row:SHIFTED_COLUMNS", "row:NOT_IN_VOCABULARY"]),
    _op("E09", "date that does not exist", _on_dates("31.02.2021"), ["row:BAD_DATE"]),
    _op("E10", "word instead of a date", _on_dates("весной"), ["row:BAD_DATE"]),
    _op("E11", "school year against the rules", _year("2021", "2021/25", "21/22", "2021-2021"),
        ["row:BAD_SCHOOL_YEAR"]),
    _op("D32", "cell with an Excel error", _raw('<c r="{}" t="e"><v>#DIV/0!</v></c>'),
        ["row:ERROR_CELL"], where=lambda p: plain(p) and xlsx(p)),
    _op("D32c", "Excel error instead of the class: the result stays, the class is unknown",
        _raw_class('<c r="{}" t="e"><v>#DIV/0!</v></c>'), ["blank"],
        where=lambda p: p.container == "xlsx"),
    _op("D30", "formula without a computed value", _raw('<c r="{}"><f>SUM(1)</f></c>'),
        ["row:UNCACHED_FORMULA"], where=lambda p: plain(p) and xlsx(p)),
    _op("D52r", "suppression mark in a required number",
        _missing_mark(("SUPP", "NE", "<10", "s", "***"), required=True), ["row:SUPPRESSED_VALUE"]),
    _op("D52", "suppression mark in an optional number",
        _missing_mark(("SUPP", "NE", "<10", "s", "***"), required=False), ["blank"]),
    _op("D33r", '"no data" in a required number',
        _missing_mark(("х", "-", "н/д", "нет данных", "–"), required=True), ["row:REQUIRED_EMPTY"]),
    _op("D33", '"no data" in an optional number',
        _missing_mark(("х", "-", "н/д", "нет данных", "–"), required=False), ["blank"]),
    _op("E12", "name with initials", _initials, ["row:NAME_INCOMPLETE"]),
    _op("E13", "name and birth date exchanged", _swapped_person,
        ["row:SHIFTED_COLUMNS", "row:BAD_DATE", "row:NAME_INCOMPLETE"]),
    _op("E14", "birth date in the future",
        lambda d, r: in_cell(d, r, [n for n in d.columns if n.startswith("_born")], "01.02.2095")
        and None, ["row:OUT_OF_RANGE", "row:BORN_TOO_LATE"]),
    _op("D16", "school outside the register", _unknown_school, OUTSIDE),
    _op("D53", "school code without its zero", _cut_code, ["outside", "gate:school_found_by_name"]),
    _op("D04", "no-break and outer blanks", _blanks, SAME),
    _op("D35", "decimal comma, number as text", _comma, SAME),
    _op("D35t", "blank between thousands", _thousands, SAME),
    _op("D37", "dates in several spellings", _date_spelling, SAME),
    _op("E15", "school year in several spellings", _year_spelling, SAME),
    _op("E16", "grade with letter and word", _grade_spelling, SAME),
    _op("D42", "subject in another spelling", _subject_spelling, SAME),
    _op("D18", "case, ё, spare blanks and full stop in words", _word_spelling, SAME),
    _op("E17", "name in capitals, spare blanks, е for ё",
        _person(lambda s: f" {s.upper().replace('Ё', 'Е')}  ".replace(" ", "  "), n=5), SAME),
    _op("D19p", "Latin letters in a name", _person(lambda s: s.translate(LATIN), n=5), SAME),
    _op("D17", "misprints in a school's name beside a right code", _school_name, SAME),
    _op("E18", "school code with the name, as in the form's list", _list_code, SAME),
)  # fmt: skip
