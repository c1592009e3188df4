"""Objects of the contracts and their loader.

Belongs here: the shape of a contract and its checks. Not here: the contracts themselves
(the yml files beside this module).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent

# Contract type → DuckDB type.
TYPES = {
    "text": "varchar",
    "code": "varchar",
    "pid": "varchar",
    "enum": "varchar",
    "int": "integer",
    "number": "double",
    "bool": "boolean",
    "date": "date",
    "timestamp": "timestamp",
    "scores": "tinyint[]",
}


class ContractError(Exception):
    """A contract is wrong; the text names its file."""


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes:
        name: stable snake_case name; the same quantity has the same name in every table.
        type: one of `TYPES`.
        title: Russian heading, as a sender knows it.
        description: Russian comment that BI users see.
        pd: personal-data class, PD0 to PD3.
        required: a row without it is rejected.
        vocabulary: for enums, code → Russian spellings (first one is written into templates).
        minimum, maximum: closed bounds of a number.
        pattern: regular expression that the whole text must match.
        unit: unit of a number.
        spellings: for a bool, `yes` and `no` → words of the sender beside «да» and «нет».
        example: what the form shows as an example, where a general one would break a rule.
    """

    name: str
    type: str
    title: str
    description: str
    pd: str = "PD0"
    required: bool = False
    vocabulary: Mapping[str, tuple[str, ...]] | None = None
    minimum: float | None = None
    maximum: float | None = None
    pattern: str | None = None
    unit: str | None = None
    spellings: Mapping[str, tuple[str, ...]] | None = None
    example: str | None = None

    @property
    def sql_type(self) -> str:
        return TYPES[self.type]


@dataclass(frozen=True)
class Identity:
    """A person named in a form: two cells that become a pseudonym and enter no table.

    Attributes:
        pid: column of the pseudonym by full name and birth date.
        fio, born: headings of the two cells in a template.
        full_name: column of the pseudonym by full name alone, if the table has one.
        birth_year: column of the year of birth, if the table has one.
        suffix: ends the names of this person's helper columns in a layout (`_fio`, `_born` of the
            first person, `_fio_2`, `_born_2` of the second).
    """

    pid: str
    fio: str
    born: str
    full_name: str | None = None
    birth_year: str | None = None
    suffix: str = ""

    def helper(self, name: str) -> str:
        """Helper column of this person: `fio`, `surname`, `name`, `patronymic` or `born`."""
        return f"_{name}{self.suffix}"


@dataclass(frozen=True)
class Layout:
    """One real layout of files that fill a table; `spec` is read by `ingestion.read.layout`."""

    id: str
    title: str
    table: str
    spec: Mapping[str, Any]


@dataclass(frozen=True)
class Contract:
    """One table of a source.

    Attributes:
        table: name in schemas `incoming` and `raw`.
        source: code of the source, S01…; REG for the school register.
        envelope: names of the envelope columns that each row has.
        key: columns that identify a row among the rows in force.
        school: whether rows name a school (adds school_code, school_id, school_match).
        school_required: whether a row without a school is refused; `school: optional` says no.
        max_rejected_share: a file with a larger share of rejected rows is refused.
        template: whether the product gives the sender a blank workbook.
        derived_from: table whose files also fill this one (no files of its own).
        link_key: how its persons are told: name_birth, document or none. ВПР codes link nothing.
        identities: persons that a form names.
        restricted: rows about single persons of class PD3; read only if the installation says so.
    """

    table: str
    source: str
    title: str
    description: str
    producer: str
    grain: str
    envelope: tuple[str, ...]
    key: tuple[str, ...]
    school: bool
    columns: tuple[Column, ...]
    layouts: tuple[Layout, ...]
    max_rejected_share: float
    template: bool
    derived_from: str | None
    school_required: bool = True
    link_key: str = "none"
    identities: tuple[Identity, ...] = ()
    restricted: bool = False

    @property
    def all_columns(self) -> tuple[Column, ...]:
        """System, envelope and own columns, in the order of the table."""
        shared = _shared()
        envelope = tuple(shared[name] for name in self.envelope)
        school = tuple(shared[name] for name in SCHOOL_COLUMNS) if self.school else ()
        return SYSTEM_COLUMNS + envelope + school + self.columns

    def column(self, name: str) -> Column:
        """The column of that name.

        Raises:
            KeyError: there is none.
        """
        for column in self.all_columns:
            if column.name == name:
                return column
        raise KeyError(name)


SYSTEM_COLUMNS = (
    Column("delivery_id", "code", "Поставка", "Поставка (файл), из которой взята строка"),
    Column("part_no", "int", "Часть", "Номер части поставки (один экзамен, одна работа)"),
    Column("sheet", "text", "Лист", "Лист книги"),
    Column("row_no", "int", "Строка", "Номер строки листа, считая с 1"),
    Column(
        "source_text",
        "text",
        "Исходный текст",
        "JSON: исходный текст ячеек, которые записаны не так, как сохранены",
        pd="PD2",
    ),
)
SCHOOL_COLUMNS = ("school_code", "school_name_given", "school_id", "school_match")


def _words(document: Mapping[Any, Any] | None) -> Mapping[str, tuple[str, ...]] | None:
    if document is None:
        return None
    return {str(code): tuple(map(str, names)) for code, names in document.items()}


def _column(document: Mapping[str, Any], where: str) -> Column:
    if "use" in document:
        base = _shared()[document["use"]]
        changes = {key: value for key, value in document.items() if key != "use"}
        return Column(**{**base.__dict__, **changes})
    try:
        column = Column(
            **{
                **document,
                "vocabulary": _words(document.get("vocabulary")),
                "spellings": _words(document.get("spellings")),
            }
        )
    except TypeError as error:
        raise ContractError(f"{where}: {error}") from error
    if column.type not in TYPES:
        raise ContractError(f"{where}: column {column.name}: unknown type {column.type}")
    return column


@cache
def _shared() -> Mapping[str, Column]:
    path = FOLDER / "_shared.yml"
    documents = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
    return {item["name"]: _column(item, path.name) for item in documents["columns"]}


def _contract(path: Path) -> Contract:
    document = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
    table = document["table"]
    if path.stem != table:
        raise ContractError(f"{path.name}: holds table {table}")
    try:
        return Contract(
            table=table,
            source=document["source"],
            title=document["title"],
            description=document["description"],
            producer=document["producer"],
            grain=document["grain"],
            envelope=tuple(document.get("envelope", ())),
            key=tuple(document["key"]),
            school=bool(document.get("school", True)),
            columns=tuple(_column(item, path.name) for item in document["columns"]),
            layouts=tuple(
                Layout(id=item["id"], title=item["title"], table=table, spec=item)
                for item in document.get("layouts", ())
            ),
            max_rejected_share=float(document.get("max_rejected_share", 0.2)),
            template=bool(document.get("template", False)),
            derived_from=document.get("derived_from"),
            school_required=document.get("school") != "optional",
            link_key=document.get("link_key", "none"),
            identities=tuple(
                Identity(**item, suffix=f"_{number}" if number > 1 else "")
                for number, item in enumerate(document.get("identities", ()), start=1)
            ),
            restricted=bool(document.get("restricted", False)),
        )
    except KeyError as error:
        raise ContractError(f"{path.name}: lacks {error}") from error


@cache
def load_contracts() -> Mapping[str, Contract]:
    """All contracts by table name, in alphabetical order.

    Raises:
        ContractError: a yml file is wrong.
    """
    paths = sorted(path for path in FOLDER.glob("*.yml") if not path.name.startswith("_"))
    return {contract.table: contract for contract in map(_contract, paths)}


@cache
def contracts_hash() -> str:
    """Hash of all contract files: a part of the key under which a read file is cached."""
    digest = hashlib.sha256()
    for path in sorted(FOLDER.glob("*.yml")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def table_ddl(contract: Contract, schema: str) -> str:
    """`create table` of a contract in a schema, without constraints."""
    columns = ", ".join(f"{column.name} {column.sql_type}" for column in contract.all_columns)
    return f"create table if not exists {schema}.{contract.table} ({columns})"
