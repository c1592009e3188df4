"""Which converter a column needs, and the converters of words from lists.

Belongs here: enums, booleans, school years, grades, subjects, school codes in all their
spellings; the choice by the contract's type or the layout's form. Not here: numbers, texts, dates
and the memo (`typing`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache

from ingestion.contracts import Column
from ingestion.contracts.form import SCHOOL_DASH
from ingestion.read import personal
from ingestion.read.layouts import CompiledLayout
from ingestion.read.model import Cell
from ingestion.read.typing import (
    Converter,
    Reject,
    Value,
    broken,
    class_label,
    code_converter,
    date_converter,
    exam_score_converter,
    mark_converter,
    number_converter,
    text_value,
    variant,
    write_plain,
)
from ingestion.read.words import cell_text, fold, plain
from ingestion.reference import load_reference

# Layout kind → column → special form.
_FORMS: Mapping[str, Mapping[str, str]] = {
    "pupil": {
        "class_label": "class",
        "variant": "variant",
        "_variant_2": "variant",
        "journal_mark": "mark",
        "mark": "mark",
    },
    "exam": {
        "class_label": "class",
        "primary_score": "exam",
        "_oral_score": "exam",
        "_written_score": "exam",
        "test_score": "exam",
        "mark": "exam",
    },
    "plain": {
        "school_code": "school",
        "school_year": "school_year",
        "list_school_year": "school_year",
        "decision_school_year": "school_year",
        "grade_label": "grade",
        "subject": "subject",
        "class_label": "class",
        "month": "month",
    },
    "cells": {"school_code": "school", "row_code": "row_code"},
}
# Types of the helpers that are in no table.
HELPERS = {
    "_variant_2": Column("_variant_2", "code", "", ""),
    "_oral_score": Column("_oral_score", "int", "", "", minimum=0, maximum=120),
    "_written_score": Column("_written_score", "int", "", "", minimum=0, maximum=120),
}


def _word(text: str) -> str:
    """A word of a vocabulary: case, ё, blanks and a full stop do not matter."""
    return plain(text).replace(" ", "").rstrip(".")


def enum_converter(column: Column) -> Converter:
    """Spelling of the vocabulary → code; a digit among letters means shifted columns."""
    vocabulary: Mapping[str, tuple[str, ...]] = column.vocabulary or {}
    codes = {_word(name): code for code, names in vocabulary.items() for name in (code, *names)}

    def convert(cell: Cell) -> Value:
        text = plain(cell_text(cell))
        if not text or text == "-":
            return None
        code = codes.get(_word(text))
        if code is not None:
            return code
        if why := broken(fold(cell_text(cell))):
            return why
        return Reject("SHIFTED_COLUMNS" if text.isdigit() else "NOT_IN_VOCABULARY")

    return convert


_BOOLS = {"да": True, "нет": False, "1": True, "0": False, "истина": True, "ложь": False}


def bool_converter(column: Column) -> Converter:
    """да / нет, 1 / 0 and the words of the contract."""
    own = column.spellings or {}
    words = _BOOLS | {_word(w): code == "yes" for code, names in own.items() for w in names}
    unknown = Reject("NOT_IN_VOCABULARY")

    def convert(cell: Cell) -> Value:
        text = _word(cell_text(cell))
        if not text:
            return None
        return words[text] if text in words else broken(fold(cell_text(cell))) or unknown

    return convert


_SCHOOL_YEAR = re.compile(
    r"(20\d\d) ?[/-] ?(20\d\d|\d\d)(?: ?(?:уч(?:ебный|\.)? ?)?(?:год|гг?\.?))?"
)


def school_year(cell: Cell) -> Value:
    """2021/22, 2021-2022, 2021/2022, «2021–2022 учебный год» → 2021/22."""
    text = plain(cell_text(cell))
    if not text:
        return None
    match = _SCHOOL_YEAR.fullmatch(text)
    if match is None or (int(match[1]) + 1) % 100 != int(match[2][-2:]):
        return broken(text) or Reject("BAD_SCHOOL_YEAR")
    return f"{match[1]}/{match[2][-2:]}"


_GRADE = re.compile(  # a number, perhaps an ending (5-й), a letter (5А, 5 «А»), «класс»
    r"(\d{1,2})(?:\.0+)?(?:-?(?:й|ый|ий|го|ого|е))?(?: ?-?[«\"(]?[а-я][»\")]?)?"
    r"(?: ?кл(?:\.|асс\w{0,2})?)?"
)


def grade_converter(column: Column) -> Converter:
    """5, «5 класс», «5А» → 5."""
    number = number_converter(column)

    def convert(cell: Cell) -> Value:
        match = _GRADE.fullmatch(plain(cell)) if isinstance(cell, str) else None
        return number(match[1] if match else cell)

    return convert


def subject_value(cell: Cell) -> Value:
    """Code, name or abbreviation of a subject → its code."""
    text = fold(cell_text(cell))
    if not text or text == "-":
        return None
    code = _subjects().get(_word(text))
    return code or broken(text) or Reject("NOT_IN_VOCABULARY")


@cache
def _subjects() -> Mapping[str, str]:
    subjects = load_reference().subjects.values()
    spellings = [(_word(word), s.code) for s in subjects for word in s.spellings]
    short = [(_word(word), s.code) for s in subjects for word in (s.code, *s.abbreviations)]
    return dict([*short, *spellings])


_MONTHS = ("январ", "феврал", "март", "апрел", "ма", "июн", "июл", "август", "сентябр", "октябр",
           "ноябр", "декабр")  # fmt: skip
_MONTH = re.compile(rf"({'|'.join(_MONTHS)})[а-я]{{0,2}}(?: 20\d\d(?: ?г(?:\.|ода?)?)?)?")


def month_converter(column: Column) -> Converter:
    """9, «сентябрь», «сентября 2021 г.» → 9."""
    number = number_converter(column)

    def convert(cell: Cell) -> Value:
        match = _MONTH.fullmatch(plain(cell)) if isinstance(cell, str) else None
        return _MONTHS.index(match[1]) + 1 if match else number(cell)

    return convert


def row_code_converter(column: Column) -> Converter:
    """Number of a form's row, with its zero: 1, «01» → 01."""
    code = code_converter(column)

    def convert(cell: Cell) -> Value:
        value = code(cell)
        return value.zfill(2) if isinstance(value, str) else value

    return convert


def school_code_converter(column: Column) -> Converter:
    """Code of a school; «code — name», as a form's list offers it, is the code."""
    code = code_converter(column)

    def convert(cell: Cell) -> Value:
        return code(cell.partition(SCHOOL_DASH)[0] if isinstance(cell, str) else cell)

    return convert


def converter(column: Column, form: str | None = None) -> tuple[Converter, Callable[..., str]]:
    """Converter of a contract column and the writer of its clean text.

    Args:
        column: the contract's column.
        form: special form named by the layout: mark, class, variant, exam, fraction, school,
            school_year, grade, subject, month, row_code.
    """
    special: dict[str, Converter] = {
        "class": class_label,
        "variant": variant,
        "text": text_value,
        "school_year": school_year,
        "subject": subject_value,
    }
    if (form or column.type) in special:
        return special[form or column.type], write_plain
    of_column: dict[str, Callable[[Column], Converter]] = {
        "mark": mark_converter,
        "exam": exam_score_converter,
        "grade": grade_converter,
        "school": school_code_converter,
        "month": month_converter,
        "row_code": row_code_converter,
    }
    if form in of_column:
        return of_column[form](column), write_plain
    if column.type in ("int", "number"):
        return number_converter(column, factor=100 if form == "fraction" else 1), write_plain
    if column.type == "bool":
        own = {"yes": ("да",), "no": ("нет",)} | dict(column.spellings or {})
        yes, no = own["yes"][0], own["no"][0]
        return bool_converter(column), lambda v: "" if v is None else yes if v else no
    if column.type == "enum":
        words = {code: names[0] for code, names in (column.vocabulary or {}).items()}
        return enum_converter(column), lambda value: words.get(value, "")
    makers: dict[str, Callable[[Column], Converter]] = {
        "code": code_converter,
        "date": date_converter,
        "timestamp": date_converter,
    }
    return makers[column.type](column), write_plain


def column_converter(layout: CompiledLayout, name: str) -> tuple[Converter, Callable[..., str]]:
    """Converter of a column or helper under the layout's spellings, and its writer."""
    column = HELPERS.get(name) or (
        Column(name, "text", "", "") if name.startswith("_") else layout.contract.column(name)
    )
    form = _FORMS.get(layout.kind, {}).get(name)
    if column.unit == "%" and layout.spec.get("percent") == "fraction":
        form = "fraction"
    convert, write = converter(column, form)
    is_free = column.type in ("text", "code") and not column.pattern and not name.startswith("_")
    return (personal.refusing(convert) if is_free else convert), write
