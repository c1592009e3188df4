"""One pass over the XML of a workbook's member: is it safe to parse, and what is odd in it.

Belongs here: searches over raw XML that run at the speed of C. Not here: the container
(`archive`), the verdict on a file as a whole (`precheck`), the values of cells (`formats`).

A cell reader allocates the rectangle from A1 to the farthest cell that has a value, so one stray
cell can ask for hundreds of gigabytes and abort the process; this pass finds the farthest cell.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ingestion.read.model import Oddities, Place
from ingestion.reasons import Refusal

MAX_ROWS = 200_000
MAX_COLUMNS = 702  # ZZ
MAX_AREA = 9_000_000  # cells of 32 bytes, and a pointer each: about 400 MB
MAX_TEXT = 32_767
MAX_TAG = 2**21

# The searches below rely on each other: a sheet without a cell outside _SHORT is at most
# 9,999 × 702; one without a cell outside _TALL is at most 199,999 × 702, and if besides no cell
# is _WIDE, at most 199,999 × 45. Both rectangles are within MAX_AREA.
_SHORT = re.compile(rb'<c(?=[\s/>])(?! r="[A-Z]{1,2}[1-9]\d{0,3}")')
_TALL = re.compile(rb'<c(?=[\s/>])(?! r="[A-Z]{1,2}(?:[1-9]\d{0,4}|1\d{5})")')
_WIDE = re.compile(rb'<c r="(?:A[T-Z]|[B-Z][A-Z])\d')
_PREFIXED = re.compile(rb":(?:c|row)[\s/>]")
# What an exact walk needs: starts of rows and cells, ends of rows.
_TOKEN = re.compile(
    rb"""<(?:[\w.-]+:)?(row|c)(?=[\s/>])((?:[^>"']|"[^"]*"|'[^']*')*)>|</(?:[\w.-]+:)?row\s*>"""
)
_REFERENCE = re.compile(rb"""(?:^|\s)r\s*=\s*["']([A-Za-z]*)(\d*)["']""")

# No comment may match in two ways, or many of them would take for ever.
_PROLOG = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?[^>]*\?>\s*|(?><!--.*?-->)\s*)*<(?=[A-Za-z_])((?:[\w.-]+:)?)",
    re.DOTALL,
)
_DECLARATION = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)

_FORMULA = re.compile(
    rb'<c r="([A-Z]{1,3})(\d+)"([^>]*)><f(?:\s[^>]*)?(?:/>|>[^<]*</f>)(?:<v>([^<]*)</v>)?'
)
_ERROR = re.compile(
    rb'<c r="([A-Z]{1,3})(\d+)"[^>]*\bt="e"[^>]*>(?:<f[^>]*>[^<]*</f>|<f[^>]*/>)?'
    rb"<v>([^<]*)</v>"
)
_NUMBER = re.compile(rb'<c r="([A-Z]{1,3})(\d+)"([^>]*)><v>(\d+)</v>')
_STYLE = re.compile(rb'\bs="(\d+)"')
_TYPE = re.compile(rb'\bt="(?!n")')
_SHARED_TYPE = re.compile(rb"""\st\s*=\s*["']s["']""")
_SHARED = re.compile(rb"""\st\s*=\s*["']s["'][^>]*><v>(\d{1,9})</v>""")
_MERGE = re.compile(rb'<mergeCell ref="([A-Z]{1,3})(\d+):([A-Z]{1,3})(\d+)"')


@dataclass(frozen=True)
class Book:
    """What the sheets' scan needs to know of the workbook.

    Attributes:
        recalculates: the writer tells Excel to compute everything on opening, so a stored 0 of
            a formula is no value (programs that write formulas store 0).
        zero_styles: style number → width, for number formats like 000000.
    """

    recalculates: bool
    zero_styles: Mapping[bytes, int]


def column_number(letters: bytes) -> int:
    """Column from 0 of its letters: A → 0, AA → 26."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number - 1


def _place(letters: bytes, digits: bytes) -> Place:
    return int(digits) - 1, column_number(letters)


def root_prefix(start: bytes) -> bytes:
    """Namespace prefix of the root element, with its colon; mostly empty.

    Raises:
        Refusal: XML_DTD if the document declares anything of its own before the root element,
            UNREADABLE if it is no XML in UTF-8.
    """
    prolog = _PROLOG.match(start)
    if not prolog:
        raise Refusal("XML_DTD" if _DECLARATION.search(start) else "UNREADABLE")
    return prolog[1]


def without_prefix(text: bytes, prefix: bytes) -> bytes:
    """The same tags as a writer without prefixes would write them."""
    if not prefix:
        return text
    return text.replace(b"<" + prefix, b"<").replace(b"</" + prefix, b"</")


def whole_cells(chunks: Iterable[bytes], prefix: bytes) -> Iterator[bytes]:
    """The same content, cut where no cell (or, outside of sheets, no tag) is split.

    Raises:
        Refusal: CELL_TOO_LONG when it cannot be cut.
    """
    rest = b""
    for chunk in chunks:
        text = without_prefix(rest + chunk if rest else chunk, prefix)
        cut = text.rfind(b"</c>") + 4
        if cut < 4 or len(text) - cut > MAX_TEXT * 4:
            cut = text.rfind(b"<")
        if cut > 0:
            yield text[:cut]
            text = text[cut:]
        elif len(text) > MAX_TAG:
            raise Refusal("CELL_TOO_LONG", limit=MAX_TEXT)
        rest = text
    if rest:
        yield rest


def is_ordinary(text: bytes) -> bool:
    """Whether no cell of this piece of a sheet can lie beyond row 9,999 or column 702."""
    return not _SHORT.search(text) and not _has_prefixes(text)


def _has_prefixes(text: bytes) -> bool:
    """Whether rows or cells are written with a namespace prefix, which the searches miss."""
    start = max(text.find(b"sheetData"), 0)
    return text.find(b":", start) >= 0 and bool(_PREFIXED.search(text, start))


def is_odd(text: bytes, book: Book) -> bool:
    """Whether `find_oddities` may find anything in this piece of a sheet."""
    return (
        bool(book.zero_styles)
        or b"</f>" in text
        or b't="e"' in text
        or text.find(b"<mergeCell ", max(text.rfind(b"</sheetData"), 0)) >= 0
    )


def check_extent(pieces: Iterable[bytes], again: Iterable[bytes]) -> None:
    """Refuse a sheet whose rectangle of values is too large.

    Args:
        pieces: content of the sheet (`whole_cells`).
        again: the same once more; used if the quick look does not settle it.

    Raises:
        Refusal: TOO_MANY_COLUMNS, FAR_CELL or TOO_LARGE.
    """
    wide = False
    for piece in pieces:
        wide = wide or bool(_WIDE.search(piece))
        if wide or _TALL.search(piece) or _has_prefixes(piece):
            break
    else:
        return
    rows, columns, filled = _walk(again)
    if rows > MAX_ROWS and filled >= rows:
        raise Refusal("TOO_LARGE", size=f"{rows} строк", limit=f"{MAX_ROWS} строк")
    if columns > MAX_COLUMNS and filled >= columns and rows * columns <= MAX_AREA:
        raise Refusal("TOO_MANY_COLUMNS", columns=columns, limit=MAX_COLUMNS)
    if rows > MAX_ROWS or columns > MAX_COLUMNS or rows * columns > MAX_AREA:
        raise Refusal("FAR_CELL", row=rows, column=columns)


def _walk(pieces: Iterable[bytes]) -> tuple[int, int, int]:
    """Rows and columns of the rectangle and the filled cells in it, as a cell reader counts.

    Cells without a reference follow their neighbour; those without content take no place.

    Raises:
        Refusal: UNREADABLE if the sheet has markup that no spreadsheet writes into rows.
    """
    row = column = rows = columns = filled = 0
    for number, piece in enumerate(pieces):
        start = 0 if number else piece.find(b"<sheetData") + 1  # behind the XML declaration
        if piece.find(b"<!", start) >= 0 or piece.find(b"<?", start) >= 0:
            raise Refusal("UNREADABLE")
        for token in _TOKEN.finditer(piece):
            kind, attributes = token[1], token[2]
            reference = _REFERENCE.search(attributes) if kind else None
            if kind == b"c":
                cell_row = row
                if reference and reference[1] and reference[2]:
                    cell_row, column = _place(reference[1], reference[2])
                if not attributes.endswith(b"/") and not piece.startswith(b"</c>", token.end()):
                    rows = max(rows, cell_row + 1)
                    columns = max(columns, column + 1)
                    filled += 1
                column += 1
            elif kind == b"row":
                column = 0
                if reference and reference[2]:
                    row = int(reference[2]) - 1
                if attributes.endswith(b"/"):
                    row += 1
            else:
                row += 1
    return rows, columns, filled


def check_text(text: bytes) -> None:
    """Refuse a cell longer than a workbook can hold.

    Raises:
        Refusal: CELL_TOO_LONG.
    """
    if len(text) <= MAX_TEXT:
        return
    step = (MAX_TEXT + 1) // 2  # a longer run covers a whole step
    if any(
        text.find(b"<", start, start + step) < 0 for start in range(0, len(text) - step, step)
    ) and any(
        len(run) > MAX_TEXT and len(run.decode("utf-8", "replace")) > MAX_TEXT
        for run in text.split(b"<")
    ):
        raise Refusal("CELL_TOO_LONG", limit=MAX_TEXT)


def string_sizes(pieces: Iterable[bytes]) -> list[int]:
    """Bytes of each shared text, markup included."""
    sizes: list[int] = []
    size = 0
    for piece in pieces:
        first, *items = piece.split(b"<si")
        size += len(first)
        for item in items:
            sizes.append(size)
            size = len(item)
    return [*sizes, size][1:]


def strings_used(pieces: Iterable[bytes], sizes: Sequence[int]) -> int:
    """Bytes of the shared texts in all cells of a sheet; at most, where a cell is odd."""
    total = 0
    longest = max(sizes)
    for piece in pieces:
        found = _SHARED.findall(piece)
        total += sum(sizes[int(number)] for number in found if int(number) < len(sizes))
        total += longest * (len(_SHARED_TYPE.findall(piece)) - len(found))
    return total


def find_oddities(pieces: Iterable[bytes], book: Book) -> Oddities:
    """What a cell reader does not tell of a sheet."""
    uncached: set[Place] = set()
    errors: dict[Place, str] = {}
    zeros: dict[Place, str] = {}
    merged: list[tuple[Place, Place]] = []
    for piece in pieces:
        if b"<f" in piece:
            uncached.update(_uncached(piece, book))
        if b't="e"' in piece:
            for letters, digits, text in _ERROR.findall(piece):
                errors[_place(letters, digits)] = text.decode("utf-8", "replace")
        if book.zero_styles:
            zeros.update(_zeros(piece, book))
        if b"<mergeCell " in piece:
            merged += [
                (_place(match[0], match[1]), _place(match[2], match[3]))
                for match in _MERGE.findall(piece)
            ]
    return Oddities(frozenset(uncached), errors, zeros, tuple(merged))


def _uncached(piece: bytes, book: Book) -> Iterator[Place]:
    for letters, digits, attributes, value in _FORMULA.findall(piece):
        if b't="str"' in attributes:  # an empty text is a value
            continue
        if not value or (value == b"0" and book.recalculates):
            yield _place(letters, digits)


def _zeros(piece: bytes, book: Book) -> Iterator[tuple[Place, str]]:
    for letters, digits, attributes, value in _NUMBER.findall(piece):
        style = _STYLE.search(attributes)
        width = book.zero_styles.get(style[1], 0) if style else 0
        if width > len(value) and not _TYPE.search(attributes):
            yield _place(letters, digits), value.decode("ascii").zfill(width)
