"""Files that must be refused with a reason, before or instead of a parser's death."""

from __future__ import annotations

import hashlib
import io
import sys
import tracemalloc
from dataclasses import replace
from pathlib import Path

import pytest
import xlsxwriter

from ingestion.read.formats import read_sheets
from ingestion.read.pool import ToRead, read_deliveries
from ingestion.read.precheck import precheck
from ingestion.reasons import Refusal
from warehouse.settings import ReaderLimits, load_settings

sys.path.insert(0, str(Path(__file__).parent))
from hostile import CANARY, book, pack, parts, sheet
from hostile_corpus import OTHERS, XLSX, cell


@pytest.mark.parametrize("case", XLSX)
def test_a_hostile_workbook_is_refused(case):
    data, code = XLSX[case]
    refused(data, "2021/4/Математика.xlsx", code)


@pytest.mark.parametrize("case", OTHERS)
def test_other_hostile_files_are_refused(case):
    name, data, code = OTHERS[case]
    refused(data, name, code)


def refused(data: bytes, name: str, code: str) -> None:
    with pytest.raises(Refusal) as caught:
        read_sheets(data, precheck(data, name))
    assert caught.value.code == code
    assert CANARY.split()[0] not in str(caught.value) + repr(caught.value.params)


def test_a_file_over_the_limit_is_not_even_looked_at():
    refused(b"x" * (100 * 2**20 + 1), "a.csv", "TOO_LARGE")


def real_book() -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as workbook:
        worksheet = workbook.add_worksheet("Лист")
        for row in range(30):
            worksheet.write_row(row, 0, [CANARY, row, "X"])
    return buffer.getvalue()


def test_a_workbook_cut_anywhere_is_refused():
    data = real_book()
    for length in range(4, len(data), 97):
        refused(data[:length], "a.xlsx", "ZIP_BROKEN")


def test_a_workbook_with_any_byte_changed_never_breaks_more_than_itself():
    data = real_book()
    said = []
    for place in range(0, len(data), 53):
        changed = data[:place] + bytes([data[place] ^ 0x5A]) + data[place + 1 :]
        try:
            read_sheets(changed, precheck(changed, "a.xlsx"))
        except Refusal as refusal:
            said.append(str(refusal))
    assert said
    assert CANARY.split()[0] not in "".join(said)


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="1"><c r="A1"><v>1</v></c><c r="XFD1" s="3"/></row><row r="1048576" ht="20"/>',
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576" s="3"></c></row>',
    ],
)
def test_empty_formatted_cells_far_away_are_harmless(rows):
    data = book(rows)
    assert read_sheets(data, precheck(data, "a.xlsx"))[0].rows == [[1.0]]


@pytest.mark.parametrize("said", ["A1", "A1:B2", "A1:XFD1048576"])
def test_a_lying_dimension_is_harmless(said):
    rows = "".join(f'<row r="{i}"><c r="A{i}"><v>{i}</v></c></row>' for i in range(1, 51))
    data = pack(parts(sheet(rows, before=f'<dimension ref="{said}"/>')))
    assert len(read_sheets(data, precheck(data, "a.xlsx"))[0].rows) == 50


def test_memory_stays_bounded_while_a_large_sheet_is_looked_through():
    rows = "".join(
        f'<row r="{i}"><c r="A{i}"><v>{i}</v></c><c r="AS{i}"><v>{i}</v></c></row>'
        for i in range(1, 199_999)
    )
    data = book(rows)
    tracemalloc.start()
    precheck(data, "a.xlsx")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 30 * 2**20


def test_the_pool_survives_them_all(tmp_path, monkeypatch):
    """Some of them together with good files, and one that kills the parser for real."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))
    settings = load_settings(
        {"MSOKO_WAREHOUSE": str(tmp_path / "w"), "MSOKO_KEY_FILE": str(tmp_path / "key")}
    )
    settings.make_folders()
    settings = replace(settings, readers=ReaderLimits(workers=2, memory_mb=1024, seconds=30))

    def put(name: str, data: bytes) -> ToRead:
        sha256 = hashlib.sha256(data).hexdigest()
        path = settings.vault / sha256[:2] / sha256
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
        return ToRead(sha256[:16], sha256, name, {})

    expected = {put("a.xlsx", data).delivery_id: code for data, code in list(XLSX.values())[:20]}
    todo = [put("a.xlsx", data) for data, _ in list(XLSX.values())[:20]]
    killer = put("unchecked.xlsx", book(cell("XFD1048575")))
    good = [put("a.xlsx", book(f'<row r="1"><c r="A1"><v>{i}</v></c></row>')) for i in range(20)]
    found = {
        reading.delivery_id: reading
        for batch in read_deliveries(
            settings, [*todo, killer, *good], reader="stub_checked:read_file"
        )
        for reading in batch.readings
    }
    assert {key: found[key].reason_code for key in expected} == expected
    assert found[killer.delivery_id].reason_code == "PARSE_KILLED"
    assert {found[item.delivery_id].status for item in good} == {"read"}
    assert all(
        CANARY.encode() not in path.read_bytes()
        for path in settings.cache.rglob("*")
        if path.is_file()
    )
