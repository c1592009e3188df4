"""Lists that the municipality keeps or receives: schools, bias list, ШНОР list and decisions.

Belongs here: templates filled in. Headings of templates are titles of the contract's columns.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from ingestion.contracts import load_contracts
from samples.population import School
from samples.workbook import Cell, Sheet

_PLACE = {"city": "город", "pgt": "посёлок городского типа", "village": "сельская местность"}


def _template(table: str, rows: Sequence[Mapping[str, Cell]]) -> list[Sheet]:
    contract = load_contracts()[table]
    columns = list(contract.columns)
    if contract.school:
        shared = [contract.column(name) for name in ("school_code", "school_name_given")]
        columns = shared + columns
    body = [[row.get(column.name) for column in columns] for row in rows]
    return [Sheet(contract.title[:31], [[column.title for column in columns], *body])]


def tax_number(school: School) -> str:
    """ИНН, invented; its check digit is right."""
    digits = f"{school.region_code}99{school.index + 1:05d}"
    weights = (2, 4, 10, 3, 5, 9, 4, 6, 8)
    return digits + str(sum(int(d) * w for d, w in zip(digits, weights, strict=True)) % 11 % 10)


def state_number(school: School) -> str:
    """ОГРН, invented; its check digit is right."""
    digits = f"1{school.region_code[:2]}99{school.index + 1:07d}"
    return digits + str(int(digits) % 11 % 10)


def register(schools: Sequence[School]) -> list[Sheet]:
    """The school register. ИНН and ОГРН are invented."""
    kinds = load_contracts()["school"].column("school_kind").vocabulary or {}
    rows: list[dict[str, Cell]] = []
    for school in schools:
        closed = dt.date(school.closed_after, 8, 31) if school.closed_after else None
        rows.append(
            {
                "school_id": school.id,
                "short_name": school.short_name,
                "full_name": school.full_name,
                "fis_login": school.login,
                "rcoi_code": school.rcoi_code,
                "inn": tax_number(school),
                "ogrn": state_number(school),
                "school_kind": kinds[school.kind][0],
                "place_type": _PLACE[school.place],
                "municipality_id": school.municipality.id,
                "municipality_name": school.municipality.name,
                "opened_on": f"01.09.{1950 + school.index % 50}",
                "closed_on": f"{closed:%d.%m.%Y}" if closed else None,
                "successor_school_id": (
                    schools[school.successor].id if school.successor is not None else None
                ),
            }
        )
    return _template("school", rows)


def bias_list(entries: Sequence[tuple[int, School, Sequence[int]]]) -> list[Sheet]:
    """Schools with signs of bias: year, school, marks for 4 РУ, 4 МА, 5 РУ, 5 МА."""
    header: list[Cell] = [
        "Год", "Логин", "Муниципалитет", "ОО", "4 РУ", "4 МА", "5 РУ", "5 МА",
        "Количество маркеров",
    ]  # fmt: skip
    rows: list[list[Cell]] = [
        [year, school.login, school.municipality.name, school.short_name,
         *[flag or None for flag in flags], sum(flags)]
        for year, school, flags in entries
    ]  # fmt: skip
    return [Sheet("Список", [header, *rows])]


def shnor_official(entries: Sequence[tuple[str, School]]) -> list[Sheet]:
    """The ministry's list: school year and school."""
    return _template(
        "shnor_official",
        [
            {
                "school_code": school.login,
                "school_name_given": school.short_name,
                "list_school_year": school_year,
                "document_no": f"47-13-{school_year[2:4]}01",
                "document_date": f"15.12.{school_year[:4]}",
            }
            for school_year, school in entries
        ],
    )


def shnor_decision(entries: Sequence[tuple[str, School, str, str]]) -> list[Sheet]:
    """Decisions of the municipality: school year, school, decision, reason."""
    vocabulary = load_contracts()["shnor_decision"].column("decision").vocabulary or {}
    return _template(
        "shnor_decision",
        [
            {
                "school_code": school.id,
                "school_name_given": school.short_name,
                "decision_school_year": school_year,
                "decision": vocabulary[decision][0],
                "document_no": f"112-{number}",
                "document_date": f"20.01.{int(school_year[:4]) + 1}",
                "reason": reason,
            }
            for number, (school_year, school, decision, reason) in enumerate(entries, 1)
        ],
    )
