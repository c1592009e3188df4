"""Replies to hostile files: marking survives them, and nothing that is written computes."""

from __future__ import annotations

import hashlib
import io
import sys
from pathlib import Path

import openpyxl
import pytest

from ingestion.contracts import load_contracts
from ingestion.reply.marking import Job, mark, mark_workbook, write_list
from ingestion.reply.receipt import Place
from ingestion.reply.seedbook import write_seed_book
from ingestion.reply.template import write_template
from warehouse.settings import ReaderLimits

sys.path.insert(0, str(Path(__file__).parent))
from hostile import pack, parts
from hostile_corpus import XLSX
from hostile_more import MORE

INJECTIONS = [
    '=CMD|"/C calc"!A0', "+1+1", "-2+3", "@SUM(A1)", "\t=1+1", "\r=1+1", '=HYPERLINK("http://x")',
    '=WEBSERVICE("http://x")', "=1+1", "{=1+1}", "\u202e=1", "http://203.0.113.1/", "=" * 40_000,
]  # fmt: skip
PLACES = [Place(f"Лист{i}", i, text, text, text, text) for i, text in enumerate(INJECTIONS, 1)]


TYPES = "".join(
    f'<Override PartName="/xl/{part}.xml" ContentType="application/vnd.openxmlformats-officedocument.'
    f'spreadsheetml.{kind}+xml"/>'
    for part, kind in (("workbook", "sheet.main"), ("worksheets/sheet1", "worksheet"))
)


def openable(members: dict[str, str]) -> bytes:
    """A workbook made by hand that the library which marks opens too."""
    types = members["[Content_Types].xml"].replace("</Types>", f"{TYPES}</Types>")
    return pack(members | {"[Content_Types].xml": types})


def formulas(data: bytes) -> list[object]:
    found = openpyxl.load_workbook(io.BytesIO(data))
    return [
        cell.value
        for sheet in found.worksheets
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "f" or (cell.hyperlink and cell.hyperlink.target)
    ] + [name.attr_text for name in found.defined_names.values()]


def test_marking_survives_the_whole_corpus(tmp_path):
    vault, out = tmp_path / "vault", tmp_path / "out"
    vault.mkdir()
    out.mkdir()
    jobs = []
    contents = [data for data, _ in XLSX.values()]
    contents += [data for name, data, _ in MORE.values() if name.endswith(".xlsx")]
    for number, data in enumerate(contents):
        path = vault / str(number)
        path.write_bytes(data)
        sha256 = hashlib.sha256(data).hexdigest()
        place = Place("Лист", 1, "Балл", "что", "что ожидается", "как исправить")
        jobs.append(Job(str(path), sha256, "a.xlsx", str(out / f"{number}.xlsx"), (place,)))
    good = openable(parts())
    (vault / "good").write_bytes(good)
    target = str(out / "good.xlsx")
    sha256 = hashlib.sha256(good).hexdigest()
    jobs.append(Job(str(vault / "good"), sha256, "a.xlsx", target, (PLACES[0],)))
    written = mark(jobs, ReaderLimits(workers=1, memory_mb=1024, seconds=20))
    assert target in written
    assert {str(path) for path in tmp_path.rglob("*.xlsx")} == written
    for path in written:
        assert formulas(Path(path).read_bytes()) == []


def test_a_list_holds_no_formula(tmp_path):
    stream = io.BytesIO()
    write_list(stream, PLACES)
    assert formulas(stream.getvalue()) == []


def test_a_marked_copy_holds_no_formula_that_calls():
    cells = "".join(
        f'<row r="{i}"><c r="A{i}" t="inlineStr"><is><t>{text}</t></is></c>'
        f'<c r="B{i}"><f>{text.lstrip("=")}</f><v>1</v></c>'
        f'<c r="C{i}"><f t="array" ref="C{i}">{text.lstrip("=")}</f><v>1</v></c></row>'
        for i, text in enumerate(
            ['=CMD|"/C calc"!A0', '=WEBSERVICE("http://x")', "=HYPERLINK(1)"], 1
        )
    )
    workbook = parts()["xl/workbook.xml"].replace(
        "</sheets>",
        "</sheets><definedNames><definedName name=\"x\">cmd|'/C calc'!A0</definedName></definedNames>",
    )
    found = parts() | {"xl/workbook.xml": workbook}
    found["xl/worksheets/sheet1.xml"] = found["xl/worksheets/sheet1.xml"].replace(
        "<sheetData>", f"<sheetData>{cells}<!--"
    ).replace("</sheetData>", "--></sheetData>")  # fmt: skip
    marked = mark_workbook(
        openable(found), [Place("Лист", 1, "A", "что", "ожидается", "исправить")]
    )
    assert formulas(marked) == []


@pytest.mark.parametrize("table", sorted(c.table for c in load_contracts().values() if c.template))
def test_a_form_holds_no_formula(table, tmp_path):
    schools = [(text[:200], text[:200]) for text in INJECTIONS]
    write_template(load_contracts()[table], tmp_path / "form.xlsx", schools)
    assert formulas((tmp_path / "form.xlsx").read_bytes()) == []


def test_the_book_of_seeds_holds_no_formula(tmp_path):
    write_seed_book(tmp_path / "seeds.xlsx")
    assert formulas((tmp_path / "seeds.xlsx").read_bytes()) == []
