"""The sender's own workbook with the wrong cells marked, and the list of what to mend.

Belongs here: the two workbooks. Marking opens a file of a stranger with a library that believes
what it reads, so it runs in a child process of its own (`python -m ingestion.reply.marking`) with
limits of memory and time; a file that it cannot mark costs its copy only.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import resource
import signal
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import xlsxwriter

from ingestion.read.precheck import precheck
from ingestion.read.sheet_names import number_of
from ingestion.read.words import fold, plain
from ingestion.reasons import Refusal
from ingestion.reply.receipt import Place
from warehouse.settings import PROJECT, ReaderLimits

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell, MergedCell
    from openpyxl.workbook.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

LIST_SHEET = "Что исправить"
HEADINGS = ("№", "Лист", "Строка", "Столбец", "Что не так", "Что ожидается", "Как исправить")
MOST_BYTES = 8 * 2**20
MOST_PLACES = 5_000
_MOST_CELLS = 1_000_000
_SECONDS = 20
_WIDTHS = (6, 20, 9, 28, 50, 50, 50)
_COLOUR = "FFC7CE"
# A formula of the sender stays one only if it can do nothing but count.
_HARMLESS = re.compile(
    r"=(?:(?:SUM|ROUND|AVERAGE|COUNT|COUNTA|MIN|MAX|IF)(?=\()|\$?[A-Z]{1,3}\$?\d+|[\d.,;:+\-*/()<>= ])+",
    re.IGNORECASE,
)
_RANGE = re.compile(r"(?:'[^'|\[\]]+'|[\w.]+)!\$?[A-Z]{1,3}\$?\d+(?::\$?[A-Z]{1,3}\$?\d+)?")


@dataclass(frozen=True)
class Job:
    """One workbook to mark: from the vault to a path of the outbox."""

    content: str
    sha256: str
    name: str
    target: str
    places: tuple[Place, ...]


def write_list(target: IO[bytes], places: Sequence[Place]) -> None:
    """Write what to mend as a workbook of its own."""
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(target, options) as book:
        sheet = book.add_worksheet(LIST_SHEET)
        bold = book.add_format({"bold": True, "bg_color": "#FFD966", "border": 1})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        for number, (heading, width) in enumerate(zip(HEADINGS, _WIDTHS, strict=True)):
            sheet.set_column(number, number, width, wrapped)
            sheet.write_string(0, number, heading, bold)
        for row, texts in enumerate(_lines(places), start=1):
            for number, text in enumerate(texts):
                sheet.write_string(row, number, text)
        sheet.freeze_panes(1, 0)


def mark(jobs: Sequence[Job], limits: ReaderLimits) -> set[str]:
    """Mark workbooks in a limited child process.

    Returns:
        Targets that were written; of the others there is no copy.
    """
    waiting = list(jobs)
    written: set[str] = set()
    while waiting:
        request = {
            "memory_mb": limits.memory_mb,
            "jobs": [[j.content, j.sha256, j.name, j.target, j.places] for j in waiting],
        }
        path = os.pathsep.join(filter(None, (str(PROJECT), os.environ.get("PYTHONPATH"))))
        child = subprocess.run(
            [sys.executable, "-m", "ingestion.reply.marking"],
            input=json.dumps(request).encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # it may quote cells
            env={**os.environ, "PYTHONPATH": path},
            check=False,
        )
        answers = child.stdout.decode("ascii", "replace").split()
        done = zip(waiting, answers, strict=False)
        written |= {job.target for job, answer in done if answer == "marked"}
        # The job without an answer is the one on which the child died.
        waiting = waiting[len(answers) + 1 :]
    return written


def mark_workbook(data: bytes, places: Sequence[Place]) -> bytes:
    """Copy of a checked workbook: wrong cells coloured with a note, the list as first sheet."""
    import openpyxl
    from openpyxl.comments import Comment
    from openpyxl.styles import PatternFill

    book = openpyxl.load_workbook(io.BytesIO(data))
    _neutralise(book)
    fill = PatternFill("solid", fgColor=_COLOUR)
    finder = _Finder(book, places)
    cells = [finder.cell(place) for place in places[:MOST_PLACES]]
    for place, cell in zip(places, cells, strict=False):
        if cell is None:
            continue
        parts = (place.what, place.expected and f"Ожидается: {place.expected}", place.remedy)
        note = "\n".join(filter(None, parts))
        before = f"{cell.comment.text}\n" if cell.comment else ""
        cell.fill = fill
        cell.comment = Comment(before + note, "МСОКО", height=140, width=360)
    _add_list(book, places, cells)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _lines(places: Sequence[Place]) -> Iterable[tuple[str, ...]]:
    for number, place in enumerate(places, start=1):
        where = (place.sheet, str(place.row), place.heading) if place.row else ("весь файл", "", "")
        yield (str(number), *where, place.what, place.expected, place.remedy)


def _neutralise(book: Workbook) -> None:
    """Leave nothing of a stranger's that calls, counts elsewhere or leads outside."""
    cells = 0
    _drop_names(book.defined_names)
    for sheet in book.worksheets:
        _drop_names(sheet.defined_names)
        cells += (sheet.max_row or 0) * (sheet.max_column or 0)
        if cells > _MOST_CELLS:
            raise MemoryError
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f" and not (
                    isinstance(cell.value, str) and _HARMLESS.fullmatch(cell.value)
                ):
                    formula: Any = cell.value
                    cell.value = f"'{getattr(formula, 'text', None) or formula}"
                    cell.data_type = "s"
                if cell.hyperlink and cell.hyperlink.target:
                    cell.hyperlink = None


def _drop_names(names: dict[str, Any]) -> None:
    for name, defined in list(names.items()):
        if not _RANGE.fullmatch(defined.attr_text or ""):
            del names[name]


class _Finder:
    """Finds the cells of places in a workbook."""

    def __init__(self, book: Workbook, places: Sequence[Place]) -> None:
        self._book = book
        self._endings = {
            ending for place in places for ending in _endings(plain(place.heading)) if ending
        }
        self._headings: dict[str, dict[str, list[tuple[int, int]]]] = {}

    def cell(self, place: Place) -> Cell | MergedCell | None:
        """The cell under the place's heading, else the first one of its row."""
        number = number_of(place.sheet)
        sheets = self._book.worksheets
        if not place.row:
            return None
        if number and number <= len(sheets):
            sheet = sheets[number - 1]
        elif place.sheet in self._book.sheetnames:
            sheet = self._book[place.sheet]
        else:
            return None
        column = self._column(sheet, place) or next(
            (int(cell.column or 1) for cell in sheet[place.row] if not _is_blank(cell.value)), 1
        )
        for area in sheet.merged_cells.ranges:
            if area.min_row <= place.row <= area.max_row and (
                area.min_col <= column <= area.max_col
            ):
                return sheet.cell(area.min_row, area.min_col)
        return sheet.cell(place.row, column)

    def _column(self, sheet: Worksheet, place: Place) -> int | None:
        """Column of the nearest heading above; of a heading in two rows, of its lower part."""
        if sheet.title not in self._headings:
            self._headings[sheet.title] = self._index(sheet)
        index = self._headings[sheet.title]
        for ending in _endings(plain(place.heading)):
            above = [found for found in index.get(ending, ()) if found[0] < place.row]
            if above:
                return max(above)[1]
        return None

    def _index(self, sheet: Worksheet) -> dict[str, list[tuple[int, int]]]:
        index: dict[str, list[tuple[int, int]]] = {}
        for row in sheet.iter_rows():
            for cell in row:
                text = plain(cell.value) if isinstance(cell.value, str) else ""
                if text in self._endings:
                    index.setdefault(text, []).append((int(cell.row or 0), int(cell.column or 0)))
        return index


def _endings(heading: str) -> list[str]:
    """The heading and what is left of it without its first words."""
    words = heading.split(" ")
    return [" ".join(words[first:]) for first in range(len(words))]


def _is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not fold(value))


def _add_list(
    book: Workbook, places: Sequence[Place], cells: Sequence[Cell | MergedCell | None]
) -> None:
    from openpyxl.styles import Alignment, Font
    from openpyxl.worksheet.hyperlink import Hyperlink

    for sheet in book.worksheets:
        sheet.sheet_view.tabSelected = False
    sheet = book.create_sheet(LIST_SHEET, 0)
    book.active = 0
    for number, (heading, width) in enumerate(zip(HEADINGS, _WIDTHS, strict=True), start=1):
        sheet.cell(1, number, heading).font = Font(bold=True)
        sheet.column_dimensions[sheet.cell(1, number).column_letter].width = width
    for row, texts in enumerate(_lines(places), start=2):
        for number, text in enumerate(texts, start=1):
            cell = sheet.cell(row, number)
            cell.value, cell.data_type = text, "s"
            cell.alignment = Alignment(wrap_text=True, vertical="top")
        marked = cells[row - 2] if row - 2 < len(cells) else None
        if marked is not None:
            link = sheet.cell(row, 1)
            quoted = marked.parent.title.replace("'", "''")
            location = f"'{quoted}'!{marked.coordinate}"
            link.hyperlink = Hyperlink(ref=link.coordinate, location=location)
            link.font = Font(underline="single", color="0563C1")
    sheet.freeze_panes = "A2"


def main() -> None:
    """Serve one request of `mark`: a word for each job, in their order."""
    request = json.loads(sys.stdin.buffer.read())
    size = request["memory_mb"] * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for content, sha256, name, target, places in request["jobs"]:
        signal.alarm(_SECONDS)  # ends the process
        answer = "marked" if _serve(content, sha256, name, target, places) else "failed"
        signal.alarm(0)
        print(answer, flush=True)


def _serve(
    content: str, sha256: str, name: str, target: str, places: Sequence[Sequence[Any]]
) -> bool:
    try:
        data = Path(content).read_bytes()
        if len(data) > MOST_BYTES or hashlib.sha256(data).hexdigest() != sha256:
            return False
        if precheck(data, name).format != "xlsx":
            return False
        marked = mark_workbook(data, [Place(*place) for place in places])
    except (Refusal, MemoryError):
        return False
    except Exception:  # noqa: BLE001  whatever the library stumbles over
        return False
    path = Path(target)
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.touch(mode=0o600)
    temporary.write_bytes(marked)
    temporary.replace(path)
    return True


if __name__ == "__main__":
    main()
