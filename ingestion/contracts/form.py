"""What a form asks of its sender: columns, version, the stamp by which a form is known.

Belongs here: what writing a form (`ingestion.reply`) and reading one (`ingestion.read`) must
agree on. Not here: how the workbook looks, how cells are typed.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass

from ingestion.contracts.model import Column, Contract

SCHOOL_DASH = " — "  # between code and name of a school that was chosen from the list
HELP_SHEET = "Как заполнять"
EXAMPLE_PERSON = "Примеров Пример Примерович"  # of «Как заполнять»; is nobody
_GIVEN_BY_SENDER = ("school_code", "school_name_given")
_STAMP = re.compile(r"Форма (?P<table>[a-z_0-9]+), версия формы (?P<version>[0-9a-f]{8})\b")


@dataclass(frozen=True)
class Stamp:
    """Which form, of which version, a workbook says that it is."""

    table: str
    version: str


def form_columns(contract: Contract) -> list[Column]:
    """Columns that a sender fills in, in the order of the form.

    A person is named by two cells, which stand where the pseudonym stands in the table; the
    columns that follow from them are not asked.
    """
    given = [c for c in contract.all_columns if c.name in _GIVEN_BY_SENDER]
    columns = list(given) if contract.school else []
    persons = {identity.pid: identity for identity in contract.identities}
    derived = {
        name
        for identity in contract.identities
        for name in (identity.full_name, identity.birth_year)
    }
    for column in contract.columns:
        identity = persons.get(column.name)
        if identity is not None:
            columns += [
                Column(
                    f"_fio.{identity.pid}",
                    "text",
                    identity.fio,
                    "Фамилия, имя и отчество полностью, как в документе",
                    pd="PD2",
                    required=column.required,
                ),
                Column(
                    f"_born.{identity.pid}",
                    "date",
                    identity.born,
                    "Дата рождения: по ней и по имени человек узнаётся в других формах",
                    pd="PD2",
                    required=column.required,
                ),
            ]
        elif column.name not in derived:
            columns.append(column)
    return columns


def is_required(contract: Contract, column: Column) -> bool:
    """Whether the form marks a column as one that must be filled in."""
    return column.required or (column.name == "school_code" and contract.school_required)


def choices(column: Column) -> list[str]:
    """Words to choose from, by the contract alone."""
    if column.vocabulary:
        return [spellings[0] for spellings in column.vocabulary.values()]
    if column.type == "bool":
        own = column.spellings or {}
        return [own.get("yes", ("да",))[0], own.get("no", ("нет",))[0]]
    return []


def form_version(contract: Contract) -> str:
    """Short hash of what the form asks; changes when the form does."""
    asked = [
        (c.name, c.title, c.type, is_required(contract, c), c.minimum, c.maximum, c.pattern,
         choices(c))
        for c in form_columns(contract)
    ]  # fmt: skip
    text = json.dumps(asked, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def stamp_line(contract: Contract) -> str:
    """The line over the headings: title, form, version."""
    version = form_version(contract)
    return f"{contract.title}. Форма {contract.table}, версия формы {version}"


def find_stamp(texts: Iterable[str]) -> Stamp | None:
    """The stamp in one of the texts, None if none has it."""
    for text in texts:
        if match := _STAMP.search(text):
            return Stamp(match["table"], match["version"])
    return None
