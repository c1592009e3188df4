"""Blank workbook of a contract, for a school to fill in.

Belongs here: how a contract looks as a form. Not here: how the filled form is read
(`ingestion.read`; headings are the contract's titles, so the same contract recognises it).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from ingestion.contracts import Column, Contract

FORM_SHEET = "Данные"
HELP_SHEET = "Как заполнять"
LISTS_SHEET = "Списки"
ROWS = 2_000

_GIVEN_BY_SENDER = ("school_code", "school_name_given")
_FIRST_DATE = dt.date(1900, 1, 1)
_LAST_DATE = dt.date(2100, 12, 31)
_CREATED = dt.datetime(2000, 1, 1)  # the same contract gives the same bytes  # noqa: DTZ001
_WHAT_TO_FILL = (
    f"Лист «{FORM_SHEET}», со второй строки. Жёлтые столбцы обязательны. Заголовки не "
    "меняйте и не переставляйте, пустые строки между записями не оставляйте."
)
_WHERE_TO_SEND = (
    "Сохраните как «Книга Excel (.xlsx)» и передайте в управление образования. "
    "Исправление — это та же форма целиком, присланная ещё раз."
)
_TYPES = {
    "text": "текст",
    "code": "код: записывается как текст, нули в начале сохраняются",
    "pid": "текст",
    "enum": "значение из списка",
    "int": "целое число",
    "number": "число",
    "bool": "да или нет",
    "date": "дата вида 20.04.2026",
    "timestamp": "дата и время",
}


def form_columns(contract: Contract) -> list[Column]:
    """Columns that a sender fills in, in the order of the form."""
    given = [c for c in contract.all_columns if c.name in _GIVEN_BY_SENDER]
    return (given if contract.school else []) + list(contract.columns)


def form_version(contract: Contract) -> str:
    """Short hash of what the form asks; changes when the form does."""
    asked = [
        (c.name, c.title, c.type, _is_required(c), c.minimum, c.maximum, c.pattern, _choices(c))
        for c in form_columns(contract)
    ]
    text = json.dumps(asked, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def write_template(contract: Contract, path: Path, schools: Sequence[tuple[str, str]] = ()) -> None:
    """Write the blank form of a contract.

    Args:
        contract: the table; `contract.template` says whether it is meant to be filled in.
        path: the workbook, replaced if it exists.
        schools: (code, name) of the schools to choose from.

    Raises:
        OSError: the file cannot be written.
    """
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        version = form_version(contract)
        book.set_properties(
            {
                "title": contract.title,
                "keywords": f"msoko-template {contract.table} {version}",
                "created": _CREATED,
            }
        )
        form = book.add_worksheet(FORM_SHEET)
        _write_help(book, contract, version, schools)
        lists = book.add_worksheet(LISTS_SHEET)
        lists.hide()
        _write_form(book, form, lists, form_columns(contract), schools)
        form.set_footer(f"&L{contract.title}&RВерсия формы {version}")


def _write_form(
    book: Any,
    form: Worksheet,
    lists: Worksheet,
    columns: Sequence[Column],
    schools: Sequence[tuple[str, str]],
) -> None:
    heading = {"bold": True, "text_wrap": True, "valign": "top", "border": 1}
    required = book.add_format({**heading, "bg_color": "#FFD966"})
    optional = book.add_format({**heading, "bg_color": "#E7E6E6"})
    cells = _cell_formats(book)
    for number, column in enumerate(columns):
        form.write_string(0, number, column.title, required if _is_required(column) else optional)
        form.write_comment(
            0, number, _hint(column), {"x_scale": 2, "author": "МСОКО", "font_size": 9}
        )
        width = max(14, min(36, len(column.title) + 4))
        form.set_column(number, number, width, cells.get(column.type))
        choices = (
            [code for code, _ in schools] if column.name == "school_code" else _choices(column)
        )
        rule = _validation(column)
        if choices:
            letter = xl_col_to_name(number)
            lists.write_column(0, number, choices)
            rule = {
                "validate": "list",
                "source": f"={LISTS_SHEET}!${letter}$1:${letter}${len(choices)}",
                "error_title": "Нет в списке",
                "error_message": "Выберите значение из списка.",
            }
        if rule:
            form.data_validation(1, number, ROWS, number, {"ignore_blank": True, **rule})
    form.freeze_panes(1, 0)
    form.set_row(0, 48)
    form.set_landscape()


def _write_help(
    book: Any, contract: Contract, version: str, schools: Sequence[tuple[str, str]]
) -> None:
    sheet = book.add_worksheet(HELP_SHEET)
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 1, 90)
    lines: list[tuple[str, str]] = [
        (contract.title, contract.description),
        ("Версия формы", version),
        ("Одна строка", contract.grain),
        ("Что заполнять", _WHAT_TO_FILL),
        ("Куда отправить", _WHERE_TO_SEND),
        ("", ""),
        ("Столбец", "Что в нём"),
        *((column.title, _hint(column)) for column in form_columns(contract)),
    ]
    if schools:
        lines += [("", ""), ("Код школы", "Школа"), *schools]
    for row, (left, right) in enumerate(lines):
        sheet.write_string(row, 0, left, bold)
        sheet.write_string(row, 1, right, wrapped)


def _cell_formats(book: Any) -> dict[str, Format]:
    text = book.add_format({"num_format": "@"})
    return {
        **dict.fromkeys(("text", "code", "pid", "enum", "bool"), text),
        "date": book.add_format({"num_format": "dd.mm.yyyy"}),
        "timestamp": book.add_format({"num_format": "dd.mm.yyyy hh:mm:ss"}),
    }


def _is_required(column: Column) -> bool:
    return column.required or column.name == "school_code"


def _choices(column: Column) -> list[str]:
    if column.vocabulary:
        return [spellings[0] for spellings in column.vocabulary.values()]
    return ["да", "нет"] if column.type == "bool" else []


def _hint(column: Column) -> str:
    parts = [column.description, "Обязательно" if _is_required(column) else "Если есть"]
    parts.append(_TYPES[column.type] + (f", {column.unit}" if column.unit else ""))
    if _choices(column):
        parts.append("Допустимо: " + ", ".join(_choices(column)))
    limits = [
        f"{word} {limit:g}"
        for word, limit in (("от", column.minimum), ("до", column.maximum))
        if limit is not None
    ]
    if limits:
        parts.append(" ".join(limits))
    return ". ".join(part[0].upper() + part[1:] for part in parts) + "."


def _validation(column: Column) -> dict[str, Any] | None:
    """Rule of a cell that has no list; None if the type sets no limit."""
    if column.type in ("date", "timestamp"):
        return {
            "validate": "date",
            "criteria": "between",
            "minimum": _FIRST_DATE,
            "maximum": _LAST_DATE,
            "error_title": "Не дата",
            "error_message": "Запишите дату как 20.04.2026.",
        }
    if column.type in ("int", "number"):
        low = -1e9 if column.minimum is None else column.minimum
        high = 1e9 if column.maximum is None else column.maximum
        return {
            "validate": "integer" if column.type == "int" else "decimal",
            "criteria": "between",
            "minimum": int(low) if column.type == "int" else low,
            "maximum": int(high) if column.type == "int" else high,
            "error_title": "Не подходит",
            "error_message": f"Нужно {_TYPES[column.type]} от {low:g} до {high:g}.",
        }
    return None
