"""The hand-written reader of both rivals: it knows the workload's one layout and trusts it.

Belongs here: the shortest path from the workload's files to typed rows, with none of the
product's checks. Not here: anything that the product itself uses.
"""

from __future__ import annotations

import hashlib
import io
import re
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
from python_calamine import CalamineWorkbook

_PATH = re.compile(r"ВПР/(\d{4})/(\d+)/([^/]+)/Проведение работы по (.+), \d+ класс\. ВПР")
_SUBJECTS = {
    "английскому языку": "EN", "биологии": "BI", "географии": "GG", "истории": "IS",
    "математике": "MA", "немецкому языку": "DE", "обществознанию": "OB",
    "окружающему миру": "OM", "русскому языку": "RU", "физике": "FI", "химии": "HI",
}  # fmt: skip
_FIRST_TASK = 9
_SCORES = {"": None, "X": -1, "x": -1, "Х": -1, "х": -1, "не пройд.": -2}


@dataclass
class Paper:
    """Rows of one file: all lists have one element a pupil."""

    year: int
    grade: int
    subject: str
    login: str
    code: list[str]
    present: list[bool]
    total: list[int | None]
    scores: list[list[int | None]]


def vpr_key(name: str) -> tuple[int, int, str, str] | None:
    """Year, grade, subject and login of a workload file by its path; None for other files."""
    found = _PATH.search(name)
    if not found:
        return None
    year, grade, login, subject = found.groups()
    return int(year), int(grade), _SUBJECTS[subject], login


def vault_copy(path: Path, vault: Path) -> bytes:
    """Copy a file into a folder under its SHA-256; its bytes."""
    data = path.read_bytes()
    (vault / hashlib.sha256(data).hexdigest()).write_bytes(data)
    return data


def _score(cell: object) -> int | None:
    text = str(cell).strip()
    return _SCORES[text] if text in _SCORES else int(text)


def read_vpr(data: bytes, key: tuple[int, int, str, str]) -> Paper:
    """Rows of an export of 2021; a row that does not parse is left out."""
    rows = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()
    header = [str(cell) for cell in rows[0]]
    last = header.index("Учебник")
    year, grade, subject, login = key
    paper = Paper(year, grade, subject, login, [], [], [], [])
    for row in rows[1:]:
        present = str(row[7]).strip().lower() != "отсутствовал"
        try:
            total = int(str(row[8])) if present else None
            scores = [_score(cell) for cell in row[_FIRST_TASK:last]] if present else []
        except ValueError:
            continue
        paper.code.append(str(row[3]))
        paper.present.append(present)
        paper.total.append(total)
        paper.scores.append(scores)
    return paper


def arrow(papers: list[Paper]) -> pa.Table:
    """All papers as one table with dictionary-encoded keys."""
    counts = [len(paper.code) for paper in papers]

    def spread(values: list[object]) -> list[object]:
        return [value for value, count in zip(values, counts, strict=True) for _ in range(count)]

    return pa.table(
        {
            "cal_year": pa.array(spread([p.year for p in papers]), pa.int16()),
            "grade": pa.array(spread([p.grade for p in papers]), pa.int8()),
            "subject": pa.array(spread([p.subject for p in papers])).dictionary_encode(),
            "login": pa.array(spread([p.login for p in papers])).dictionary_encode(),
            "code": pa.array([code for p in papers for code in p.code]),
            "present": pa.array([x for p in papers for x in p.present]),
            "total": pa.array([x for p in papers for x in p.total], pa.int16()),
            "scores": pa.array([x for p in papers for x in p.scores], pa.list_(pa.int8())),
        }
    )
