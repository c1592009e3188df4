"""Rows of exam protocols and of appeals: who (as a pseudonym), which exam, which result.

Belongs here: identity → pseudonyms, results of one exam. Not here: the pseudonym itself
(`ingestion.pseudonym`), single cells (`typing`). Names and documents enter this module as cells
and leave it as pseudonyms only: they are in no column, no original text and no rejection.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ingestion.pseudonym import Pseudonymiser
from ingestion.read import persons
from ingestion.read.body import Body
from ingestion.read.model import Cell
from ingestion.read.typing import Memo, Reject, Value
from ingestion.read.words import cell_text, fold, plain

_SERIES_DIGITS, _NUMBER_DIGITS = 4, 6  # of a passport; a number cell loses leading zeros
_NOTHING = frozenset({"", "-", "0", "нет", "н/д"})


def document_of(series: str, number: str) -> str:
    """One spelling of a document given in two cells or, with an empty series, in one."""
    series, number = fold(series), fold(number)
    if plain(number) in _NOTHING:
        return ""
    if series.isdigit() and number.isdigit():
        return series.zfill(_SERIES_DIGITS) + number.zfill(_NUMBER_DIGITS)
    together = re.sub(r"[\s№-]+", "", series + number)
    if together.isdigit() and len(together) <= _SERIES_DIGITS + _NUMBER_DIGITS:
        return together.zfill(_SERIES_DIGITS + _NUMBER_DIGITS)
    return together.upper()


def school_code_of(cell: Cell) -> str | None:
    """Code of an organisation as text; `111002.0` is 111002, zeros stay."""
    text = fold(cell_text(cell))
    return re.sub(r"^(\d+)\.0+$", r"\1", text) or None


def _texts(body: Body, name: str) -> list[str]:
    if name not in body.block.plan.index:
        return [""] * body.n
    return [fold(cell_text(cell)) for cell in body.block.cells(name)]


def identify(body: Body, pseudonymiser: Pseudonymiser) -> None:
    """Pseudonyms of the participants: by document, else by participant code, else by name."""
    columns, n = body.columns, body.n
    codes: list[Value] = [None] * n
    has_codes = "school_code" in body.block.plan.index
    if has_codes:
        memo = body.block.plan.ready.setdefault("codes", Memo(school_code_of))
        codes = memo.column(body.block.cells("school_code"))
    columns["school_code"] = codes
    columns.setdefault("school_name_given", [None] * n)
    documents = [
        document_of(series, number)
        for series, number in zip(_texts(body, "_series"), _texts(body, "_document"), strict=True)
    ]
    participants = [re.sub(r"\.0+$", "", text) for text in _texts(body, "_participant")]
    names = persons.full_names(body)
    pids: list[Value] = [None] * n
    bases: list[Value] = [None] * n
    name_pids: list[Value] = [None] * n
    for i, name in enumerate(names):
        if name:
            three = [*name.split(" ", 2), "", ""][:3]
            name_pids[i] = pseudonymiser.pid("name", *three, (codes[i] or "").lstrip("0"))
        if documents[i]:
            pids[i], bases[i] = pseudonymiser.pid("document", documents[i]), "document"
        elif plain(participants[i]) not in _NOTHING:
            pids[i], bases[i] = pseudonymiser.pid("participant", participants[i]), "code"
        elif name_pids[i]:
            pids[i], bases[i] = name_pids[i], "name"
        else:
            body.reject(i, "Документ, код или имя участника", Reject("REQUIRED_EMPTY"))
    columns["participant_pid"], columns["pid_basis"] = pids, bases
    columns["name_pid"] = name_pids
    columns["full_name_pid"] = [
        pseudonymiser.pid("full_name", name) if persons.is_whole(name) else None for name in names
    ]
    if has_codes and None in codes:
        for i, code in enumerate(codes):
            if code is None:
                body.reject(i, body.block.plan.heading["school_code"], Reject("REQUIRED_EMPTY"))


def build_result(body: Body, envelope: Mapping[str, Any], pseudonymiser: Pseudonymiser) -> None:
    """Columns of `ege_result` and `oge_result`."""
    identify(body, pseudonymiser)
    columns, n = body.columns, body.n
    oral, written = (columns.pop(name, None) for name in ("_oral_score", "_written_score"))
    primary = columns.get("primary_score")
    if primary is None:
        primary = [None] * n
    if oral and written:
        primary = [
            whole if whole is not None else _sum(a, b)
            for whole, a, b in zip(primary, oral, written, strict=True)
        ]
    columns["primary_score"] = primary
    exam = {name: envelope.get(name) for name in ("level", "exam_date", "oral_date")}
    exam["exam_form"] = "GVE" if envelope["procedure"].startswith("GVE") else envelope["procedure"]
    for name, value in exam.items():
        columns[name] = [value] * n
    if envelope["procedure"] == "EGE":
        _base_marks(body, envelope)
        results = columns["mark" if envelope["level"] == "base" else "test_score"]
    else:
        columns.setdefault("mark", [None] * n)
        results = columns["mark"]
    columns.setdefault("class_label", [None] * n)
    columns["is_present"] = [
        a is not None or b is not None for a, b in zip(primary, results, strict=True)
    ]
    _drop_duplicates(body)


def _sum(a: Value, b: Value) -> Value:
    points = [value for value in (a, b) if isinstance(value, int)]
    return sum(points) if points else None


def _base_marks(body: Body, envelope: Mapping[str, Any]) -> None:
    """Base maths has marks 2–5 where the others have test scores."""
    columns, n = body.columns, body.n
    scores = columns.setdefault("test_score", [None] * n)
    marks = columns.setdefault("mark", [None] * n)
    if envelope["level"] != "base":
        return
    plan = body.block.plan
    for i, score in enumerate(scores):
        if isinstance(score, int):
            if 2 <= score <= 5:
                marks[i] = score
            else:
                why = Reject("OUT_OF_RANGE", minimum=2, maximum=5)
                body.reject(i, plan.heading.get("test_score"), why)
    columns["test_score"] = [None] * n


def build_change(body: Body, envelope: Mapping[str, Any], pseudonymiser: Pseudonymiser) -> None:
    """Columns of `exam_change`."""
    identify(body, pseudonymiser)
    n = body.n
    for name in ("level", "exam_date"):
        body.columns[name] = [envelope.get(name)] * n
    for name in ("primary_score", "change_state"):
        body.columns.setdefault(name, [None] * n)
    _drop_duplicates(body, "changed_at")


def _drop_duplicates(body: Body, *more: str) -> None:
    """The first row of a participant stays."""
    columns: Sequence[list[Value]] = [body.columns["participant_pid"]] + [
        body.columns[name] for name in more
    ]
    keys = list(zip(*columns, strict=True))
    if len(set(keys)) == body.n:
        return
    first: dict[tuple[Value, ...], int] = {}
    for i, key in enumerate(keys):
        if i in body.rejects or key[0] is None:
            continue
        if (other := first.setdefault(key, i)) != i:
            body.reject_twin(i, None, other, ("_document", "_participant", *more))
