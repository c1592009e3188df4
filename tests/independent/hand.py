"""Small hand-made registers for tests of this folder's own code.

Belongs here: rows of `raw` without a database. Not here: expected figures.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from ingestion.contracts import load_contracts
from tests.independent.model import Figure, Key, Source
from tests.independent.parts import Part, pooled_figures
from tests.independent.registers import Registers

Y = "2021/22"


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def book(*schools: str, **tables: list[dict[str, Any]]) -> Registers:
    """Registers of the named schools; columns that a row does not name are blank."""
    register = [{"school_id": name, "municipality_id": "gk"} for name in schools or ("a", "b")]
    rows: dict[str, list[dict[str, Any]]] = {}
    for name, contract in load_contracts().items():
        given = register if name == "school" else tables.get(name, [])
        blank = dict.fromkeys(column.name for column in contract.all_columns)
        system = {"delivery_id": "d", "part_no": 1}
        rows[name] = [
            {**blank, **system, "row_no": number, **row} for number, row in enumerate(given, 1)
        ]
        unknown = {column for row in rows[name] for column in row} - blank.keys()
        if unknown:
            raise KeyError(f"{name}: no column {sorted(unknown)}")
    return Registers(Source(rows, {}, {"d": 1}))


def worked_out(found: Registers, parts: Iterable[Part]) -> dict[Key, Figure]:
    return pooled_figures(parts, dict.fromkeys(found.schools(), "gk"))


def total(figures: dict[Key, Figure], measure: str, unit: str | None, **where: Any) -> Figure:
    """The one figure of a measure and school or municipality, year Y unless told."""
    wanted = {"grade": None, "subject": None, "school_year": Y, "breakdown": "all", **where}
    found = [
        figure
        for key, figure in figures.items()
        if (key.measure, key.unit) == (measure, unit)
        and key.level != "register"
        and all(getattr(key, name) == value for name, value in wanted.items())
    ]
    (figure,) = found
    return figure


def staff(school: str, *names: str, year: str = Y, **changes: Any) -> list[dict[str, Any]]:
    """Teachers by name."""
    common = {"school_id": school, "school_year": year, "post_kind": "teacher", **changes}
    return [{**common, "person_pid": name} for name in names]


def pupils(school: str, *names: str, grade: int, year: str = Y, **changes: Any) -> list[Any]:
    """Contingent by name; the full name is the name in capitals."""
    common = {"school_id": school, "school_year": year, "grade_label": grade}
    common |= {"movement_type": "stays", "enrolled_on": dt.date(int(year[:4]), 9, 1)}
    return [
        {**common, "person_pid": name, "full_name_pid": name.upper(), **changes} for name in names
    ]


def leavers(school: str, *names: str, grade: int, year: str = Y, **changes: Any) -> list[Any]:
    """Leavers with a certificate who go on to college."""
    common = {"school_id": school, "school_year": year, "grade_label": grade}
    common |= {"certificate": "yes", "destination": "college", "confirmed_on": day("2022-10-01")}
    return [
        {**common, "person_pid": name, "full_name_pid": name.upper(), **changes} for name in names
    ]
