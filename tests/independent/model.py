"""What both sides are compared on, and the rows and reference lists that figures start from.

Belongs here: shapes and reading. Not here: any rule of the catalogue.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

import duckdb

from warehouse.settings import SEEDS

Row = Mapping[str, Any]
_K = TypeVar("_K", bound=Hashable)
_V = TypeVar("_V")

SHOW_FROM = 3
ENOUGH = 10
EXCLUDED_KINDS = {"special", "evening"}  # of the rule for low-result schools


class Key(NamedTuple):
    """One figure; None in season, grade and subject is the total of the school year."""

    measure: str
    level: str
    unit: str | None
    school_year: str
    cal_year: int | None
    season: str | None
    grade: int | None
    subject: str | None
    breakdown: str = "all"


@dataclass(frozen=True)
class Figure:
    """What is compared. None: not there, or not shown."""

    n: int | None
    value: float | None = None
    numerator: float | None = None
    denominator: float | None = None
    low: float | None = None
    high: float | None = None
    status: str = "ok"
    text: str | None = None
    deliveries: frozenset[str] | None = None


class Tables(dict[str, list[dict[str, Any]]]):
    """Tables of the schema `raw`, each read when it is first asked for."""

    def __init__(self, con: duckdb.DuckDBPyConnection, names: Iterable[str]) -> None:
        super().__init__()
        self._con = con
        self._names = set(names)

    def __missing__(self, name: str) -> list[dict[str, Any]]:
        known = name in self._names
        self[name] = _rows(self._con, f"select * from raw.{name}") if known else []
        return self[name]


@dataclass
class Source:
    """Rows in force and what is known of their deliveries."""

    tables: dict[str, list[dict[str, Any]]]
    authority: dict[tuple[str, int], int]
    seq: dict[str, int]
    krai: dict[tuple[int, str, str], float] = field(default_factory=dict)

    @classmethod
    def read(cls, con: duckdb.DuckDBPyConnection) -> Source:
        """The schema `raw` of a build database."""
        names = [
            name
            for (name,) in con.execute(
                "select table_name from information_schema.tables where table_schema = 'raw'"
            ).fetchall()
        ]
        tables = Tables(con, names)
        parts = con.execute("select delivery_id, part_no, authority from meta.delivery_part")
        authority = {(delivery, part): rank for delivery, part, rank in parts.fetchall()}
        seq = dict(con.execute("select delivery_id, seq from meta.delivery").fetchall())
        krai = {
            (row["cal_year"], row["subject"], row["level"]): row["value"]
            for row in _rows(con, "select * from seeds.reference_value where territory = 'krai'")
            if row["measure"] == "ege_mean" and row["breakdown"] == "all"
        }
        return cls(tables, authority, seq, krai)

    def one_sender(
        self, table: str, same: Callable[[Row], Hashable], keep: Callable[[Row], bool]
    ) -> list[Row]:
        """Where several deliveries tell the same, the more authoritative and newer one counts."""
        groups = grouped((row for row in self.tables[table] if keep(row)), same)
        chosen: list[Row] = []
        for rows in groups.values():
            best = max(self.rank(row) for row in rows)
            chosen += [row for row in rows if self.rank(row) == best]
        return chosen

    def rank(self, row: Row) -> tuple[int, int, int]:
        """Authority of the sender, then the newer delivery."""
        delivery, part = row["delivery_id"], row["part_no"]
        return self.authority.get((delivery, part), 0), self.seq[delivery], part


def _rows(con: duckdb.DuckDBPyConnection, sql: str) -> list[dict[str, Any]]:
    result = con.execute(sql)
    names = [item[0] for item in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def seed(path: str) -> list[dict[str, str]]:
    """A reference list."""
    with (SEEDS / path).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def grouped(rows: Iterable[_V], key: Callable[[_V], _K]) -> dict[_K, list[_V]]:
    """Rows by key, in order."""
    groups: dict[_K, list[_V]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return groups


def school_year_of(cal_year: int, season: str) -> str:
    """School year in which a window lies."""
    start = cal_year if season == "autumn" else cal_year - 1
    return year_from(start)


def year_from(start: int) -> str:
    """'2020/21' from 2020."""
    return f"{start}/{(start + 1) % 100:02d}"


def hidden(n: int, figure: Figure, minimum: int = ENOUGH) -> Figure:
    """A figure with the status that its number of participants gives it."""
    if n < SHOW_FROM <= minimum:
        return Figure(n, denominator=figure.denominator, status="insufficient_n")
    if n < minimum:
        return Figure(**{**figure.__dict__, "status": "insufficient_n"})
    return figure
