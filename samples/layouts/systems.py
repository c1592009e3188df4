"""Exports of systems: tables under titles, as workbooks, web pages named .xls and text.

Belongs here: the meaning of `samples/data/exports.yml`, containers of tables. Not here: rows
(`samples.registers`), statistical forms and open data (`official`), protocols of exams.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from itertools import groupby
from typing import Any
from xml.sax.saxutils import escape

import yaml

from ingestion.contracts import Contract, load_contracts
from samples.layouts.templates import day, spelling
from samples.papers import DATA
from samples.scales import subject_names
from samples.workbook import Cell, Sheet

Row = dict[str, Any]

_TAB, _NEXT = "\t", "</td><td>"


@cache
def exports() -> Mapping[str, Mapping[str, Any]]:
    """Name of an export → which rows it holds and how it looks."""
    text = (DATA / "exports.yml").read_text(encoding="utf-8")
    found: dict[str, Mapping[str, Any]] = yaml.load(text, yaml.CSafeLoader)
    return found


def split(export: str, rows: Iterable[Row]) -> list[tuple[str, list[Row]]]:
    """Path of each file of an export, with its rows."""
    spec = exports()[export]
    wanted = [
        row
        for row in rows
        if all(row[name] in values for name, values in spec.get("where", {}).items())
    ]
    by: list[str] = spec.get("split", [])
    wanted.sort(key=lambda row: tuple(str(row[name]) for name in by))
    return [
        (spec["file"].format(**_facts(dict(zip(by, values, strict=True)), path=True)), list(part))
        for values, part in groupby(wanted, key=lambda row: tuple(row[name] for name in by))
    ]


def _facts(row: Row, *, path: bool = False) -> dict[str, str]:
    """What titles and paths say of rows."""
    facts = {name: str(value) for name, value in row.items() if value is not None}
    if "subject" in facts:
        facts["subject"] = subject_names()[facts["subject"]]
    if "school_year" in facts:
        first = facts["school_year"][:4]
        facts["school_year_long"] = f"{first}/{int(first) + 1}"
        facts["school_year"] = facts["school_year"].replace("/", "-") if path else first
    return facts


def _writer(contract: Contract, name: str, words: Mapping[str, str]) -> Callable[[Row], Cell]:
    pid = contract.identities[0].pid if contract.identities else ""
    parts = ("_surname", "_name", "_patronymic")
    if pid and name in parts:
        place = parts.index(name)
        return lambda row: row[pid].fio.split()[place]
    if pid and name == "_fio":
        return lambda row: row[pid].fio
    if pid and name == "_born":
        return lambda row: day(row[pid].born)
    if name.startswith("_"):
        return lambda row: row[name]
    column = contract.column(name)
    spell = spelling(column)

    def write(row: Row) -> Cell:
        value = row.get(name)
        if value is None:
            return None
        return words[value] if value in words else spell(value)

    return write


def table(export: str, rows: Sequence[Row]) -> list[list[Cell]]:
    """Titles, one or two rows of headings, rows."""
    spec = exports()[export]
    contract = load_contracts()[spec["table"]]
    columns: Mapping[str, str] = spec["columns"]
    words = spec.get("words", {})
    writers = [_writer(contract, name, words.get(name, {})) for name in columns.values()]
    facts = _facts(rows[0])
    lines: list[list[Cell]] = [[title.format(**facts)] for title in spec.get("titles", [])]
    groups: Mapping[str, str] = spec.get("groups", {})
    lines.append([groups.get(heading, heading) for heading in columns])
    if groups:
        lines.append([heading if heading in groups else None for heading in columns])
    numbered = ({**row, "_number": number} for number, row in enumerate(rows, 1))
    lines += [[write(row) for write in writers] for row in numbered]
    return lines


def sheet(export: str, rows: Sequence[Row]) -> list[Sheet]:
    """The table as a workbook."""
    return [Sheet("Лист1", table(export, rows))]


def page(export: str, rows: Sequence[Row]) -> bytes:
    """The table as a web page, as journals export it under the name .xls."""
    lines = table(export, rows)
    titles = len(exports()[export].get("titles", []))
    head = "".join(f"<p>{escape(str(line[0]))}</p>" for line in lines[:titles])
    body = lines[titles:]
    html = []
    if exports()[export].get("groups"):
        first, second = body[0], body[1]
        above = [
            f'<td rowspan="2">{cell}</td>' if below is None else f'<td colspan="2">{cell}</td>'
            for place, (cell, below) in enumerate(zip(first, second, strict=True))
            if below is None or first[place - 1] != cell
        ]
        html.append(f"<tr>{''.join(above)}</tr>")
        body = [[cell for cell in second if cell is not None], *body[2:]]
    for line in body:
        cells = escape("\t".join(["" if cell is None else str(cell) for cell in line]))
        html.append(f"<tr><td>{cells.replace(_TAB, _NEXT)}</td></tr>")
    meta = '<meta http-equiv="Content-Type" content="text/html; charset=windows-1251">'
    text = f"<html><head>{meta}</head><body>{head}<table>{''.join(html)}</table></body></html>"
    return text.encode("cp1251", "xmlcharrefreplace")


def text_table(export: str, rows: Sequence[Row]) -> bytes:
    """The table as text with semicolons."""
    lines = (";".join("" if c is None else str(c) for c in line) for line in table(export, rows))
    return ("\r\n".join(lines) + "\r\n").encode("cp1251")
