"""Plain objects that the parts of the reader hand to each other.

Belongs here: data without behaviour. Not here: how any of it is found out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ingestion.contracts import Contract
from ingestion.pseudonym import Pseudonymiser
from ingestion.reference import Reference

# '' is an empty cell. An error cell is its text ('#DIV/0!').
Cell = str | float | int | bool | dt.date | dt.datetime | dt.time | dt.timedelta
Place = tuple[int, int]  # row and column of a cell, both from 0


@dataclass(frozen=True)
class Oddities:
    """What the structural scan of one sheet saw and a cell reader does not tell.

    Attributes:
        uncached: formulas whose stored value is absent or cannot be trusted.
        errors: error cells with their text.
        zeros: numbers shown with leading zeros, as they are shown.
        merged: merged ranges as (first, last) cell.
    """

    uncached: frozenset[Place] = frozenset()
    errors: Mapping[Place, str] = field(default_factory=dict)
    zeros: Mapping[Place, str] = field(default_factory=dict)
    merged: tuple[tuple[Place, Place], ...] = ()


@dataclass(frozen=True)
class FileKind:
    """Which reader a file needs, with what the pre-check learnt on the way.

    Attributes:
        format: the reader.
        oddities: by sheet name; sheets without any are left out.
    """

    format: Literal["xlsx", "xls", "csv", "html", "xml2003", "records"]
    oddities: Mapping[str, Oddities] = field(default_factory=dict)


@dataclass(frozen=True)
class Sheet:
    """One sheet: `rows[i][j]` is row i+1, column j+1 of the sheet, whatever its used range.

    Rows may differ in length; what is not there is empty.

    Attributes:
        name: as it is told and stored (`sheet_names`).
        said: as the sender wrote it, where that differs; it is only searched for facts.
        merged: merged ranges as ((row, column), (row, column)), from 0; the value stands in the
            first cell only.
        uncached: cells (row, column), from 0, with a formula that has no trustworthy value: the
            cell then reads '' or 0.
    """

    name: str
    visible: bool
    rows: list[list[Cell]]
    merged: tuple[tuple[Place, Place], ...] = ()
    uncached: frozenset[Place] = frozenset()
    said: str | None = None

    @property
    def own_name(self) -> str:
        return self.name if self.said is None else self.said


@dataclass
class TableRows:
    """Rows of one table of one file, by column, without names.

    Columns of equal length: the contract's own and envelope columns, school_code,
    school_name_given, part_no, sheet, row_no, source_text.
    """

    table: str
    columns: dict[str, list[Any]]


@dataclass
class Part:
    """One logical unit inside a delivery (one exam of a stacked protocol, one paper)."""

    part_no: int
    table: str
    logical_key: str
    envelope: dict[str, Any]
    rows: int
    rows_hash: str
    document_date: dt.date | None
    authority: int
    scope: str


@dataclass
class Reading:
    """What a worker found in one file.

    Attributes:
        structure: rows that are no data, as (sheet, kind, number).
        rejections: (sheet, row number, column title, code, params) of all that is wrong with
            the rejected rows.
        tables: the rows; they leave the worker as Parquet segments, never in a message.
        segment: name of the group of segments that holds the rows; '' while it has none. The
            same bytes read again under another name lie in another segment, so the rows of a
            delivery are those of its delivery_id in its reading's segment.
    """

    delivery_id: str
    status: Literal["read", "refused"]
    reason_code: str | None = None
    params: dict[str, str | float] = field(default_factory=dict)
    layout: str | None = None
    source: str | None = None
    table: str | None = None
    parts: list[Part] = field(default_factory=list)
    tables: list[TableRows] = field(default_factory=list)
    rows_read: int = 0
    rows_accepted: int = 0
    rows_rejected: int = 0
    structure: list[tuple[str, str, int]] = field(default_factory=list)
    rejections: list[tuple[str, int, str | None, str, dict[str, str | float]]] = field(
        default_factory=list
    )
    envelope: dict[str, Any] = field(default_factory=dict)
    document_date: dt.date | None = None
    seconds: float = 0.0
    bytes: int = 0
    segment: str = ""


@dataclass(frozen=True)
class ReadContext:
    """What reading a file needs besides the file.

    Attributes:
        region_code: region digits of the ФИС ОКО logins.
        restricted_rows: whether rows about single persons of class PD3 may be read.
    """

    contracts: Mapping[str, Contract]
    reference: Reference
    pseudonymiser: Pseudonymiser
    region_code: str
    restricted_rows: bool = False
