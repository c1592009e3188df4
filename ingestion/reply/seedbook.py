"""Reference seeds as a workbook, and the workbook back into seeds.

Belongs here: one sheet a seed with the values of today, the check of what comes back, the CSV
files. Not here: what the facts mean (`dbt_project`, `ingestion.reference`).
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xlsxwriter
import yaml

from ingestion.contracts.form import HELP_SHEET
from ingestion.read.formats import read_sheets
from ingestion.read.model import Cell
from ingestion.read.precheck import precheck
from ingestion.read.words import cell_text, fold
from warehouse.settings import SEEDS

SOURCE = "S40"
FOLDER = SEEDS / "reference"
CONFIDENCE = ("official_text", "secondary", "code_in_public_repo", "inferred_from_data", "memory")
_NOT_OFFERED = frozenset({"t_quantile"})  # mathematics, nobody replaces it
_TOLD = ("source", "confidence")  # no fact without them
_TECHNICAL_ROW, _FIRST_ROW = 2, 3
_MOST_SHOWN = 50
_RULES = (
    (
        "Каждый лист — один справочник, в нём — действующие значения. Строки можно исправлять, "
        "добавлять и удалять; лист заменяет справочник целиком. Ненужные листы можно удалить."
    ),
    (
        "Две первые строки не меняйте. «Источник» (документ, страница) и «Уверенность» заполняются "
        f"в каждой строке; уверенность — одно из: {', '.join(CONFIDENCE)}. Для значения из "
        "официального документа — official_text."
    ),
    (
        "Верните книгу командой msoko reference import ФАЙЛ: она проверит все листы и заменит "
        "справочники; показатели пересчитает следующий «msoko refresh»."
    ),
)
_TITLES: Mapping[str, str] = {
    "breakdown": "Разрез", "cal_year": "Год", "code": "Код", "column_code": "Графа",
    "confidence": "Уверенность", "cut3": "Балл для «3»", "cut4": "Балл для «4»",
    "cut5": "Балл для «5»", "data_check": "Проверено данными", "date_from": "С", "date_to": "По",
    "edition": "Редакция", "ege_number": "Номер ЕГЭ", "extra_condition": "Доп. условие",
    "form": "Форма", "grade": "Класс", "grade_label": "Класс", "held": "Проводилась",
    "kes_codes": "Коды КЭС", "kim_no": "Номер в КИМ", "kind": "Вид порога",
    "kt_codes": "Коды КТ", "level": "Уровень", "max_primary": "Наибольший первичный балл",
    "max_score": "Наибольший балл", "measure": "Показатель", "n": "Число участников",
    "name_ru": "Название", "note": "Примечание", "oge_number": "Номер ОГЭ",
    "procedure": "Процедура", "profile": "Профиль", "profile_min": "Балл для профиля",
    "profile_name_ru": "Название профиля", "programme_grade": "Класс программы",
    "reason_ru": "Причина", "row_code": "Строка", "school_year": "Учебный год",
    "season": "Сезон", "section": "Раздел", "selection": "Кто писал", "source": "Источник",
    "specialty_group": "Группа специальностей", "specialty_group_name_ru": "Название группы",
    "spellings": "Написания", "subject": "Предмет", "task_no": "Номер задания",
    "territory": "Территория", "unit": "Единица", "value": "Значение", "variable": "Величина",
    "vpr_abbr": "Сокращение ВПР",
}  # fmt: skip


@dataclass(frozen=True)
class Seed:
    """One reference seed: its columns with their types and the columns of its key."""

    name: str
    description: str
    columns: Mapping[str, str]
    key: tuple[str, ...]

    def path(self, folder: Path) -> Path:
        """Its CSV file."""
        return folder / f"{self.name}.csv"


class SeedBookError(Exception):
    """The workbook cannot replace the seeds; `problems` are sentences that name the places."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = tuple(problems)


def seeds(folder: Path = FOLDER) -> list[Seed]:
    """Seeds that can be replaced, in alphabetical order."""
    found = []
    for document in sorted(folder.glob("_*.yml")):
        for item in yaml.safe_load(document.read_text(encoding="utf-8"))["seeds"]:
            if item["name"] in _NOT_OFFERED:
                continue
            tests = [test for test in item.get("data_tests", ()) if isinstance(test, dict)]
            keys = [test["key_is_unique"] for test in tests if "key_is_unique" in test]
            key = [*keys[0]["columns"], *keys[0].get("nullable", ())] if keys else []
            types = item["config"]["column_types"]
            found.append(Seed(item["name"], item["description"], types, tuple(key)))
    return sorted(found, key=lambda seed: seed.name)


def write_seed_book(path: Path, folder: Path = FOLDER) -> None:
    """Write all seeds with their values of today.

    Raises:
        OSError: the file cannot be written.
    """
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        heading = book.add_format({"bold": True, "bg_color": "#FFD966", "border": 1})
        technical = book.add_format({"font_color": "#7F7F7F", "italic": True})
        text = book.add_format({"num_format": "@", "locked": False})
        number = book.add_format({"locked": False})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        help_sheet = book.add_worksheet(HELP_SHEET)
        help_sheet.set_column(0, 0, 24)
        help_sheet.set_column(1, 1, 110, wrapped)
        for row, rule in enumerate(_RULES):
            help_sheet.write_string(row, 1, rule)
        for row, seed in enumerate(seeds(folder), start=len(_RULES) + 1):
            help_sheet.write_string(row, 0, seed.name)
            help_sheet.write_string(row, 1, seed.description)
            sheet = book.add_worksheet(seed.name)
            for column, (name, kind) in enumerate(seed.columns.items()):
                is_text = kind in ("varchar", "boolean")
                sheet.set_column(column, column, 16, text if is_text else number)
                sheet.write_string(0, column, _TITLES.get(name, name), heading)
                sheet.write_string(1, column, name, technical)
            for line, values in enumerate(_rows(seed.path(folder)), start=_TECHNICAL_ROW):
                for column, (name, kind) in enumerate(seed.columns.items()):
                    value = values[name]
                    if value and kind in ("integer", "double"):
                        sheet.write_number(line, column, float(value))
                    elif value:
                        sheet.write_string(line, column, value)
            if "confidence" in seed.columns:
                column = list(seed.columns).index("confidence")
                listed = {"validate": "list", "source": list(CONFIDENCE)}
                sheet.data_validation(_TECHNICAL_ROW, column, 5_000, column, listed)
            sheet.freeze_panes(_TECHNICAL_ROW, 0)
            sheet.protect(
                "",
                {"sort": True, "insert_rows": True, "delete_rows": True, "format_columns": True},
            )


def import_seed_book(data: bytes, name: str, folder: Path = FOLDER) -> dict[str, tuple[int, int]]:
    """Replace the seeds that a filled-in workbook changes; nothing is replaced if a row is wrong.

    Call it under the warehouse's lock: a run must not see half of the change.

    Args:
        data: the workbook.
        name: its file name.
        folder: where the seeds lie.

    Returns:
        Name of each changed seed → rows before and now.

    Raises:
        Refusal: the file is not a workbook that can be opened safely.
        SeedBookError: what is wrong in it.
    """
    known = {seed.name: seed for seed in seeds(folder)}
    problems: list[str] = []
    given: dict[str, list[dict[str, str]]] = {}
    for sheet in read_sheets(data, precheck(data, name)):
        if sheet.name in known:
            given[sheet.name] = _check(known[sheet.name], sheet.rows, problems)
        elif sheet.visible and sheet.name != HELP_SHEET:
            problems.append(f"лист «{sheet.name}»: такого справочника нет")
    if not given and not problems:
        problems.append("в книге нет ни одного листа со справочником")
    if problems:
        more = len(problems) - _MOST_SHOWN
        shown = problems[:_MOST_SHOWN] + ([f"… и ещё {more}"] if more > 0 else [])
        raise SeedBookError(shown)
    changed = {}
    for seed_name, rows in given.items():
        seed = known[seed_name]
        before = [
            {name: _text(row[name], kind) or "" for name, kind in seed.columns.items()}
            for row in _rows(seed.path(folder))
        ]
        if rows != before:
            _write(seed.path(folder), list(seed.columns), rows)
            changed[seed_name] = (len(before), len(rows))
    return changed


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _check(seed: Seed, rows: Sequence[Sequence[Cell]], problems: list[str]) -> list[dict[str, str]]:
    """Rows of a sheet as texts of a CSV; adds what is wrong to `problems`."""
    where = f"лист «{seed.name}»"
    names = [fold(cell_text(cell)) for cell in rows[1]] if len(rows) > 1 else []
    if [name for name in names if name] != list(seed.columns):
        problems.append(f"{where}: вторая строка изменена, ожидались {', '.join(seed.columns)}")
        return []
    found: list[dict[str, str]] = []
    seen: dict[tuple[str, ...], int] = {}
    for number, row in enumerate(rows[_TECHNICAL_ROW:], start=_FIRST_ROW):
        cells = dict(zip(names, [*row, *[""] * len(names)], strict=False))
        if not any(fold(cell_text(cell)) for cell in cells.values()):
            continue
        values = {}
        for name, kind in seed.columns.items():
            value = _text(cells[name], kind)
            if value is None:
                problems.append(f"{where}, строка {number}, «{name}»: {_WANTED[kind]}")
            elif not value and name in (*_TOLD, *seed.key[:1]):
                problems.append(f"{where}, строка {number}, «{name}»: не заполнено")
            elif name == "confidence" and value not in CONFIDENCE:
                problems.append(f"{where}, строка {number}, «{name}»: не из списка")
            values[name] = value or ""
        key = tuple(values[name] for name in seed.key or seed.columns)
        if key in seen:
            problems.append(f"{where}, строка {number}: повторяет строку {seen[key]}")
        seen.setdefault(key, number)
        found.append(values)
    if not found:
        problems.append(f"{where}: нет ни одной строки")
    return found


_WANTED = {
    "integer": "нужно целое число",
    "double": "нужно число",
    "boolean": "нужно true или false",
}


def _text(cell: Cell, kind: str) -> str | None:
    """A cell as the text of a CSV, None if it is not of that type."""
    text = fold(cell_text(cell))
    if kind == "boolean" and text:
        return {"true": "true", "false": "false", "истина": "true", "ложь": "false"}.get(
            text.casefold()
        )
    if kind not in ("integer", "double") or not text:
        return text
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        return None
    if kind == "integer":
        return str(int(value)) if value.is_integer() else None
    return f"{value:.15g}"


def _write(path: Path, columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    temporary = path.with_name(f".{path.name}.tmp")
    with temporary.open("w", encoding="utf-8", newline="") as file:
        file.write(stream.getvalue())
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
