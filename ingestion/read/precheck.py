"""Is this file what its name says, and is it safe to parse? Asked before any cell is read.

Belongs here: the verdict on the bytes of one file. Not here: what the tables mean (`layout`).
Raises only `Refusal`; works in time and memory that the limits of `archive` and `scan` bound.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Literal

from ingestion.read import archive, scan
from ingestion.read.archive import Member
from ingestion.read.model import FileKind, Oddities
from ingestion.reasons import Refusal

MAX_BYTES = 100 * 2**20
MAX_TEXT_BYTES = 40 * 2**20  # of what is not packed

Content = Literal["xlsx", "xls", "csv", "html", "xml", "binary"]
_EXTENSIONS: Mapping[str, Content] = {
    "xlsx": "xlsx", "xls": "xls", "csv": "csv", "txt": "csv", "tsv": "csv",
    "htm": "html", "html": "html", "xml": "xml",
}  # fmt: skip
_WITH_MACROS = {"xlsm", "xltm", "xlam", "xla"}
_NAMES: Mapping[Content, str] = {
    "xlsx": "книга xlsx", "xls": "книга xls", "csv": "текст", "html": "веб-страница", "xml": "XML",
}  # fmt: skip

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MARKUP = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*"
    rb"<(\?xml|!doctype\s+html|(?:html|head|body|table|meta|style|div|center|title)\b|!--)",
    re.IGNORECASE,
)
_XML_2003 = b"urn:schemas-microsoft-com:office:spreadsheet"
_HEAD = 4096
MAX_CELLS = 500_000  # of tables written as markup
_TAGS_OF_A_CELL = 4  # of the wordiest form
MAX_STRINGS = 128 * 2**20  # bytes of the shared texts of a workbook in all its cells together
_MAX_INDEX = 8 * 2**20  # bytes of a workbook's list of sheets and names
_BYTES_OF_A_CELL = 20  # at least, of one with a shared text

# Names of members, lower case, one a line.
_MACRO_MEMBER = re.compile(r"vba(?:project|data)|/(?:activex|macrosheets|dialogsheets)/")
_TEXT_MEMBER = re.compile(r"\.(?:xml|rels|vml|psmdcp)$")
_OTHER_MEMBER = re.compile(
    r"\.(?:png|jpe?g|gif|emf|wmf|svg|tiff?|bmp|wdp|jfif|webp)$|/$|/printersettings/[^/]*\.bin$"
    r"|^\[trash\]/"
)
_STYLES = "xl/styles.xml"
_WORKBOOK = "xl/workbook.xml"
_RELATIONS = "xl/_rels/workbook.xml.rels"
_STRINGS = "xl/sharedstrings.xml"

_TARGET = re.compile(rb"""\sTarget\s*=\s*["']([^"']*)""")
_ATTRIBUTE = re.compile(rb"""([\w:]+)\s*=\s*["']([^"']*)["']""")
_RELATION = re.compile(rb"<Relationship\s([^>]*)>")
_SHEET = re.compile(rb"<sheet\s([^>]*)>")
_RECALCULATES = re.compile(rb'fullCalcOnLoad="(?:1|true)"')
_NUMBER_FORMAT = re.compile(rb"<numFmt\s([^>]*)>")
_ZEROS = re.compile(rb"0{3,}")
_CELL_STYLES = re.compile(rb"<cellXfs.*?</cellXfs>", re.DOTALL)
_CELL_STYLE = re.compile(rb"<xf\s([^>]*)>")
_ENTITIES = {"&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'", "&amp;": "&"}


def precheck(data: bytes, name: str) -> FileKind:
    """Which reader may read the file.

    Args:
        data: content.
        name: file name, with or without folders; its extension must agree with the content.

    Raises:
        Refusal: the file must not be read; says why.
    """
    if not data:
        raise Refusal("EMPTY_FILE")
    if len(data) > MAX_BYTES:
        raise Refusal("TOO_LARGE", size=f"{len(data) >> 20} МБ", limit=f"{MAX_BYTES >> 20} МБ")
    extension = PurePosixPath(name).suffix.lower().removeprefix(".")
    if extension in _WITH_MACROS:
        raise Refusal("MACROS")
    content = _sniff(data)
    if content in {"csv", "html", "xml"} and len(data) > MAX_TEXT_BYTES:
        limit = f"{MAX_TEXT_BYTES >> 20} МБ"
        raise Refusal("TOO_LARGE", size=f"{len(data) >> 20} МБ", limit=limit)
    said = _EXTENSIONS.get(extension)
    if content == "xlsx":
        checked = _check_package(data)
    elif content == "xls":
        checked = _check_compound(data)
    elif content == "csv" and (said == "csv" or (said == "xls" and b"\t" in data)):
        return FileKind("csv")
    elif content in {"html", "xml"} and said in {"xls", content}:
        return _check_page(data) if content == "html" else _check_xml(data, said)
    elif content == "binary" or said is None:
        raise Refusal("NUL_BYTE" if said == "csv" else "NOT_XLSX")
    else:
        checked = None
    if checked is None or checked.format != said:
        raise Refusal("WRONG_EXTENSION", extension=f".{extension}", content=_NAMES[content])
    return checked


def _sniff(data: bytes) -> Content:
    if data.startswith((b"PK\3\4", b"PK\5\6")):
        return "xlsx"
    if data.startswith(_OLE):
        return "xls"
    head = data[:1024]
    markup = _MARKUP.match(head)
    if markup:
        is_page = markup[1].lower() != b"?xml" or b"<html" in head.lower()
        return "html" if is_page else "xml"
    is_text = b"\0" not in head or head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return "csv" if is_text else "binary"


def _check_page(data: bytes) -> FileKind:
    """Web page: has it whole tables, and not too many cells."""
    _check_markup(data)
    lowered = data.lower()
    tables = lowered.count(b"<table")
    if not tables:
        raise Refusal("HTML_IN_XLS")
    if b"<!entity" in lowered:
        raise Refusal("XML_DTD")
    if lowered.count(b"</table") < tables:
        raise Refusal("CSV_TRUNCATED")
    _check_cells(lowered.count(b"<td") + lowered.count(b"<th"))
    return FileKind("html")


def _check_xml(data: bytes, said: Content) -> FileKind:
    """XML: a «Таблица XML 2003», or records of open data under their own name."""
    _check_markup(data)
    is_workbook = _XML_2003 in data[:_HEAD]
    if said == "xls" and not is_workbook:
        raise Refusal("XML_IN_XLS")
    scan.root_prefix(data[: archive.CHUNK])
    return FileKind("xml2003" if is_workbook else "records")


def _check_markup(data: bytes) -> None:
    if b"\0" in data:
        raise Refusal("NUL_BYTE")
    _check_cells(data.count(b"<") // _TAGS_OF_A_CELL)


def _check_cells(cells: int) -> None:
    if cells > MAX_CELLS:
        raise Refusal("TOO_LARGE", size=f"{cells} ячеек", limit=f"{MAX_CELLS} ячеек")


def _utf16(text: str) -> bytes:
    return text.encode("utf-16-le")


_ENCRYPTED_STREAM = _utf16("EncryptedPackage")
_MACRO_STREAM = _utf16("_VBA_PROJECT")
_BOOK_START = b"\x09\x08\x10\x00\x00\x06\x05\x00"  # a record that begins a workbook
_FILEPASS = 0x2F
_FIRST_RECORDS = 8
_BOOK_STREAMS = (_utf16("Workbook"), _utf16("Book"))


def _check_compound(data: bytes) -> FileKind:
    """OLE container: a BIFF workbook, or a workbook under a password."""
    if _ENCRYPTED_STREAM in data:
        raise Refusal("ENCRYPTED")
    if _MACRO_STREAM in data:
        raise Refusal("MACROS")
    if not any(stream in data for stream in _BOOK_STREAMS):
        raise Refusal("NOT_XLSX")
    if _has_password(data):
        raise Refusal("ENCRYPTED")
    return FileKind("xls")


def _has_password(data: bytes) -> bool:
    """Whether one of the first records of a BIFF8 workbook says that the rest is encrypted."""
    position = data.find(_BOOK_START)
    for _ in range(_FIRST_RECORDS if position >= 0 else 0):
        kind = int.from_bytes(data[position : position + 2], "little")
        if kind == _FILEPASS:
            return True
        position += 4 + int.from_bytes(data[position + 2 : position + 4], "little")
    return False


def _check_package(data: bytes) -> FileKind:
    """ZIP container: a workbook, looked through member by member."""
    texts = _check_names(archive.members(data))
    if _WORKBOOK not in texts:
        raise Refusal("NOT_XLSX")
    if max(texts[name].size for name in (_WORKBOOK, _RELATIONS) if name in texts) > _MAX_INDEX:
        raise Refusal("UNREADABLE")
    small = {
        name: archive.content(data, member)
        for name, member in texts.items()
        if member.size < archive.CHUNK or name in (_WORKBOOK, _RELATIONS)
    }
    workbook, relations, styles = (
        scan.without_prefix(small[name], scan.root_prefix(small[name])) if name in small else b""
        for name in (_WORKBOOK, _RELATIONS, _STYLES)
    )
    for target in _TARGET.findall(relations):
        if not target.lower().endswith(b".xml"):
            raise Refusal("ZIP_NAMES")
    book = scan.Book(
        recalculates=bool(_RECALCULATES.search(workbook)),
        zero_styles=_zero_styles(styles),
    )
    paths = list(_sheet_paths(workbook, relations))
    if len({path.lower() for _, path in paths} & texts.keys()) != len(paths):
        raise Refusal("ZIP_NAMES")  # one sheet under many names costs as much as many sheets
    _check_strings(data, texts)
    oddities = {}
    for name, member in texts.items():
        if name.startswith("customxml/"):
            continue  # private data of other programs
        odd = _check_text(data, member, small.get(name), book)
        if odd:
            oddities[name] = odd
    if oddities:
        oddities = {
            sheet: oddities[path.lower()] for sheet, path in paths if path.lower() in oddities
        }
    return FileKind("xlsx", oddities)


def _check_strings(data: bytes, texts: Mapping[str, Member]) -> None:
    """Refuse texts that stand once in the file and in so many cells that they fill the memory."""
    member = texts.get(_STRINGS)
    if member is None:
        return
    sheets = [other for other in texts.values() if other is not member]  # wherever they stand
    sizes = scan.string_sizes(_pieces(data, member))
    cells = sum(sheet.size for sheet in sheets) // _BYTES_OF_A_CELL
    if max(sizes, default=0) * cells <= MAX_STRINGS:
        return
    total = sum(scan.strings_used(_pieces(data, sheet), sizes) for sheet in sheets)
    if total > MAX_STRINGS:
        limit = f"{MAX_STRINGS >> 20} МБ"
        raise Refusal("TOO_LARGE", size=f"{total >> 20} МБ текста", limit=limit)


def _pieces(data: bytes, member: Member) -> Iterator[bytes]:
    prefix = scan.root_prefix(next(archive.unpack(data, member), b""))
    return scan.whole_cells(archive.unpack(data, member), prefix)


def _check_names(found: Iterable[Member]) -> dict[str, Member]:
    """Members to look through, by lower-case name; refuses what a plain table does not hold."""
    named = {member.name.lower(): member for member in found}
    if _MACRO_MEMBER.search("\n".join(named)):
        raise Refusal("MACROS")
    if "mimetype" in named and "content.xml" in named:
        raise Refusal("OPEN_DOCUMENT")
    if "word/document.xml" in named or "ppt/presentation.xml" in named:
        raise Refusal("NOT_XLSX")
    texts = {}
    for name, member in named.items():
        if "externallinks/" in name:
            raise Refusal("EXTERNAL_LINKS")
        if _TEXT_MEMBER.search(name):
            texts[name] = member
        elif name in {"xl/workbook.bin", "mimetype"}:
            raise Refusal("NOT_XLSX")
        elif not _OTHER_MEMBER.search(name):
            raise Refusal("EMBEDDED_OBJECT")
    return texts


def _check_text(
    data: bytes, member: Member, whole: bytes | None, book: scan.Book
) -> Oddities | None:
    """Look through one XML member; `whole` is its content unless it is large."""
    prefix = scan.root_prefix(whole or next(archive.unpack(data, member), b""))

    def pieces() -> Iterable[bytes]:
        if whole is None:
            return scan.whole_cells(archive.unpack(data, member), prefix)
        return (scan.without_prefix(whole, prefix),)

    ordinary = True
    odd = is_sheet = False
    for piece in pieces():
        scan.check_text(piece)
        is_sheet = is_sheet or b"sheetData" in piece
        if is_sheet:
            ordinary = ordinary and scan.is_ordinary(piece)
            odd = odd or scan.is_odd(piece, book)
    if not ordinary:
        scan.check_extent(pieces(), pieces())
    return scan.find_oddities(pieces(), book) if odd else None


def _attributes(tag: bytes) -> dict[bytes, bytes]:
    return dict(_ATTRIBUTE.findall(tag))


def _zero_styles(styles: bytes) -> dict[bytes, int]:
    """Style numbers whose number format shows leading zeros, with the width."""
    if b"000" not in styles:
        return {}
    widths = {}
    for tag in _NUMBER_FORMAT.findall(styles):
        attributes = _attributes(tag)
        code = attributes.get(b"formatCode", b"").split(b";")[0]
        if _ZEROS.fullmatch(code):
            widths[attributes.get(b"numFmtId")] = len(code)
    cells = _CELL_STYLES.search(styles)
    if not widths or not cells:
        return {}
    formats = [_attributes(tag).get(b"numFmtId") for tag in _CELL_STYLE.findall(cells[0])]
    return {
        str(number).encode(): widths[code] for number, code in enumerate(formats) if code in widths
    }


def _sheet_paths(workbook: bytes, relations: bytes) -> Iterator[tuple[str, str]]:
    """Sheet names with the members that hold them."""
    targets = {}
    for tag in _RELATION.findall(relations):
        attributes = _attributes(tag)
        target = attributes.get(b"Target", b"").decode("utf-8", "replace")
        path = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
        targets[attributes.get(b"Id")] = path.removeprefix("xl/./")
    for tag in _SHEET.findall(workbook):
        attributes = _attributes(tag)
        relation = next((value for key, value in attributes.items() if key.endswith(b":id")), None)
        name = attributes.get(b"name", b"").decode("utf-8", "replace")
        for entity, character in _ENTITIES.items():
            name = name.replace(entity, character)
        if relation in targets:
            yield name, targets[relation]
