"""Pupil rows of ВПР: presence, task scores, totals, duplicates, the list of tasks.

Belongs here: what the columns of a pupil row mean together. Not here: single cells (`typing`),
marks made from scores (dbt, with the scale).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ingestion.read.body import Body
from ingestion.read.model import Cell
from ingestion.read.recognise import Plan
from ingestion.read.typing import ABSENT, Memo, Reject, Value, score_converter, write_score
from ingestion.read.words import cell_text, fold, parse_moment
from ingestion.reference import Reference

TASK_TABLE = "vpr_paper_task"
_LOGIN = re.compile(r"(?:edu|sch|ksh|spo)\d{4,8}", re.IGNORECASE)
_COUNT = re.compile(r"кол-во участников\s*:?\s*(\d+)", re.IGNORECASE)
_GREATEST_TASK_SCORE = 20


def school_of(cell: Cell) -> tuple[str | None, str | None]:
    """Login and name of `edu220164 | МБОУ …`, `МБОУ …(edu203389)` or a bare login."""
    text = fold(cell_text(cell))
    if not text:
        return None, None
    match = _LOGIN.search(text)
    if match is None:
        return None, text.strip(" |") or None
    name = (text[: match.start()] + text[match.end() :]).replace("()", "").strip(" |()")
    return match.group().lower(), name or None


def build(body: Body, envelope: Mapping[str, Any], reference: Reference) -> None:
    """Turn typed cells into the columns of `vpr_pupil`; rejects what contradicts itself."""
    plan, columns, n = body.block.plan, body.columns, body.n
    _schools(body, envelope)
    maxima = [column.maximum for column in plan.repeated]
    tasks = _scores(body)
    total = columns.get("primary_score", [None] * n)
    variants = columns.get("variant") or [None] * n
    second = columns.pop("_variant_2", None)
    if second is not None:
        variants = [
            ABSENT if ABSENT in (a, b) else a if b in (None, a) or a is None else f"{a}/{b}"
            for a, b in zip(variants, second, strict=True)
        ]
    scores: list[Value] = [list(row) for row in zip(*tasks, strict=True)]
    present: list[bool] = [True] * n
    unsure = [
        i
        for i, (value, points) in enumerate(zip(variants, total, strict=True))
        if value is ABSENT or value is None or not points
    ]
    if body.recount or any(ABSENT in task for task in tasks):
        unsure = list(range(n))
    for i in unsure:
        present[i] = _presence(body, i, variants, scores, total)
    columns["variant"] = [None if value is ABSENT else value for value in variants]
    columns["is_present"] = present
    columns["scores"] = scores
    columns["primary_score"] = total
    _check_maximum(body, total, maxima, envelope, reference)
    _drop_duplicates(body)


def _schools(body: Body, envelope: Mapping[str, Any]) -> None:
    block, columns, n = body.block, body.columns, body.n
    plan = block.plan
    codes: list[Value] = [None] * n
    names: list[Value] = [None] * n
    if "school_code" in plan.index:
        memo = plan.ready.setdefault("schools", Memo(school_of))
        pairs = memo.column(block.cells("school_code"))
        codes, names = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    if "_login" in plan.index and None in codes:
        memo = plan.ready.setdefault("schools", Memo(school_of))
        logins = memo.column(block.cells("_login"))
        codes = [code or login[0] for code, login in zip(codes, logins, strict=True)]
    if "school_name_given" in columns:
        names = columns["school_name_given"]
    for position, text in block.separators:
        following = [at for at, _ in block.separators if at > position]
        last = min(following, default=n)
        code, name = school_of(text.partition("|")[0])
        for i in range(position, last):
            codes[i] = codes[i] or code
            names[i] = names[i] or name
    if plan.layout.spec.get("sender"):
        codes = [envelope["sender"]] * n
    if None in codes:
        title = plan.heading.get("school_code", "ОО")
        for i, (code, name) in enumerate(zip(codes, names, strict=True)):
            if code is None and name is None:
                body.reject(i, title, Reject("REQUIRED_EMPTY"))
    columns["school_code"], columns["school_name_given"] = codes, names


def declared_mismatches(body: Body) -> int:
    """How many separators declare another number of participants than rows follow."""
    wrong = 0
    separators = body.block.separators
    for k, (position, text) in enumerate(separators):
        last = separators[k + 1][0] if k + 1 < len(separators) else body.n
        if (match := _COUNT.search(text)) and int(match.group(1)) != last - position:
            wrong += 1
    return wrong


def _scores(body: Body) -> list[list[Value]]:
    plan = body.block.plan
    memos: list[Memo] = plan.ready.get("tasks") or plan.ready.setdefault("tasks", _memos(plan))
    tasks = []
    for column, memo, cells in zip(plan.repeated, memos, body.repeated, strict=True):
        values = memo.column(cells)
        body.look(f"задание {column.label}", memo, cells, values)
        tasks.append(values)
    return tasks


def _memos(plan: Plan) -> list[Memo]:
    repeated = plan.layout.repeated
    default = (repeated.maximum if repeated else None) or _GREATEST_TASK_SCORE
    return [
        Memo(score_converter(column.maximum or default), write_score) for column in plan.repeated
    ]


def _points(scores: Sequence[Value]) -> int:
    return sum(score for score in scores if isinstance(score, int) and score > 0)


def _presence(
    body: Body,
    i: int,
    variants: list[Value],
    scores: list[Value],
    total: list[Value],
) -> bool:
    """Whether pupil i wrote the paper; settles the total."""
    if i in body.rejects:
        return True
    row, heading = scores[i], body.block.plan.heading
    blank = all(score is None or score is ABSENT for score in row)
    absent = variants[i] is ABSENT or (blank and ABSENT in row)
    if absent or (blank and variants[i] is None and not total[i]):
        if _points(row) or (total[i] or 0) > 0:
            body.reject(i, heading.get("variant"), Reject("SHIFTED_COLUMNS"))
        scores[i] = total[i] = None
        return False
    if ABSENT in row:
        task = body.block.plan.repeated[row.index(ABSENT)]
        body.reject(i, f"задание {task.label}", Reject("TASK_SCORE_INVALID"))
    elif total[i] is None or i in body.recount:
        if blank:
            body.reject(i, heading.get("primary_score"), Reject("REQUIRED_EMPTY"))
        else:
            total[i] = _points(row)
    elif total[i] == 0 and "formula_total" in body.block.plan.layout.spec:
        total[i] = _points(row)  # a formula that nobody has calculated reads 0
    return True


def _check_maximum(
    body: Body,
    total: Sequence[Value],
    maxima: Sequence[int | None],
    envelope: Mapping[str, Any],
    reference: Reference,
) -> None:
    """Totals above the declared maximum, else above the scale's."""
    maximum = envelope.get("maximum")
    if maximum is None and maxima and all(maxima):
        maximum = sum(value or 0 for value in maxima)
    if maximum is None:
        key = (
            envelope["cal_year"],
            envelope["season"],
            envelope["programme_grade"],
            envelope["subject"],
        )
        maximum = reference.scale_maximum.get(key)
    if maximum is None:
        return
    for i, value in enumerate(total):
        if isinstance(value, int) and value > maximum:
            title = body.block.plan.heading.get("primary_score")
            body.reject(i, title, Reject("SCORE_ABOVE_MAX", maximum=maximum))


def _drop_duplicates(body: Body) -> None:
    """One row a pupil code and school; the latest upload wins, else the first row."""
    columns, plan = body.columns, body.block.plan
    keys = list(
        zip(
            columns["school_code"],
            columns["school_name_given"],
            columns["pupil_code"],
            strict=True,
        )
    )
    if len(set(keys)) == body.n:
        return
    uploaded: list[str] = [""] * body.n
    if "_uploaded" in plan.index:
        moments = map(parse_moment, body.block.cells("_uploaded"))
        uploaded = [moment.isoformat() if moment else "" for moment in moments]
    best: dict[tuple[Value, ...], int] = {}
    for i, key in enumerate(keys):
        if i in body.rejects or key[2] is None:
            continue
        other = best.setdefault(key, i)
        if other == i:
            continue
        newer = uploaded[i] > uploaded[other]
        best[key], loser = (i, other) if newer else (other, i)
        body.reject_twin(loser, plan.heading["pupil_code"], best[key], ("pupil_code",))


def task_rows(plan: Plan) -> dict[str, list[Value]]:
    """Columns of `vpr_paper_task` for a plan."""
    running = bool(plan.layout.repeated and plan.layout.repeated.running)
    n = len(plan.repeated)
    return {
        "task_position": list(range(1, n + 1)),
        "task_label": [column.label for column in plan.repeated],
        "is_running_number": [running] * n,
        "max_score": [column.maximum for column in plan.repeated],
    }
