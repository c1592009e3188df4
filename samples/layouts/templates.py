"""Registers as senders fill in the product's forms.

Belongs here: rows with plain values → a workbook under the contract's headings. Not here: what
the rows say (`samples.registers`), exports of systems (`systems`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

from ingestion.contracts import Column, Contract, load_contracts
from ingestion.contracts.form import choices, form_columns, stamp_line
from samples.scales import subject_names
from samples.workbook import Cell, Sheet

FORM_SHEET = "Данные"
Spell = Callable[[Any], Cell]


@cache
def day(value: dt.date) -> str:
    """A date as it is written in cells."""
    return f"{value:%d.%m.%Y}"


def spelling(column: Column) -> Spell:
    """How a value of a column (not None) is written by hand."""
    if column.vocabulary:
        words = {code: names[0] for code, names in column.vocabulary.items()}
        return words.__getitem__
    if column.type == "bool":
        yes, no = choices(column)
        return lambda value: yes if value else no
    if column.type == "date":
        return day
    if column.name == "subject":
        return subject_names().__getitem__
    if column.type == "number":
        return lambda value: f"{value:g}".replace(".", ",") if isinstance(value, float) else value
    return lambda value: value


def _cell(column: Column) -> Callable[[Mapping[str, Any]], Cell]:
    """Cell of a form's column in a row; a person stands under the name of his pseudonym."""
    helper, _, pid = column.name.partition(".")
    if helper == "_fio":
        return lambda row: row[pid].fio if row.get(pid) else None
    if helper == "_born":
        return lambda row: day(row[pid].born) if row.get(pid) else None
    spell, name = spelling(column), column.name

    def write(row: Mapping[str, Any]) -> Cell:
        value = row.get(name)
        return None if value is None else spell(value)

    return write


def cells(contract: Contract, rows: Iterable[Mapping[str, Any]]) -> list[list[Cell]]:
    """The form's cells of rows, without headings."""
    writers = [_cell(column) for column in form_columns(contract)]
    return [[write(row) for write in writers] for row in rows]


def filled_form(table: str, rows: Iterable[Mapping[str, Any]]) -> list[Sheet]:
    """The product's form of a table, filled in."""
    contract = load_contracts()[table]
    headings: list[Cell] = [column.title for column in form_columns(contract)]
    return [Sheet(FORM_SHEET, [[stamp_line(contract)], headings, *cells(contract, rows)])]
