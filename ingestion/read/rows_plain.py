"""Rows of registers and of plain exports: who, which school, one row a key.

Belongs here: what the columns of such a row mean together. Not here: single cells (`typing`,
`converters`), persons (`persons`), which rows are one part (`parts`).
"""

from __future__ import annotations

from typing import Any

from ingestion.pseudonym import Pseudonymiser
from ingestion.read import persons, rows_exam
from ingestion.read.body import Body
from ingestion.read.typing import Reject, Value


def build(body: Body, pseudonymiser: Pseudonymiser) -> None:
    """Pseudonyms of the persons; rows without what the contract requires are rejected."""
    contract = body.block.plan.layout.contract
    if contract.link_key == "document":
        rows_exam.identify(body, pseudonymiser)
    persons.add_pseudonyms(body, contract.identities, pseudonymiser)
    if contract.school and contract.school_required:
        _require_school(body)
    for column in contract.columns:
        if column.required and column.name not in body.columns:
            for i in range(body.n):
                body.reject(i, column.title, Reject("REQUIRED_EMPTY"))
    drop_duplicates(body)


def schools_given(body: Body) -> list[Value]:
    """What tells the school of each row: its code, else its name as given."""
    nothing: list[Value] = [None] * body.n
    codes = body.columns.get("school_code", nothing)
    names = body.columns.get("school_name_given", nothing)
    return [name if code is None else code for code, name in zip(codes, names, strict=True)]


def _require_school(body: Body) -> None:
    for i, school in enumerate(schools_given(body)):
        if school is None:
            title = body.block.plan.heading.get("school_code", "Код школы")
            body.reject(i, title, Reject("REQUIRED_EMPTY"))


def drop_duplicates(body: Body) -> None:
    """One row for each key of the contract; the first one stays. A blank is a value."""
    contract = body.block.plan.layout.contract
    columns = [
        schools_given(body) if name == "school_id" and contract.school else body.columns.get(name)
        for name in contract.key
    ]
    keys = list(zip(*filter(None, columns), strict=True))
    if len(set(keys)) == body.n:
        return
    first: dict[tuple[Any, ...], int] = {}
    for i, key in enumerate(keys):
        if i not in body.rejects and (other := first.setdefault(key, i)) != i:
            body.reject_twin(i, None, other, contract.key)
