"""One cell → typed value, or the code of the reason why not.

Belongs here: converters of numbers, texts and dates, and the memo that types whole columns. Not
here: words of lists and the choice of a converter (`converters`), what a row means (`rows_*`).

A column of a file repeats a few values thousands of times, and the same values stand in
thousands of files; so each different cell is converted once in a process (`Memo`), and a column
is typed by look-ups alone.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Sequence
from typing import Any

from ingestion.contracts import Column
from ingestion.read.model import Cell
from ingestion.read.words import DASHES, LATIN, cell_text, fold, parse_moment, plain

Value = Any
_MEMO_LIMIT = 50_000
_WIDEST = 2**31 - 1  # of a whole number in storage
MAX_SCORE = 127  # of a task, likewise


class Reject:
    """Why a cell has no value; `params` never hold the cell's content."""

    __slots__ = ("code", "params")

    def __init__(self, code: str, **params: str | float) -> None:
        self.code = code
        self.params = params

    def __repr__(self) -> str:
        return f"Reject({self.code})"


class _Absent:
    def __repr__(self) -> str:
        return "ABSENT"


# «отсутствовал» in a cell where a value of a present pupil could stand.
ABSENT = _Absent()

# Marks of a missing or closed value in number columns of summaries and official tables.
_NOTHING = frozenset({"-", "х", "x", "н/д", "нет данных", "н/а", "нет", "…"})
_SUPPRESSED = frozenset({"supp", "ne", "np", "lowcov", "s", "c", "*", "**", "***"})
_BELOW = re.compile(r"[<≤]\s*\d+")
_ABSENT_WORD = "отсутств"
_NOT_COME = ("не явил", "неявк", "не явк", "отсутств")
_ERROR = re.compile(r"#([А-ЯA-Z0-9/_]+[!?]?)", re.IGNORECASE)
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:[ ,]\d{3})+")
_GROUPED = re.compile(r"[+-]?\d{1,3}(?: \d{3})+(?:[.,]\d+)?")
_PLAIN_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?(?:[eE][+-]?\d+)?")


Converter = Callable[[Cell], Value]


class Memo(dict[Cell, Value]):
    """Cell → typed value (or `Reject`), converted once.

    `odd` holds the cells that need a second look: rejected ones and those whose text differs
    from the text that the typed value would be written with.

    Args:
        convert: pure function of one cell.
        write: typed value → the text in which it would stand in a clean file.
    """

    def __init__(self, convert: Converter, write: Callable[[Value], str] | None = None) -> None:
        super().__init__()
        self._convert = convert
        self._write = write or write_plain
        self.odd: set[Cell] = set()
        self.fragments: dict[Cell, str] = {}

    def __missing__(self, cell: Cell) -> Value:
        value = self._convert(cell)
        self[cell] = value
        if isinstance(value, Reject) or self._write(value) != cell_text(cell):
            self.odd.add(cell)
        return value

    def column(self, cells: Sequence[Cell]) -> list[Value]:
        """Type a whole column."""
        if len(self) > _MEMO_LIMIT:
            self.clear()
            self.odd.clear()
            self.fragments.clear()
        return list(map(self.__getitem__, cells))

    def fragment(self, title: str, cell: Cell) -> str:
        """`"title": "text"` of JSON, for the original text beside the row."""
        text = self.fragments.get(cell)
        if text is None:
            text = self.fragments[cell] = (
                f"{json.dumps(title, ensure_ascii=False)}: "
                f"{json.dumps(cell_text(cell), ensure_ascii=False)}"
            )
        return text


def write_plain(value: Value) -> str:
    """Text of a typed value in a clean file."""
    if value is None:
        return ""
    if value is ABSENT:
        return "отсутствовал"
    if isinstance(value, bool):
        return "да" if value else "нет"
    return cell_text(value)


def broken(text: str) -> Reject | None:
    """Reason of a cell that holds an error or a formula instead of a value."""
    if text.startswith("#") and _ERROR.fullmatch(text):
        return Reject("ERROR_CELL")
    if text.startswith("=") and len(text) > 1:
        return Reject("FORMULA_TEXT")
    return None


def _number(cell: Cell, *, whole: bool) -> float | Reject | None:
    """Number of a cell; decimal commas, thousands separators and a percent sign understood."""
    if isinstance(cell, bool):
        return Reject("NOT_A_NUMBER")
    if isinstance(cell, int | float):
        return float(cell) if math.isfinite(cell) else Reject("NOT_A_NUMBER")
    if not isinstance(cell, str):
        return Reject("NOT_A_NUMBER")
    text = fold(cell).translate(DASHES)
    if not text:
        return None
    if why := broken(text):
        return why
    lowered = text.casefold()
    if lowered in _NOTHING:
        return None
    if lowered in _SUPPRESSED or _BELOW.fullmatch(text):
        return Reject("SUPPRESSED_VALUE")
    text = text.removesuffix("%").rstrip()
    if whole and _THOUSANDS.fullmatch(text):
        return float(text.replace(" ", "").replace(",", ""))
    if _GROUPED.fullmatch(text):
        text = text.replace(" ", "")
    if not _PLAIN_NUMBER.fullmatch(text):
        return Reject("NOT_A_NUMBER")
    number = float(text.replace(",", "."))
    return number if math.isfinite(number) else Reject("NOT_A_NUMBER")


def number_converter(column: Column, *, factor: float = 1.0) -> Converter:
    """Converter of a number column with its bounds; `factor` 100 turns fractions to percents."""
    whole = column.type == "int"
    widest = _WIDEST if whole else math.inf
    low = -widest if column.minimum is None else column.minimum
    high = widest if column.maximum is None else column.maximum
    outside = Reject(
        "OUT_OF_RANGE",
        minimum="" if column.minimum is None else column.minimum,
        maximum="" if column.maximum is None else column.maximum,
    )

    def convert(cell: Cell) -> Value:
        number = _number(cell, whole=whole)
        if number is None or isinstance(number, Reject):
            return (
                None
                if isinstance(number, Reject)
                and number.code == "SUPPRESSED_VALUE"
                and not column.required
                else number
            )
        if factor != 1.0 and not (isinstance(cell, str) and "%" in cell):
            number = round(number * factor, 10)
        if whole and not number.is_integer():
            return Reject("NOT_A_NUMBER")
        if not low <= number <= high:
            return outside
        return int(number) if whole else number

    return convert


def mark_converter(column: Column) -> Converter:
    """Marks 2–5; «нет отметки» and absence are no mark; a letter means shifted columns."""
    number = number_converter(column)

    def convert(cell: Cell) -> Value:
        if isinstance(cell, str):
            text = plain(cell)
            if text.startswith(("нет отметки", "н/а", "осв", _ABSENT_WORD)):
                return None
            if text in ("м", "ж"):
                return Reject("SHIFTED_COLUMNS")
        return number(cell)

    return convert


def score_converter(maximum: int) -> Converter:
    """Task scores 0…maximum; X in four spellings → −1, «не пройд.» → −2, blank → None."""
    maximum = min(maximum, MAX_SCORE)
    above = Reject("TASK_SCORE_INVALID", maximum=maximum)

    def convert(cell: Cell) -> Value:
        if isinstance(cell, str):
            text = fold(cell)
            if not text:
                return None
            lowered = text.casefold()
            if lowered in ("x", "х"):
                return -1
            if lowered.startswith(("не пройд", "не пр.", "не изуч")):
                return -2
            if lowered.startswith(_ABSENT_WORD):
                return ABSENT
            if lowered in ("м", "ж"):
                return Reject("SHIFTED_COLUMNS")
            if why := broken(text):
                return why
        number = _number(cell, whole=True)
        if isinstance(number, float) and number.is_integer() and 0 <= number <= maximum:
            return int(number)
        return above

    return convert


def write_score(value: Value) -> str:
    """Text of a task score in a clean file."""
    return {-1: "X", -2: "не пройд."}.get(value) or write_plain(value)


def code_converter(column: Column) -> Converter:
    """Codes stay text; `50001.0` is 50001; the contract's pattern must match."""
    pattern = re.compile(column.pattern) if column.pattern else None

    def convert(cell: Cell) -> Value:
        text = fold(cell_text(cell))
        if not text:
            return None
        if why := broken(text):
            return why
        if re.fullmatch(r"\d+\.0+", text):
            text = text.partition(".")[0]
        if pattern and not pattern.fullmatch(text):
            return Reject("BAD_CODE")
        return text

    return convert


def text_value(cell: Cell) -> Value:
    """Text with its blanks folded."""
    text = fold(cell_text(cell))
    return (broken(text) or text) if text else None


def date_converter(column: Column) -> Converter:
    """Dates; for a timestamp column with the time of day."""
    with_time = column.type == "timestamp"

    def convert(cell: Cell) -> Value:
        text = fold(cell_text(cell))
        if not text or text == "-":
            return None
        if why := broken(text):
            return why
        moment = parse_moment(cell)
        if moment is None or not 1900 <= moment.year <= 2100:
            return Reject("BAD_DATE")
        return moment if with_time else moment.date()

    return convert


def class_label(cell: Cell) -> str | None:
    """Class as the sender writes it, in one spelling: Cyrillic, upper case; «нет» is no class.

    It is never a source of the grade, and no figure needs it: an error or a formula in its cell
    leaves the class unknown and the row as it is. Idempotent.
    """
    text = fold(fold(cell_text(cell)).upper().translate(LATIN))
    return None if text in ("", "НЕТ", "-") or broken(text) else text


def variant(cell: Cell) -> Value:
    """Variant of the work as text, or ABSENT."""
    text = fold(cell_text(cell))
    if not text:
        return None
    if text.casefold().startswith(_ABSENT_WORD):
        return ABSENT
    return text.partition(".")[0] if re.fullmatch(r"\d+\.0+", text) else text


def exam_score_converter(column: Column) -> Converter:
    """Exam scores; a written «не явился» is no score."""
    number = number_converter(column)

    def convert(cell: Cell) -> Value:
        if isinstance(cell, str) and plain(cell).startswith(_NOT_COME):
            return None
        return number(cell)

    return convert
