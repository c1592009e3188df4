"""Spoiling a true file where its structure is: tags, attributes, texts, cells, rows.

Belongs here: what is done to a text of markup, to delimited text and to a grid. A plan of
mutations is plain numbers, so that hypothesis can draw, replay and shorten it.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence

from hypothesis import strategies as st

from ingestion.read.model import Cell

Plan = Sequence[tuple[int, int, int]]  # what is done, where, with what
PLANS = st.lists(
    st.tuples(st.integers(0, 255), st.integers(0, 2**16), st.integers(0, 2**16)),
    min_size=1,
    max_size=6,
)

_TOKEN = re.compile(r"<[^>]*>|[^<]+")
_ATTRIBUTE = re.compile(r'="[^"]*"')

TEXTS = (
    "", " ", "0", "-1", "1e309", "1E999999", "nan", "-0", "9" * 400, "1,722,202", "12.5.2021",
    "31.02.2021", "00.00.0000", "99.99.9999 99:99", "=1+1", '=CMD|"/C calc"!A0', "#REF!", "#Н/Д",
    "\u202e42", "5\u200bА", "\ufeff", "\u00ad", "А" * 40_000, "é" * 3_000, "\ud7ff", "𝟓", "Ⅷ", "²",
    "٣", "½", "İ", "ß", "x" * 33_000, "Итого", "Всего участников:", "отсутствовал", "Х", "supp",
    "sch230001", "ОО", "Класс", "ФИО", "Предмет:", "Код участника", "(" * 500, "[a-z]+" * 50,
    "\\", "'", '"', ";", "\t", "\r", "\n", "a\nb", "%", "100%", "<5", "<", "&amp;",
    "01 - Русский язык 2025.05.30", "2021/22", "2021/21", "20.13.2020", "5А", "5A", "1 (2б)", "1 (999999999999б)",
)  # fmt: skip
_TAGS = (
    "<c>", "</c>", "<c/>", '<c r="XFD1048576">', '<c r="A0">', '<c r="ZZZZZ99999999999">', '<c r="">',
    '<row r="0">', '<row r="99999999999999999999">', "<row>", "</row>", "<row/>", "</sheetData>",
    '<sheetData xmlns="">', "<v>", "</v>", "<f>1+1</f>", "<f/>", "<!-- -->", "<!--", "<![CDATA[x]]>",
    "<?x ?>", "<!DOCTYPE a>", "<!ENTITY a 'b'>", "&#0;", "&x;", "&#xFFFFFFFF;", "&#x1F600;",
    '<mergeCell ref="A1:XFD1048576"/>', '<mergeCell ref="B2:A1"/>', '<c t="e"><v>#REF!</v></c>',
    '<c t="s"><v>99999999</v></c>', '<c t="b"><v>7</v></c>', '<c t="d"><v>x</v></c>',
    "<table>", "</table>", "<tr>", "</tr>", "<td>", "</td>", "<th>", "<tbody>", "<p>", "<br/>",
    '<td colspan="700">', '<td rowspan="200000">', '<td colspan="-1" rowspan="0">', "<script>",
    "</html>", "<title>", "<div>", "<svg>", "<template>", "<Row>", "</Row>", '<Row ss:Index="0">',
    '<Row ss:Index="199999">', "<Cell>", "</Cell>", '<Cell ss:Index="700">', '<Cell ss:Index="-3">',
    '<Cell ss:MergeAcross="600" ss:MergeDown="90000">', '<Data ss:Type="DateTime">', "</Data>",
    '<Data ss:Type="Number">', '<Data ss:Type="Boolean">', "<Worksheet>", "</Worksheet>",
    '<Cell ss:Formula="=1"/>', "<Comment>", "</Comment>", "<Record>", "</Record>", "<List>",
)  # fmt: skip
_VALUES = (
    "",
    "0",
    "-1",
    "1e9",
    "A1",
    "XFD1048576",
    "99999999999",
    "é",
    "&lt;",
    "&bad;",
    "n",
    "str",
    "s",
)
_BYTES = (
    b"", b'"', b'""', b";", b",", b"\t", b"\n", b"\r", b"\r\n", b"\0", b"\xff", b"\xfe\xff", b"\xef\xbb\xbf",
    b"\x98", b";" * 800, b'"' * 999, b"\n" * 500, b"x" * 33_000, b"\xd0", b"\xd0\x9a", b" ", b"=1+1",
    b";;;", b'";"', b"\x1b[31m", b"\x85", b"\xe2\x80\xa8", b"\xc0\x80", b"\x1a",
)  # fmt: skip
_NOON, _FIRST = map(dt.datetime.fromisoformat, ("2021-04-15T12:00", "1900-01-01"))
CELLS: tuple[Cell, ...] = (
    *TEXTS, 0, 1, -1, 10**15, 2.5, -0.0, float("inf"), float("-inf"), float("nan"), True,
    False, dt.date(1, 1, 1), dt.date(9999, 12, 31), _NOON, dt.time(23, 59),
    dt.timedelta(days=40_000), dt.timedelta(days=-1), _FIRST, "\0", "a\0b",
)  # fmt: skip


def markup(text: str, plan: Plan) -> str:
    """Markup with tags, attributes and texts changed."""
    tokens = _TOKEN.findall(text) or [""]
    for what, where, how in plan:
        place = where % (len(tokens) + 1)
        _MARKUP[what % len(_MARKUP)](tokens, min(place, len(tokens) - 1), how)
        if not tokens:
            break
    return "".join(tokens)


def _insert(tokens: list[str], place: int, how: int) -> None:
    tokens.insert(place, _TAGS[how % len(_TAGS)])


def _delete(tokens: list[str], place: int, how: int) -> None:
    del tokens[place : place + 1 + how % 4]


def _repeat(tokens: list[str], place: int, how: int) -> None:
    piece = tokens[place : place + 1 + how % 7]
    tokens[place:place] = piece * (1 + how % 60)


def _swap(tokens: list[str], place: int, how: int) -> None:
    other = how % len(tokens)
    tokens[place], tokens[other] = tokens[other], tokens[place]


def _text(tokens: list[str], place: int, how: int) -> None:
    while place < len(tokens) - 1 and tokens[place].startswith("<"):
        place += 1
    tokens[place] = TEXTS[how % len(TEXTS)].replace("<", "&lt;")


def _attribute(tokens: list[str], place: int, how: int) -> None:
    value = f'="{_VALUES[how % len(_VALUES)]}"'
    while place < len(tokens) - 1 and '="' not in tokens[place]:
        place += 1
    tokens[place] = _ATTRIBUTE.sub(lambda _: value, tokens[place], count=1 + how % 2)


def _case(tokens: list[str], place: int, how: int) -> None:
    tokens[place] = tokens[place].upper() if how % 2 else tokens[place].replace('"', "'")


def _cut(tokens: list[str], place: int, how: int) -> None:
    if how % 3 == 0:
        del tokens[place:]
    else:
        tokens[place] = tokens[place][: how % (len(tokens[place]) + 1)]


_MARKUP: tuple[Callable[[list[str], int, int], None], ...] = (
    _insert, _insert, _delete, _repeat, _swap, _text, _text, _attribute, _attribute, _case, _cut,
)  # fmt: skip


def delimited(data: bytes, plan: Plan) -> bytes:
    """Text with bytes put in, left out, repeated; or in another encoding."""
    for what, where, how in plan:
        place = where % (len(data) + 1)
        kind = what % 8
        if kind <= 3:
            data = data[:place] + _BYTES[how % len(_BYTES)] + data[place + what % 3 :]
        elif kind == 4:
            data = data[:place] + data[place + how % 200 :]
        elif kind == 5:
            data = data[:place] + data[place : place + how % 300] * (1 + how % 40) + data[place:]
        elif kind == 6:
            data = data[:place]
        else:
            encodings = ("utf-8", "utf-16", "cp866", "koi8-r", "utf-8-sig", "utf-16-be")
            text = data.decode("cp1251", "replace")
            data = text.encode(encodings[how % len(encodings)], "replace")
    return data


def grid(rows: Sequence[Sequence[Cell]], plan: Plan, heads: Sequence[Cell]) -> list[list[Cell]]:
    """Rows with cells, headings, columns and rows changed."""
    found = [list(row) for row in rows]
    for what, where, how in plan:
        if not found:
            return [[CELLS[how % len(CELLS)]]]
        row = found[where % len(found)]
        column = (where // len(found)) % (len(row) + 1)
        kind = what % 10
        if kind <= 3 and column < len(row):
            row[column] = CELLS[how % len(CELLS)]
        elif kind == 4:
            row.insert(column, heads[how % len(heads)])
        elif kind == 5 and column < len(row):
            text, spot = str(row[column]), how % (len(str(row[column])) + 1)
            row[column] = text[:spot] + TEXTS[what * how % len(TEXTS)][:9] + text[spot + 1 :]
        elif kind == 6:
            del row[column:]
        elif kind == 7:
            for other in found:
                if column < len(other):
                    other.insert(how % len(other), other.pop(column))
        elif kind == 8:
            found.insert(how % (len(found) + 1), list(row))
        else:
            del found[where % len(found)]
    return found
