"""Defects on purpose: named changes of one good file, each seen in real ones.

Belongs here: what to change. Not here: how a reader must behave (the tests say that). Most
changes want a file with pupils' rows (D30 and D32 one of 2022, where the total comes last), those
of text one in cp1251 with semicolons.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from openpyxl import load_workbook

from samples.impurity import NBSP
from samples.workbook import Cell, Sheet, workbook_parts, write_parts, write_workbook

Rows = list[list[Cell]]

_HEADINGS: Mapping[str, str] = {
    "code": r"код( обучающегося| участника)?|code",
    "mark": r"отметка за предыдущ.*|otc|отметка по журналу",
    "sex": r"пол|gender",
    "class": r"класс|klass|наименование класса|класс №.*",
    "variant": r"вариант|var-1",
    "total": r"всего баллов|sum|итого баллов|первичный балл",
    "task": r"балл за 1|a-1-grade|1[^\d]*\(\d+б\)",
}
_MANY_COLUMNS = 20_000
_BOMB_BYTES = 400_000_000


@dataclass(frozen=True)
class Defect:
    """One defect; `apply` changes a copy of a good file and returns its path, which may differ."""

    code: str
    title: str
    apply: Callable[[Path], Path]


def read_sheets(path: Path) -> list[Sheet]:
    """Sheets of a workbook of ours, ready to be changed and written again."""
    book = load_workbook(path)
    sheets = []
    for sheet in book.worksheets:
        rows: Rows = []
        for row in sheet.iter_rows(values_only=True):
            cells: list[Cell] = [
                cell if isinstance(cell, str | int | float) else None for cell in row
            ]
            while cells and cells[-1] is None:
                cells.pop()
            rows.append(cells)
        sheets.append(Sheet(sheet.title, rows, state=sheet.sheet_state))
    return sheets


def _main(sheets: Sequence[Sheet]) -> tuple[Rows, int]:
    """Rows of the sheet with results and the number of its header row."""
    for sheet in sheets:
        rows = sheet.rows
        if not isinstance(rows, list):
            raise TypeError("rows of a read sheet are a list")
        for number, row in enumerate(rows):
            if any(_is(cell, "total") for cell in row) and len(row) > 4:
                return rows, number
    raise ValueError("no table of results")


def _is(cell: Cell, role: str) -> bool:
    return isinstance(cell, str) and bool(
        re.fullmatch(_HEADINGS[role], cell.strip(), re.IGNORECASE)
    )


def _on_table(change: Callable[[Rows, int], None]) -> Callable[[Path], Path]:
    def apply(path: Path) -> Path:
        sheets = read_sheets(path)
        change(*_main(sheets))
        write_workbook(path, sheets)
        return path

    return apply


def _present(rows: Rows, header: int) -> list[list[Cell]]:
    """Rows of pupils who wrote the paper."""
    variant = next(i for i, cell in enumerate(rows[header]) if _is(cell, "variant"))
    return [
        row
        for row in rows[header + 1 :]
        if len(row) > variant + 1 and str(row[variant]).strip() in ("1", "2")
    ]


def _cells(role: str, *values: Cell) -> Callable[[Path], Path]:
    """Put these values into a column, one a row; `{}` is the old value."""

    def change(rows: Rows, header: int) -> None:
        column = next(i for i, cell in enumerate(rows[header]) if _is(cell, role))
        for row, value in zip(_present(rows, header), values, strict=False):
            row[column] = value.format(row[column]) if isinstance(value, str) else value

    return _on_table(change)


def _insert(place: str, *texts: Sequence[Cell]) -> Callable[[Path], Path]:
    """Put rows above the header, under it or at the end."""

    def change(rows: Rows, header: int) -> None:
        position = {"above": 0, "under": header + 1, "end": len(rows)}[place]
        rows[position:position] = [list(text) for text in texts]

    return _on_table(change)


def _column_numbers(rows: Rows, header: int) -> None:
    rows.insert(header + 1, list(range(1, len(rows[header]) + 1)))


def _wrong_total(rows: Rows, header: int) -> None:
    column = next(i for i, cell in enumerate(rows[header]) if _is(cell, "total"))
    row = _present(rows, header)[0]
    total = int(str(row[column]))
    changed = total - 1 if total else 1
    row[column] = str(changed) if isinstance(row[column], str) else changed


def _absent_spellings(rows: Rows, header: int) -> None:
    variant = next(i for i, cell in enumerate(rows[header]) if _is(cell, "variant"))
    spellings = ("Отсутствовал", "ОТСУТствовал", f"отсутствовал{NBSP}")
    absent = [row for row in rows[header + 1 :] if len(row) == variant + 1]
    for row, spelling in zip(absent, spellings, strict=False):
        row[variant] = spelling


def _spacers(rows: Rows, header: int) -> None:
    for row in rows[header:]:
        row[:] = [cell for pair in ((cell, None) for cell in row) for cell in pair]


def _nameless(rows: Rows, header: int) -> None:
    rows[header] += [""] * 12


def _duplicate(rows: Rows, header: int) -> None:
    rows.append(list(_present(rows, header)[0]))


def _no_rows(rows: Rows, header: int) -> None:
    del rows[header + 1 :]


def _odd_headings(rows: Rows, header: int) -> None:
    rows[header] = [
        f" {cell.replace(' ', '  ')}\n" if isinstance(cell, str) else cell for cell in rows[header]
    ]


def _latin_labels(rows: Rows, header: int) -> None:
    rows[header] = [
        re.sub(r"(?<=\d)К(?=\d)", "K", cell) if isinstance(cell, str) else cell
        for cell in rows[header]
    ]


def _numbers(rows: Rows, header: int) -> None:
    for row in rows[header + 1 :]:
        row[:] = [float(cell) if isinstance(cell, str) and cell.isdigit() else cell for cell in row]


def _sheet_change(change: Callable[[list[Sheet]], None]) -> Callable[[Path], Path]:
    def apply(path: Path) -> Path:
        sheets = read_sheets(path)
        change(sheets)
        write_workbook(path, sheets)
        return path

    return apply


def _hidden_sheet(sheets: list[Sheet]) -> None:
    sheets.append(Sheet("Служебный", [["5", "4", "3", "2"]], state="veryHidden"))


def _other_sheet_name(sheets: list[Sheet]) -> None:
    for number, sheet in enumerate(sheets, 1):
        sheet.name = f"Лист{number}"


def _on_xml(change: Callable[[str], str]) -> Callable[[Path], Path]:
    """Change the XML of the first sheet."""

    def apply(path: Path) -> Path:
        parts: dict[str, str | bytes] = dict(workbook_parts(read_sheets(path)))
        name = "xl/worksheets/sheet1.xml"
        parts[name] = change(str(parts[name]))
        write_parts(path, parts)
        return path

    return apply


def _far_cell(xml: str) -> str:
    cell = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    return xml.replace("</sheetData>", cell)


def _many_columns(xml: str) -> str:
    cells = "".join(["<c><v>1</v></c>"] * _MANY_COLUMNS)
    return xml.replace("</sheetData>", f"<row>{cells}</row></sheetData>")


def _lying_dimension(xml: str) -> str:
    return xml.replace("<sheetData>", '<dimension ref="A1:XFD1048576"/><sheetData>', 1)


def _last_cell(replacement: str) -> Callable[[str], str]:
    """Replace the last cell of the longest row, a pupil who wrote the paper."""

    def change(xml: str) -> str:
        row = max(re.findall(r'<row r="(?!1")\d+">.*?</row>', xml), key=len)
        head, _, cell = row.rpartition("<c ")
        reference = cell.split('"')[1]
        return xml.replace(row, f"{head}{replacement.format(reference)}</row>")

    return change


def _zip_bomb(path: Path) -> Path:
    parts: dict[str, str | bytes] = dict(workbook_parts(read_sheets(path)))
    parts["xl/media/filler.bin"] = b"\0" * _BOMB_BYTES
    write_parts(path, parts)
    return path


def _macros(path: Path) -> Path:
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0")
    return path


def _bytes(change: Callable[[bytes], bytes], suffix: str | None = None) -> Callable[[Path], Path]:
    def apply(path: Path) -> Path:
        changed = path.with_suffix(suffix) if suffix else path
        data = change(path.read_bytes())
        if changed != path:
            path.unlink()
        changed.write_bytes(data)
        return changed

    return apply


def _html(data: bytes) -> bytes:
    del data
    return "<html><table><tr><td>Код</td></tr></table></html>".encode("cp1251")


def _recoded(encoding: str) -> Callable[[bytes], bytes]:
    return lambda data: data.decode("cp1251").encode(encoding, errors="replace")


_ENCRYPTED = (
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504 + "EncryptedPackage".encode("utf-16-le")
)
_FORM_ZERO_ROWS = [[*[None] * 8, 0]] * 20


DEFECTS: Mapping[str, Defect] = {
    defect.code: defect
    for defect in (
        # cells of pupils' rows
        Defect("D01", "«не приступал» в разных написаниях", _cells("task", "x", "Х", " х")),
        Defect("D02", "тема не пройдена", _cells("task", "не пройд.")),
        Defect("D03", "отсутствие в разных написаниях", _on_table(_absent_spellings)),
        Defect("D04", "неразрывные пробелы", _cells("mark", f"{{}}{NBSP}", f"{NBSP}{{}}")),
        Defect("D05", "буква класса латиницей и иначе", _cells("class", "a", "7б", "Быстрянка")),
        Defect("D06", "сдвинутые столбцы: пол «4»", _cells("sex", "4")),
        Defect("D07", "нет отметки", _cells("mark", "нет отметки", "н/а", "1")),
        Defect("D08", "невозможные баллы", _cells("task", "-1", "30", "?", "H")),
        Defect("D09", "сумма не равна сумме заданий", _on_table(_wrong_total)),
        Defect("D10", "вариант не из списка", _cells("variant", "Var1", "0", "10")),
        Defect("D11", "числа вместо текста", _on_table(_numbers)),
        Defect("D35", "десятичная запятая", _cells("total", "3,0")),
        Defect("D45", "строка записана дважды", _on_table(_duplicate)),
        Defect("D52", "код сокрытия вместо числа", _cells("total", "SUPP", "<10")),
        # headings and rows around the table
        Defect("D19", "латинская K в номере задания", _on_table(_latin_labels)),
        Defect("D20", "строки над заголовком", _insert("above", ["Результаты ВПР"], [])),
        Defect("D20n", "номера граф под заголовком", _on_table(_column_numbers)),
        Defect("D22", "итоговая строка", _insert("end", ["Всего по муниципалитету", None, 805])),
        Defect("D26", "подвал", _insert("end", ["Исполнитель, тел."])),
        Defect("D28", "пустые столбцы через один", _on_table(_spacers)),
        Defect("D28n", "безымянные столбцы в конце", _on_table(_nameless)),
        Defect("D29", "пустые строки формы с итогом 0", _insert("end", *_FORM_ZERO_ROWS)),
        Defect("D47", "пустая форма вместо результатов", _on_table(_no_rows)),
        Defect("D59", "переводы строк и двойные пробелы", _on_table(_odd_headings)),
        # workbook
        Defect("D30", "формула без значения", _on_xml(_last_cell('<c r="{}"><f>SUM(1)</f></c>'))),
        Defect(
            "D32", "ячейка с ошибкой", _on_xml(_last_cell('<c r="{}" t="e"><v>#DIV/0!</v></c>'))
        ),
        Defect("D38", "другое название листа", _sheet_change(_other_sheet_name)),
        Defect("D39", "скрытый лист", _sheet_change(_hidden_sheet)),
        Defect("D54", "HTML под именем .xls", _bytes(_html, ".xls")),
        Defect("D56", "далёкая ячейка", _on_xml(_far_cell)),
        Defect("D57", "zip-бомба", _zip_bomb),
        Defect("columns", "двадцать тысяч столбцов", _on_xml(_many_columns)),
        Defect("dimension", "ложный размер листа", _on_xml(_lying_dimension)),
        Defect("macros", "макросы", _macros),
        Defect("encrypted", "шифрование", _bytes(lambda _: _ENCRYPTED)),
        Defect("truncated", "обрезанный файл", _bytes(lambda data: data[: len(data) // 2])),
        Defect("empty", "пустой файл", _bytes(lambda _: b"")),
        Defect("extension", "книга под именем .csv", _bytes(lambda data: data, ".csv")),
        # text with semicolons, in cp1251
        Defect("D49", "лишняя точка с запятой", _bytes(lambda d: d.replace(b"\r\n", b";\r\n"))),
        Defect("D50", "обрыв в последней строке", _bytes(lambda data: data[: len(data) * 3 // 4])),
        Defect("D51k", "кодировка koi8-r", _bytes(_recoded("koi8-r"))),
        Defect("D51d", "кодировка cp866", _bytes(_recoded("cp866"))),
        Defect("nul", "нулевой байт", _bytes(lambda data: data[:200] + b"\0" + data[200:])),
    )
}
