"""Made-up personal data planted into every file of a city, and the search for it afterwards.

Belongs here: the values, where they are planted, how bytes are searched. Not here: the story
(`test_canary`).
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pyarrow.parquet as pq

from ingestion.contracts import load_contracts
from ingestion.read.formats import read_sheets
from ingestion.read.precheck import precheck
from ingestion.read.recognise import Found, Recogniser
from ingestion.reply.marking import LIST_SHEET
from samples.writer import MARKER_FILE

SURNAME, NAME, PATRONYMIC = "Жарптицына", "Аделаидушка", "Горынычевна"
BORN_PUPIL, BORN_ADULT = "29.02.2012", "29.02.1964"
SNILS, PASSPORT, PHONE = "135-797-531 86", "0397 531975", "+7 918 135-79-75"
NOTE = f"{SURNAME} {NAME} {PATRONYMIC}, {BORN_PUPIL} г.р., СНИЛС {SNILS}, паспорт {PASSPORT}, тел. {PHONE}"

_ADULTS = frozenset({"staff", "attestation", "cpd_course", "expert", "head_appointment",
                     "mentor_pair", "meth_event", "network_member", "reserve_post",
                     "teacher_diagnostics"})  # fmt: skip
_CELLS = {"_fio": f"{SURNAME} {NAME} {PATRONYMIC}", "_surname": SURNAME, "_name": NAME,
          "_patronymic": PATRONYMIC, "_series": PASSPORT[:4], "_document": PASSPORT[5:]}  # fmt: skip
# What is looked for. The dates are Februaries' ends that no paper of the city bears.
VALUES = (SURNAME[:-1], NAME[:-1], PATRONYMIC[:-2], SNILS, PASSPORT, PASSPORT[5:], PASSPORT.replace(" ", ""), PHONE,
          "".join(re.findall(r"\d", SNILS)), BORN_PUPIL, BORN_ADULT, "2012-02-29",
          "1964-02-29")  # fmt: skip


def _spellings(value: str) -> Iterator[bytes]:
    for text in {value, value.lower(), value.upper(), value.lower().replace("ё", "е")}:
        plain = text.encode()
        yield plain
        yield json.dumps(text)[1:-1].encode()
        yield json.dumps(json.dumps(text)[1:-1])[1:-1].encode()
        for encoding in ("cp1251", "utf-16-le", "utf-16-be", "cp866"):
            yield text.encode(encoding)
        yield plain.hex().encode()
        yield plain.hex().upper().encode()
        for shift in range(3):  # without the ends, which hang on the neighbours
            code = base64.b64encode(b"\0" * shift + plain)
            yield code[4 : 4 * ((shift + len(plain)) // 3)]


# Short values leave too little of base64 to tell them from anything else.
_NEEDLES = {needle: value for value in VALUES for needle in _spellings(value) if len(needle) >= 6}
# Six digits alone stand in many a time stamp, as a part of a longer number.
_SEARCH = re.compile(
    b"|".join(
        rb"(?<!\d)%b(?!\d)" % needle if needle.isdigit() and len(needle) == 6 else re.escape(needle)
        for needle in sorted(_NEEDLES, key=len, reverse=True)
    )
)


def found_in(data: bytes) -> set[str]:
    """Planted values in some bytes, in any of the encodings."""
    return {_NEEDLES[match] for match in _SEARCH.findall(data)}


def plant(inbox: Path) -> int:
    """Write the values into a file of each layout and into every text; the number of the former
    with a person's cells.
    """
    recogniser = Recogniser(load_contracts())
    marks: list[str] = []
    known: set[str] = set()
    persons = 0
    for path in sorted(inbox.rglob("*")):
        if path.suffix == ".xlsx":
            persons += _plant_workbook(path, recogniser, known)
        elif path.suffix in (".csv", ".txt"):
            data = path.read_bytes()
            head, end, rest = data.partition(b"\n")
            note = NOTE.encode("utf-8" if data.startswith(b"\xef\xbb\xbf") else "cp1251")
            first, _, others = rest.partition(b"\n")
            first = first.rstrip(b"\r")
            path.write_bytes(head + end + first + b";" + note + b"\r\n" + others)
            marks.append(hashlib.sha256(path.read_bytes()).hexdigest())
    for name, data in _refused().items():
        path = inbox / "Разное" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        marks.append(hashlib.sha256(data).hexdigest())
    with (inbox / MARKER_FILE).open("a") as file:
        file.writelines(f"{mark}\n" for mark in marks)
    return persons


def correct(inbox: Path) -> None:
    """A new file in place of an old one: a paper without its last pupil."""
    path = max(inbox.rglob("Проведение работы*.xlsx"))
    book = openpyxl.load_workbook(path)
    sheet = max(book.worksheets, key=lambda sheet: sheet.max_row)
    sheet.delete_rows(sheet.max_row)
    book.save(path)


def _plant_workbook(path: Path, recogniser: Recogniser, known: set[str]) -> int:
    data = path.read_bytes()
    sheets = {
        sheet.name: (found, len(sheet.rows))
        for sheet in read_sheets(data, precheck(data, path.name))
        if (found := recogniser.find(sheet.rows))
    }
    layouts = {found.plans[0].layout.id for found, _ in sheets.values()}
    if layouts <= known:
        return False
    known |= layouts
    book = openpyxl.load_workbook(io.BytesIO(data))
    persons = [_plant_sheet(book[name], *where) for name, where in sheets.items()]
    book.save(path)
    return any(persons)


def _plant_sheet(sheet: openpyxl.worksheet.worksheet.Worksheet, found: Found, rows: int) -> bool:
    plan = found.plans[0]
    contract = plan.layout.contract
    head = found.row + found.header_rows
    first, last = head + 1, rows
    born = BORN_ADULT if contract.table in _ADULTS else BORN_PUPIL
    cells = {**_CELLS, "_born": born}
    texts = {column.name for column in contract.columns if column.type == "text"}
    is_of_persons = False
    for name, index in plan.index.items():
        value = cells.get(name.removesuffix("_2"))
        if value:
            sheet.cell(first, index + 1).value = value
            is_of_persons = True
        elif contract.source != "REG" and last > first + 9 and name in texts:
            sheet.cell(last, index + 1).value = NOTE
    if not plan.layout.is_nameless:  # there it costs the file: see «пояснения.csv»
        column = (sheet.max_column or 1) + 2
        sheet.cell(head, column).value = "Заметки"
        sheet.cell(first, column).value = NOTE
    return is_of_persons


def _refused() -> dict[str, bytes]:
    """Files that are refused at each of the steps, full of the values."""
    table = f"{NOTE};{SURNAME}\n{SNILS};{PASSPORT}\n"
    book = openpyxl.Workbook()
    book.active.title = f"{SURNAME} {NAME}"
    book.active.append(["ФИО", "Дата рождения", "СНИЛС", NOTE])
    book.active.append([f"{SURNAME} {NAME} {PATRONYMIC}", BORN_PUPIL, SNILS, PHONE])
    stream = io.BytesIO()
    book.save(stream)
    unknown = stream.getvalue()
    page = f"<html><table><tr><td>{NOTE}</td><td>{SURNAME}</td></tr></table></html>"
    xml = f'<?xml version="1.0"?><A><B><C><{SURNAME}>{NOTE}</{SURNAME}></C></B></A>'
    persons = (
        f"ОО;Кол-во участников;Средний %;Логин;ФИО\nedu230001;5;50;edu230001;{SURNAME} {NAME}\n"
    )
    notes = f"ОО;Кол-во участников;Средний %;Логин;Пояснение\nedu230001;5;50;edu230001;{NOTE}\n"
    initials = f"{SURNAME} {NAME[0]}.{PATRONYMIC[0]}."
    return {
        "таблица.csv": table.encode(),
        f"Характеристика {SURNAME} {NAME} {PATRONYMIC}.xlsx": unknown + b"\0",
        f"{initials.lower()} {initials}/{SURNAME}_{NAME}_{PATRONYMIC}.csv": f"{table}0;1\n".encode(),
        "пояснения.csv": notes.encode("cp1251"),
        "таблица в 1251.csv": table.encode("cp1251"),
        "чужая.xlsx": unknown,
        "битая.xlsx": unknown[: len(unknown) // 2],
        "страница.xls": page.encode(),
        "страница.xlsx": page.encode(),
        "данные.xml": xml.encode(),
        "данные с DTD.xml": f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "{NOTE}">]><a/>'.encode(),
        "нулевой.csv": table.encode() + b"\0",
        "обрыв.csv": f"{table}1;".encode(),
        "длинная.csv": f"Код;Балл\n{NOTE};{NOTE * 900}\n".encode(),
        "лишние.csv": persons.encode("cp1251"),
        "упасть.csv": f"{table}{NAME}\n".encode(),
        "умереть.csv": f"{table}{SURNAME}\n".encode(),
    }


def leaks(root: Path, restricted: tuple[Path, ...]) -> dict[str, set[str]]:
    """Files below a folder, the restricted ones left out, with what is found in each."""
    hits = {}
    for path in sorted(root.rglob("*")):
        if path.is_symlink() or not path.is_file() or any(map(path.is_relative_to, restricted)):
            continue
        data = path.read_bytes()
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                data += b"".join(map(archive.read, archive.namelist()))
        if hit := found_in(data):
            hits[str(path.relative_to(root))] = hit
    return hits


def cache_leaks(cache: Path) -> dict[str, set[str]]:
    """The same for the cache, whose segments are compressed."""
    hits = {}
    for path in cache.rglob("*"):
        if path.suffix == ".parquet":
            data = repr(pq.read_table(path).to_pylist()).encode()
        elif path.is_file():
            data = path.read_bytes()
        else:
            continue
        if hit := found_in(data):
            hits[path.name] = hit
    return hits


def outbox_leaks(outbox: Path) -> dict[str, set[str]]:
    """What receipts, lists and notes repeat; the sender's own cells are his."""
    hits = {}
    for path in outbox.rglob("*"):
        if path.suffix == ".txt" and "квитанции" in path.name:
            data = path.read_bytes()
        elif path.suffix == ".xlsx":
            data = b"\n".join(_of_ours(path))
        else:
            continue
        if hit := found_in(data):
            hits[path.name] = hit
    return hits


def _of_ours(path: Path) -> Iterator[bytes]:
    book = openpyxl.load_workbook(path)
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if sheet.title == LIST_SHEET and cell.value is not None:
                    yield str(cell.value).encode()
                if cell.comment:
                    yield cell.comment.text.encode()
