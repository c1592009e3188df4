"""Defects of the file as bytes: broken, disguised, dangerous, in another encoding.

Belongs here: what the pre-check and the formats must notice. Not here: tables (`of_tables`).
Hostile files as such have tests of their own; here it is asked whether the sender is helped.
"""

from __future__ import annotations

import io
import re
import zipfile

from tests.defects.operator import SAME, Operator, xlsx
from tests.defects.paper import NotApplicable

_ENCRYPTED = (
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504 + "EncryptedPackage".encode("utf-16-le")
)
_FAR = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
_WIDE = "<row>" + "<c><v>1</v></c>" * 20_000 + "</row></sheetData>"
_LINK = "xl/externalLinks/externalLink1.xml"
_BOMB = 200_000_000


def _final(change, name=None):
    def spoil(draft, rng):
        draft.final = change
        if name:
            draft.name = name(draft.name)

    return spoil


def _suffix(suffix):
    return lambda name: name.rpartition(".")[0] + suffix


def _parts(change):
    """Change the parts inside the archive."""

    def apply(data):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        change(parts)
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in parts.items():
                archive.writestr(name, content)
        return out.getvalue()

    return _final(apply)


def _sheet(pattern, replacement):
    def change(parts):
        name = "xl/worksheets/sheet1.xml"
        parts[name] = re.sub(pattern, replacement, parts[name].decode(), count=1).encode()

    return _parts(change)


def _cut(share):
    return _final(lambda data: data[: int(len(data) * share)])


def _cut_row(data):
    """Ends in the middle of the last row of a text."""
    body = data.rstrip(b"\r\n")
    last = body.rfind(b"\n")
    cells = body[last + 1 :].split(b";")
    return body[: last + 1] + b";".join(cells[: max(1, len(cells) // 2)])


def _recoded(encoding):
    return _final(lambda data: data.decode("cp1251").encode(encoding, "replace"))


def _quotes(data):
    lines = data.split(b"\r\n")
    return b"\r\n".join(line.replace("«".encode("cp1251"), b'"', 1) for line in lines)


def _nul(data):
    return data[:200] + b"\0" + data[200:]


def _html(data):
    return "<html><table><tr><td>Код</td></tr></table></html>".encode("cp1251")


def _csv(paper):
    return paper.container == "csv"


def _latin_name(draft, rng):
    if not re.search(r"ВПР|Реестры", draft.name):
        raise NotApplicable
    draft.name = re.sub(r"[^/]+$", lambda m: f"Копия {m[0]}", draft.name)


def _op(code, title, spoil, expect, where=xlsx, **more):
    return Operator(code, title, spoil, tuple(expect), where=where, group="file", **more)


OPERATORS = (
    _op("F01", "empty file", _final(lambda _: b""), ["file:EMPTY_FILE"]),
    _op("F02", "workbook cut off", _cut(0.6), ["file:ZIP_BROKEN"]),
    _op("F03", "workbook with a password", _final(lambda _: _ENCRYPTED), ["file:ENCRYPTED"]),
    _op("F04", "macros", _parts(lambda p: p.update({"xl/vbaProject.bin": b"\xd0\xcf"})),
        ["file:MACROS"]),
    _op("F05", "links to other workbooks", _parts(lambda p: p.update({_LINK: b"<externalLink/>"})),
        ["file:EXTERNAL_LINKS"]),
    _op("F06", "workbook under a .csv name", _final(lambda d: d, _suffix(".csv")),
        ["file:WRONG_EXTENSION"]),
    _op("D54", "web page under an .xlsx name", _final(_html), ["file:WRONG_EXTENSION"]),
    _op("D54x", "web page without a table of data under an .xls name",
        _final(lambda _: b"<html><body>x</body></html>", _suffix(".xls")), ["file:HTML_IN_XLS"]),
    _op("D56", "a cell far away", _sheet("</sheetData>", _FAR), ["file:FAR_CELL"]),
    _op("F07", "twenty thousand columns", _sheet("</sheetData>", _WIDE),
        ["file:TOO_MANY_COLUMNS"]),
    _op("D57", "zip bomb", _parts(lambda p: p.update({"xl/media/a.bin": b"\0" * _BOMB})),
        ["file:ZIP_BOMB"], where=lambda p: p.layout in ("kdr_result", "vpr_export_2021")),
    _op("F08", "false size of the sheet",
        _sheet("<sheetData>", '<dimension ref="A1:B2"/><sheetData>'), SAME),
    _op("F09", "XML declarations (DTD)",
        _sheet(r"<worksheet", '<!DOCTYPE a [<!ENTITY b "c">]><worksheet'), ["file:XML_DTD"]),
    _op("F10", "zero byte in a text", _final(_nul), ["file:NUL_BYTE"], where=_csv),
    _op("D50", "text breaks off within a line", _final(_cut_row), ["file:CSV_TRUNCATED"],
        where=_csv),
    _op("D49", "a semicolon too many at the end of lines",
        _final(lambda d: d.replace(b"\r\n", b";\r\n")), SAME, where=_csv),
    _op("D49b", "BOM in the first heading",
        _final(lambda d: b"\xef\xbb\xbf" + d.decode("cp1251").encode()), SAME, where=_csv),
    _op("D48", "quotation marks not doubled", _final(_quotes), SAME, where=_csv),
    _op("D51k", "encoding koi8-r", _recoded("koi8-r"), SAME, where=_csv),
    _op("D51d", "encoding cp866", _recoded("cp866"), SAME, where=_csv),
    _op("D51u", "encoding UTF-16", _recoded("utf-16"), SAME, where=_csv),
    _op("F11", 'file name "Копия …"', _latin_name, SAME),
)  # fmt: skip
