"""Delimited text → rows of text: encoding, delimiter, quotes.

Belongs here: what makes a csv file readable at all. Every cell stays text. Not here: what the
columns mean (`layout`). Nothing is guessed silently: an encoding is taken only when headings of
the field are readable in it.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections import Counter

from ingestion.read.scan import MAX_COLUMNS, MAX_ROWS, MAX_TEXT
from ingestion.reasons import Refusal

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CANDIDATES = ("cp1251", "koi8-r", "cp866")
_KNOWN_WORDS = re.compile(
    r"\b(?:код|класс|предмет|оо|балл|баллы|вариант|школа|школы|участник|участника|участников|"
    r"фамилия|имя|пол|логин|отметка|оценка|год|группы|муниципалитет|регион|результат|дата|"
    r"протокол|аудитория|ппэ|название|документ|серия|номер|задание|задания|инн|огрн)\b",
    re.IGNORECASE,
)
_HEAD = 2**16  # characters in which headings are looked for
_DELIMITERS = (";", "\t", ",")  # decimal commas are common, so the comma comes last
_SAMPLE_LINES = 50
_MAX_LINES = 2 * MAX_ROWS  # a quoted cell may hold lines
_MAX_CELLS = 4_000_000


def read_delimited(data: bytes) -> list[list[str]]:
    """Rows of a delimited text; row i is record i+1.

    Raises:
        Refusal: NUL_BYTE, ENCODING_UNKNOWN, CSV_TRUNCATED, CELL_TOO_LONG, TOO_LARGE or
            TOO_MANY_COLUMNS.
    """
    text = decode(data)
    if not text.strip():
        raise Refusal("EMPTY_FILE")
    delimiter = _delimiter(text)
    _check_size(text, delimiter)
    rows = _split(text, delimiter)
    width = max(map(len, rows))
    if len(rows) > MAX_ROWS:
        raise Refusal("TOO_LARGE", size=f"{len(rows)} строк", limit=f"{MAX_ROWS} строк")
    if width > MAX_COLUMNS:
        raise Refusal("TOO_MANY_COLUMNS", columns=width, limit=MAX_COLUMNS)
    if not text.endswith(("\n", "\r")) and len(rows) > 1 and len(rows[-1]) < _table_width(rows):
        raise Refusal("CSV_TRUNCATED")
    return [_without_last_empty(row, width) for row in rows] if _has_tail(rows, width) else rows


def decode(data: bytes) -> str:
    """Text of a file: by its mark, else UTF-8, else the encoding in which headings are readable.

    Raises:
        Refusal: NUL_BYTE or ENCODING_UNKNOWN.
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _strict(data[len(mark) :], encoding)
    if b"\0" in data:
        raise Refusal("NUL_BYTE")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    readable = {}
    for encoding in _CANDIDATES:
        words = len(_KNOWN_WORDS.findall(data[:_HEAD].decode(encoding, "replace")))
        if words:
            readable[words] = encoding
    if not readable:
        raise Refusal("ENCODING_UNKNOWN")
    return data.decode(readable[max(readable)], "replace")


def _strict(data: bytes, encoding: str) -> str:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        raise Refusal("ENCODING_UNKNOWN") from None
    if "\0" in text:
        raise Refusal("NUL_BYTE")
    return text


def _delimiter(text: str) -> str:
    """The delimiter that stands equally often in most of the first lines."""
    lines = [line for line in text[:_HEAD].splitlines()[:_SAMPLE_LINES] if line.strip()]

    def lines_alike(delimiter: str) -> int:
        counts = Counter(line.count(delimiter) for line in lines)
        counts.pop(0, None)
        return max(counts.values(), default=0)

    return max(_DELIMITERS, key=lines_alike)


def _check_size(text: str, delimiter: str) -> None:
    """Refuse more lines and cells than a table has before they cost memory."""
    lines = max(text.count("\n"), text.count("\r"))
    if lines > _MAX_LINES:
        raise Refusal("TOO_LARGE", size=f"{lines} строк", limit=f"{MAX_ROWS} строк")
    cells = text.count(delimiter) + lines
    if cells > _MAX_CELLS:
        raise Refusal("TOO_LARGE", size=f"{cells} ячеек", limit=f"{_MAX_CELLS} ячеек")


def _split(text: str, delimiter: str) -> list[list[str]]:
    if '"' not in text:
        rows = [line.split(delimiter) for line in re.split(r"\r\n|\n|\r", text)]
        if len(rows) > 1 and rows[-1] == [""]:
            rows.pop()
        if len(text) > MAX_TEXT and any(len(cell) > MAX_TEXT for row in rows for cell in row):
            raise Refusal("CELL_TOO_LONG", limit=MAX_TEXT)
        return rows
    csv.field_size_limit(MAX_TEXT)
    lines = text.splitlines(keepends=True) if "\r" not in text else re.split(r"(?<=\n)", text)
    try:
        return list(csv.reader(lines, delimiter=delimiter, strict=True))
    except csv.Error as error:
        if "field limit" in str(error):
            raise Refusal("CELL_TOO_LONG", limit=MAX_TEXT) from None
    return _split_loose(text, delimiter)


def _split_loose(text: str, delimiter: str) -> list[list[str]]:
    """Rows of a text whose inner quotes are not doubled: `"МБОУ "СОШ № 1"";5`.

    A quoted cell ends at the first quote before a delimiter or the end of its line.
    """
    closing = f'"{delimiter}'
    rows = []
    for line in re.split(r"\r\n|\n|\r", text):
        row: list[str] = []
        position = 0
        last = len(line) - 1 if line.endswith('"') else line.rfind(closing)
        while position <= len(line):
            if line.startswith('"', position) and position < last:
                end = line.find(closing, position + 1)
                end = last if end < 0 else end
                row.append(line[position + 1 : end].replace('""', '"'))
                position = end + 2
            else:
                end = line.find(delimiter, position)
                end = len(line) if end < 0 else end
                row.append(line[position:end])
                position = end + 1
        if len(max(row, key=len)) > MAX_TEXT:
            raise Refusal("CELL_TOO_LONG", limit=MAX_TEXT)
        rows.append(row)
    if len(rows) > 1 and rows[-1] == [""]:
        rows.pop()
    return rows


def _table_width(rows: list[list[str]]) -> int:
    """Number of cells that most rows have."""
    return Counter(map(len, rows[:-1])).most_common(1)[0][0]


def _has_tail(rows: list[list[str]], width: int) -> bool:
    """Whether each line ends with a delimiter, which makes an empty last column."""
    return width > 1 and all(len(row) < width or not row[-1] for row in rows)


def _without_last_empty(row: list[str], width: int) -> list[str]:
    return row[:-1] if len(row) == width else row
