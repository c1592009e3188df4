"""The matrix as a page for people: `docs/defect_matrix.md`.

Belongs here: totals and tables. Not here: what was run (`matrix`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from ingestion.reasons import FILE_CODES, ROW_CODES
from tests.defects.cells import CAUGHT, MISSED, NOT_APPLICABLE, Cell
from tests.defects.clean import Clean
from tests.defects.operator import MUST, SHOULD, Operator

# What a layout is recognised by and about; refusals of the bytes come before that.
_OF_LAYOUT = frozenset(
    {"UNKNOWN_LAYOUT", "ENVELOPE_MISSING", "TITLE_MISSING", "ENVELOPE_CONTRADICTION",
     "EMPTY_TEMPLATE", "NO_DATA_ROWS", "TEMPLATE_VERSION", "FORM_CHANGED", "EXTRA_PERSONAL_DATA",
     "TOO_MANY_REJECTED", "TOO_MANY_PARTS", "RESTRICTED_ROWS"}
)  # fmt: skip
# Defects of the census that the matrix has no operator for, and why.
WITHOUT = {
    "D10": "вариант не из списка — не ошибка: у работ для детей с ОВЗ свои номера; хранится, как "
    "записан (проверяется в tests/unit/ingestion/test_defects.py)",
    "D12": "коды с потерянным форматом `000000` — особенность чтения чисел; проверяется там же",
    "D14": "разные префиксы логинов — разные организации; проверяется там же",
    "D15": "сопоставление школ по названию решает человек (`msoko review schools`); в матрице D16, "
    "D17, D53",
    "D21": "год на листе переписан неверно: см. B13 (места противоречат друг другу) и S01",
    "D24": "строки подытогов с муниципалитетом — раскладка `fill_down`, проверяется там же",
    "D25": "строки-разделители Ф1 есть в чистых файлах города (раскладка vpr_f1)",
    "D27": "несколько таблиц на листе есть в чистых файлах города (ege_compact)",
    "D31": "формула по неверному диапазону: значение в ячейке есть, и ошибка видна только по суммам "
    "(G03, G04, D09)",
    "D36": "балл одного участника — не ошибка файла, а вопрос раскрытия малых чисел",
    "D40": "места и номера заданий по предметам и годам есть в чистых файлах города",
    "D41": "класс программы и класс обучения расходятся осенью; есть в чистых файлах 2020 года",
    "D43": "экзамен в два дня есть в чистых файлах города (ege_language)",
    "D44": "изменение балла после апелляции есть в чистых файлах города (exam_change)",
    "D55": "настоящий .xls: пишет только Excel; проверяется в test_formats.py",
    "D58": "ключи с чертой и пустыми частями; проверяется в test_defects.py",
    "D60": "написания муниципалитетов в отчётах; проверяется в test_defects.py",
    "D61": "имена и документы внутри файла результатов: протоколы города их держат; во всех "
    "сообщениях матрицы ищутся имена испорченных строк",
    "D62": "код территории справочника не хранится: муниципалитет школы даёт реестр",
    "D63": "DBF не принимается: WRONG_EXTENSION или NOT_XLSX",
    "доля высоких отметок": "это находка анализа (показатели объективности), а не ошибка файла",
    "ОГЭ: прошедших больше, чем допущенных": "списка допущенных никто не присылает",
}


def place_of(cell: Cell) -> str:
    """Where a caught defect was caught."""
    found = cell.found
    if found is None:
        return "не найдено"
    if found.kind == "file":
        return "раскладка" if found.code in _OF_LAYOUT else "предпроверка"
    return {
        "row": "чтение строк", "gate": f"проверка: {_severity(found.severity)}",
        "outside": "реестр школ", "same": "прочитано верно", "blank": "прочитано верно (пусто)",
    }[found.kind]  # fmt: skip


def _severity(severity: str) -> str:
    return "критично" if severity == "critical" else "предупреждение"


def totals(operators: Sequence[Operator], cells: Sequence[Cell]) -> dict[str, tuple[int, int]]:
    """must and should: caught of applicable."""
    level = {operator.code: operator.level for operator in operators}
    applicable = Counter(level[c.operator] for c in cells if c.verdict != NOT_APPLICABLE)
    caught = Counter(level[c.operator] for c in cells if c.verdict == CAUGHT)
    return {name: (caught[name], applicable[name]) for name in (MUST, SHOULD)}


def _share(caught: int, of: int) -> str:
    return f"{caught} из {of} ({100 * caught / of:.2f} %)" if of else "—"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _row(operator: Operator, cells: Sequence[Cell]) -> str:
    own = [cell for cell in cells if cell.verdict != NOT_APPLICABLE]
    caught = [cell for cell in own if cell.verdict == CAUGHT]
    places = Counter(place_of(cell) for cell in caught)
    codes = Counter(cell.found.code for cell in caught if cell.found and cell.found.code)
    example = next((cell.found.message for cell in caught if cell.found), "")
    return "| " + " | ".join(
        _cell(text) for text in (
            operator.code, operator.title, operator.level, str(len({c.layout for c in own})),
            f"{len(caught)}/{len(own)}", ", ".join(place for place, _ in places.most_common(3)),
            ", ".join(f"`{code}`" for code, _ in codes.most_common(3)), _shown(example),
        )
    ) + " |"  # fmt: skip


def _shown(message: str) -> str:
    return message if len(message) <= 260 else f"{message[:257]}…"


def _misses(cells: Sequence[Cell]) -> list[str]:
    missed: dict[tuple[str, str, str], int] = Counter(
        (c.operator, c.layout, c.why) for c in cells if c.verdict == MISSED
    )
    return [
        f"| {operator} | {layout} | {n} | {_cell(why[:300])} |"
        for (operator, layout, why), n in sorted(missed.items())
    ]


def page(
    operators: Sequence[Operator],
    cells: Sequence[Cell],
    cleans: Sequence[Clean],
    *,
    seeds: int,
    layouts: Sequence[str],
    minutes: float,
    job: str = "",
) -> str:
    """The whole page."""  # fmt: skip
    by_code: dict[str, list[Cell]] = defaultdict(list)
    for cell in cells:
        by_code[cell.operator].append(cell)
    known = totals(operators, cells)
    papers = sum(one.papers for one in cleans)
    critical = sum(len(one.critical) for one in cleans)
    warnings = [(w[0], w[1]) for one in cleans for w in one.warnings]
    groups = sum(w[2] for one in cleans for w in one.warnings)
    of_table = {c.layout for c in cells}
    lines = [
        "# Матрица дефектов: что ловится, где и что видит отправитель",
        "",
        (
            "Написана командой `make defects` (`python -m tests.defects`); не правьте. Дефект вносится в "
            "чистый файл небольшого города; засчитано, если его нашла та проверка, которая должна, а "
            "сообщение называет место и что делать, по-русски и без значений. «Прочитано верно» — после "
            "чтения те же строки, что из чистого файла."
        ),
        "",
        (
            f"- видов дефектов: {len(operators)}; раскладок и форм: {len(of_table)}; "
            f"семян на клетку: {seeds}; клеток: {sum(c.verdict != NOT_APPLICABLE for c in cells)}; "
            f"минут: {minutes:.0f}"
        ),
        f"- **must: {_share(*known[MUST])}**",
        f"- **should: {_share(*known[SHOULD])}**",
        (
            f"- чистых городов: {len(cleans)}, школо-работ в них {papers}: критических тревог "
            f"{critical}; предупреждений {len(warnings)} (задетых групп и строк {groups}), на 1000 "
            f"школо-работ {1000 * len(warnings) / papers if papers else 0:.2f} "
            f"({1000 * groups / papers if papers else 0:.2f})"
        ),
    ]
    if layouts:
        lines.append(f"- раскладки, для которых у города нет файлов: {', '.join(layouts)}")
    lines += ["", job] if job else []
    head = "| код | дефект | уровень | раскладок | найдено | где | код проверки | что видит отправитель |"
    for group in dict.fromkeys(operator.group for operator in operators):
        lines += ["", f"## {group.capitalize()}", "", head, "|---|---|---|---:|---:|---|---|---|"]
        lines += [_row(o, by_code[o.code]) for o in operators if o.group == group]
    lines += ["", "## Не найденное", ""]
    misses = _misses(cells)
    table = ["| дефект | раскладка | клеток | почему |", "|---|---|---:|---|"]
    lines += [*table, *misses] if misses else ["Ничего."]
    lines += ["", "## Тревоги на чистых городах", ""]
    alarms = Counter(warnings) + Counter((c[0], c[1]) for one in cleans for c in one.critical)
    lines += [f"- {table} `{rule}`: {n}" for (table, rule), n in alarms.most_common()] or ["Нет."]
    lines += ["", "## Чего в матрице нет", ""]
    lines += [f"- {code}: {why}" for code, why in WITHOUT.items()]
    assert FILE_CODES.isdisjoint(ROW_CODES)
    return "\n".join(lines) + "\n"
