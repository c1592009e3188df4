"""Blank workbook of a contract, for a sender to fill in.

Belongs here: how a form looks. Not here: what it asks (`ingestion.contracts.form`), how the
filled form is read (`ingestion.read`: by its headings, which are the contract's titles).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from ingestion.contracts import Column, Contract, load_contracts
from ingestion.contracts.form import (
    EXAMPLE_PERSON,
    HELP_SHEET,
    SCHOOL_DASH,
    choices,
    form_columns,
    form_version,
    is_required,
    stamp_line,
)
from ingestion.reasons import written
from ingestion.reference import load_reference

__all__ = [
    "FIRST_ROW",
    "FORM_SHEET",
    "HEADING_ROW",
    "HELP_SHEET",
    "LISTS_SHEET",
    "form_columns",
    "form_version",
    "hint",
    "templates_of",
    "write_template",
]

FORM_SHEET = "Данные"
LISTS_SHEET = "Списки"
HEADING_ROW, FIRST_ROW = 2, 3  # as people count them
ROWS = 5_000

_SCHOOL_YEARS = 12
_FIRST_DATE = dt.date(1900, 1, 1)
_LAST_DATE = dt.date(2100, 12, 31)
_CREATED = dt.datetime(2000, 1, 1)  # the same contract gives the same bytes  # noqa: DTZ001
_RULES = (
    (
        "Что заполнять",
        (
            f"Лист «{FORM_SHEET}», с третьей строки: одна строка — одна запись. Столбцы с жёлтым "
            "заголовком обязательны; пропуск в начатой строке подсвечивается красным."
        ),
    ),
    (
        "Чего не делать",
        (
            "Не меняйте первую строку и заголовки: структура листа защищена, изменённая форма не "
            "читается. Не пишите итогов, примечаний и фамилий там, где их не спрашивают."
        ),
    ),
    (
        "Если копируете",
        (
            "Вставляйте только значения («Специальная вставка → Значения»): обычная вставка стирает "
            "списки и проверки."
        ),
    ),
    (
        "Куда отправить",
        (
            "Сохраните как «Книга Excel (.xlsx)» и передайте в управление образования. Исправление — "
            "это та же форма целиком, присланная ещё раз: новая заменяет прежнюю."
        ),
    ),
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
_MEANINGS = {
    "school_code": "Школа: её код в реестре",
    "school_name_given": "Название школы; нужно, если кода нет в списке",
}
# Dates of what has happened already; others may be planned.
_PAST = frozenset(
    {"checked_on", "confirmed_on", "decided_on", "diagnosed_on", "document_date", "done_on",
     "event_date", "exam_date", "finished_on", "held_on", "issued_on", "left_on", "pmpk_on",
     "test_date", "trained_on"}
)  # fmt: skip
_WHOLE = "100"  # example of the first count of a form; those after it are parts of it
_NOT_FOR_SENDERS = "; имена заменены"
_EXAMPLES: Mapping[str, str] = {
    r"20\d\d/\d\d": "2024/25",
    r"D[1-9]": "D1",
    r"D\d\.\d\d[a-z]": "D1.07a",
    r"D1\.13x|D2\.06x": "D1.13x",
    r"[A-Za-z0-9_\-]{1,40}": "primer-01",
    r"(sch|edu|ksh|spo)\d{4,8}": "edu990001",
    r"\d{3,8}": "009901",
    r"\d{10}": "0000000000",
    r"\d{13}": "0000000000000",
    r"\d{2}\.\d{2}\.\d{2}": "09.02.07",
}


class _LockedWorkbook(Workbook):
    """A workbook whose sheets cannot be added, removed or renamed; no password."""

    def _write_workbook_pr(self) -> None:
        super()._write_workbook_pr()
        self._xml_empty_tag("workbookProtection", [("lockStructure", 1)])


def templates_of(name: str) -> list[Contract]:
    """Forms of a table, or of all tables of a source (S19); none if there is no such form."""
    return [
        contract
        for contract in load_contracts().values()
        if contract.template and name in (contract.table, contract.source)
    ]


def write_template(
    contract: Contract,
    path: Path,
    schools: Sequence[tuple[str, str]] = (),
    *,
    today: dt.date | None = None,
) -> None:
    """Write the blank form of a contract.

    Args:
        contract: the table; `contract.template` says whether it is meant to be filled in.
        path: the workbook, replaced if it exists.
        schools: (code, name) of the schools to choose from.
        today: decides which school years can be chosen.

    Raises:
        OSError: the file cannot be written.
    """
    year = (today or dt.date.today()).year  # noqa: DTZ011
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with _LockedWorkbook(str(path), options) as book:
        version = form_version(contract)
        book.set_properties(
            {
                "title": contract.title,
                "keywords": f"msoko-template {contract.table} {version}",
                "created": _CREATED,
            }
        )
        form = book.add_worksheet(FORM_SHEET)
        _write_help(book, contract, schools, year)
        lists = book.add_worksheet(LISTS_SHEET)
        lists.hide()
        lists.protect()
        _write_form(book, form, lists, contract, _choices_of(contract, schools, year))
        form.set_footer(f"&L{contract.title}&RВерсия формы {version}")


def _choices_of(
    contract: Contract, schools: Sequence[tuple[str, str]], year: int
) -> dict[str, list[str]]:
    """Column → values to choose from, of the contract, the register and the reference."""
    found = {}
    for column in form_columns(contract):
        if column.name == "school_code":
            values = [f"{code}{SCHOOL_DASH}{name}" for code, name in schools]
        elif column.name == "subject":
            values = sorted(subject.name for subject in load_reference().subjects.values())
        elif column.name.endswith("school_year"):
            begins = range(year, year - _SCHOOL_YEARS, -1)
            values = [f"{first}/{(first + 1) % 100:02d}" for first in begins]
        else:
            values = choices(column)
        if values:
            found[column.name] = values
    return found


def _write_form(
    book: Workbook,
    form: Worksheet,
    lists: Worksheet,
    contract: Contract,
    chosen: Mapping[str, Sequence[str]],
) -> None:
    heading = {"bold": True, "text_wrap": True, "valign": "top", "border": 1}
    required = book.add_format({**heading, "bg_color": "#FFD966"})
    optional = book.add_format({**heading, "bg_color": "#E7E6E6"})
    missing = book.add_format({"bg_color": "#F8CBAD"})
    formats = _cell_formats(book)
    columns = form_columns(contract)
    form.write_string(0, 0, stamp_line(contract), book.add_format({"italic": True}))
    last = xl_col_to_name(len(columns) - 1)
    begun = f"COUNTA($A{FIRST_ROW}:${last}{FIRST_ROW})>0"
    for number, column in enumerate(columns):
        must = is_required(contract, column)
        form.write_string(1, number, column.title, required if must else optional)
        form.write_comment(
            1,
            number,
            hint(contract, column),
            {"x_scale": 2, "y_scale": 1.5, "author": "МСОКО", "font_size": 9},
        )
        width = max(14, min(36, len(column.title) + 4))
        form.set_column(number, number, width, formats[_format_of(column)])
        if rule := _validation(column, number, chosen.get(column.name, ()), lists):
            area = (FIRST_ROW - 1, number, FIRST_ROW + ROWS, number)
            form.data_validation(*area, {"ignore_blank": True, **rule})
        if must:
            cell = xl_rowcol_to_cell(FIRST_ROW - 1, number)
            form.conditional_format(
                FIRST_ROW - 1,
                number,
                FIRST_ROW + ROWS,
                number,
                {
                    "type": "formula",
                    "criteria": f"=AND({begun},ISBLANK({cell}))",
                    "format": missing,
                },
            )
    form.freeze_panes(HEADING_ROW, 0)
    form.set_row(1, 48)
    form.set_landscape()
    form.protect(
        "",
        {"sort": True, "format_columns": True, "format_rows": True, "format_cells": True},
    )


def _write_help(
    book: Workbook, contract: Contract, schools: Sequence[tuple[str, str]], year: int
) -> None:
    sheet = book.add_worksheet(HELP_SHEET)
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    grey = book.add_format({"text_wrap": True, "valign": "top", "font_color": "#7F7F7F"})
    for number, width in enumerate((34, 90, 34)):
        sheet.set_column(number, number, width)
    chosen = _choices_of(contract, (), year)
    counts = (c for c in contract.columns if c.type == "int" and c.unit and c.maximum is None)
    whole = next(counts, None)
    # The example stands from top to bottom, so that no reader can take it for a row of data.
    lines: list[tuple[str, str, str]] = [
        (contract.title, contract.description.partition(_NOT_FOR_SENDERS)[0], ""),
        ("Форма", contract.table, ""),
        ("Версия формы", form_version(contract), ""),
        ("Одна строка", contract.grain, ""),
        *((left, right, "") for left, right in _RULES),
        ("", "", ""),
        ("Столбец", "Что в нём", "пример (вымышленный)"),
        *(
            (
                column.title,
                hint(contract, column),
                _WHOLE if column is whole else _example(column, chosen.get(column.name, ())),
            )
            for column in form_columns(contract)
        ),
    ]
    if schools:
        lines += [("", "", ""), ("Школы", "Код и название", ""), *((*pair, "") for pair in schools)]
    for row, texts in enumerate(lines):
        for number, (text, style) in enumerate(zip(texts, (bold, wrapped, grey), strict=True)):
            if text:
                sheet.write_string(row, number, text, style)
    sheet.protect()


def _cell_formats(book: Workbook) -> dict[str, Format]:
    shapes = {
        "text": "@",
        "date": "dd.mm.yyyy",
        "timestamp": "dd.mm.yyyy hh:mm:ss",
        "number": "General",
    }
    return {
        name: book.add_format({"num_format": shape, "locked": False})
        for name, shape in shapes.items()
    }


def _format_of(column: Column) -> str:
    if column.type in ("int", "number"):
        return "number"
    return column.type if column.type in ("date", "timestamp") else "text"


def hint(contract: Contract, column: Column) -> str:
    """What is expected in a column, in Russian."""
    parts = [_meaning(column), "Обязательно" if is_required(contract, column) else "Если есть"]
    if words := choices(column):
        parts.append("Допустимо: " + ", ".join(words))
    elif column.name in ("school_code", "subject") or column.name.endswith("school_year"):
        parts.append("Выберите из списка")
    else:
        parts.append(_TYPES[column.type] + (f", {column.unit}" if column.unit else ""))
    if limits := _limits(column):
        parts.append(limits.strip())
    return ". ".join(part[0].upper() + part[1:] for part in parts) + "."


def _limits(column: Column) -> str:
    """The bounds of a number in words, with a blank before them; '' where there are none."""
    if column.minimum is not None and column.maximum is not None:
        return f" от {written(column.minimum)} до {written(column.maximum)}"
    if column.minimum is not None:
        return f" не меньше {written(column.minimum)}"
    return "" if column.maximum is None else f" не больше {written(column.maximum)}"


def _meaning(column: Column) -> str:
    """The description for those who fill in; what it says of codes is for those who read tables."""
    if column.name in _MEANINGS:
        return _MEANINGS[column.name]
    text = column.description.partition(":")[0] if column.vocabulary else column.description
    return text.replace("Код предмета", "Предмет").replace(
        "Код основного предмета", "Основной предмет"
    )


def _example(column: Column, chosen: Sequence[str]) -> str:
    """A made-up value, as a person would type it."""
    if column.example:
        return column.example
    if chosen:
        return chosen[0]
    if column.pattern:
        return _EXAMPLES[column.pattern]
    if column.name.startswith("_fio."):
        return EXAMPLE_PERSON
    if column.name.startswith("_born."):
        return "31.12.1999"
    if column.name == "school_code":
        return f"primer-01{SCHOOL_DASH}МБОУ СОШ № 0"
    if column.type in ("int", "number"):
        return f"{max(column.minimum or 0, min(10, column.maximum or 10)):g}"
    return {"date": "20.04.2026", "timestamp": "20.04.2026 10:00:00", "code": "П-1"}.get(
        column.type, "пример"
    )


def _validation(
    column: Column, number: int, chosen: Sequence[str], lists: Worksheet
) -> dict[str, Any] | None:
    """Rule of a cell; None if the type sets no limit."""
    if chosen:
        letter = xl_col_to_name(number)
        for row, value in enumerate(chosen):
            lists.write_string(row, number, value)
        return {
            "validate": "list",
            "source": f"={LISTS_SHEET}!${letter}$1:${letter}${len(chosen)}",
            "error_title": "Нет в списке",
            "error_message": "Выберите значение из списка.",
        }
    if column.type in ("date", "timestamp"):
        is_past = column.name in _PAST or column.name.startswith("_born.")
        return {
            "validate": "date",
            "criteria": "between",
            "minimum": _FIRST_DATE,
            "maximum": "=TODAY()" if is_past else _LAST_DATE,
            "error_title": "Не дата",
            "error_message": "Запишите дату как 20.04.2026"
            + (", не позднее сегодняшнего дня." if is_past else "."),
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
            "error_message": f"Нужно {_TYPES[column.type]}{_limits(column)}.",
        }
    return None
