"""Writes the wide marts of the directions from the catalogue.

Belongs here: the one-way projection `seeds/catalogue` → `dbt_project/models/marts/mart_d*.sql` and
`.yml`. The files are generated and committed, because dbt wants the columns of a contract before it
runs; a test holds them equal to the catalogue. Not here: the SQL behind them
(`dbt_project/macros/direction_mart.sql`).

    python -m orchestration.direction_marts
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from warehouse.settings import DBT_PROJECT, SEEDS

MARTS = DBT_PROJECT / "models" / "marts"
_HEAD = (
    "Generated from seeds/catalogue; do not edit.",
    "Write it anew with: python -m orchestration.direction_marts",
)
_KEY_COLUMNS = (
    ("level", "varchar", "Уровень: school, municipality, register"),
    ("school_id", "varchar", "Школа (пусто выше школы)"),
    ("school_name", "varchar", "Название школы"),
    ("municipality_id", "varchar", "Муниципалитет (пусто для всего реестра)"),
    ("municipality_name", "varchar", "Название муниципалитета"),
    ("school_year", "varchar", "Учебный год"),
)
_TEXT_KINDS = ("enum",)
# entered by the customer; each row has a name of its own
_GIVEN = "given"

Row = Mapping[str, str]


def rendered() -> dict[Path, str]:
    """Every generated file with its text, as the catalogue is today."""
    measures = _seed("measures")
    found: dict[Path, str] = {}
    for direction in _seed("directions"):
        own = [
            row
            for row in measures
            if row["direction_code"] == direction["direction_code"]
            and row["implemented"] == "true"
            and not row["valid_to"]
        ]
        path = MARTS / f"{direction['mart']}.sql"
        found[path] = _sql(direction, own)
        found[path.with_suffix(".yml")] = _yml(direction, own)
    return found


def _seed(name: str) -> list[dict[str, str]]:
    with (SEEDS / "catalogue" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _sql(direction: Row, measures: list[dict[str, str]]) -> str:
    lines = [*(f"-- {line}" for line in _HEAD), "{{", "    direction_mart("]
    lines += [f'        "int_{direction["direction_code"].lower()}_value",', "        ["]
    for row in measures:
        if row["kind"] == _GIVEN:
            continue
        is_text, is_primary = row["kind"] in _TEXT_KINDS, row["is_primary"] == "true"
        lines.append(
            f'            ("{row["measure_code"]}", "{row["name_en"]}", "{row["main_breakdown"]}",'
            f" {is_text}, {is_primary}),"
        )
    lines.append("        ],")
    if given := [f'"{row["measure_code"]}"' for row in measures if row["kind"] == _GIVEN]:
        lines.append(f"        given=[{', '.join(given)}],")
    return "\n".join([*lines, "    )", "}}", ""])


def _yml(direction: Row, measures: list[dict[str, str]]) -> str:
    columns = [*_KEY_COLUMNS]
    given = [row["measure_code"] for row in measures if row["kind"] == _GIVEN]
    for row in measures:
        if row["kind"] != _GIVEN:
            columns += _columns(row)
    if given:
        told = f"Иные показатели ({', '.join(given)}): название, единица: значение; через «;»"
        columns.append(("other_indicators", "varchar", told))
    columns.append(("delivery_ids", "varchar[]", "Поставки, на которых стоят основные меры строки"))
    model: dict[str, Any] = {
        "name": direction["mart"],
        "description": (
            f"Направление {direction['direction_no']}: {direction['name_ru']}. Основные меры — "
            "со всеми сведениями, прочие — значение, численность и статус; остальное в "
            "indicator_value. Зерно: школа, муниципалитет или весь реестр × учебный год"
        ),
        "data_tests": [
            {
                "key_is_unique": {
                    "columns": ["level", "school_year"],
                    "nullable": ["school_id", "municipality_id"],
                }
            }
        ],
        "columns": [
            {"name": name, "data_type": data_type, "description": description}
            for name, data_type, description in columns
        ],
    }
    text = yaml.safe_dump({"models": [model]}, allow_unicode=True, sort_keys=False, width=1000)
    return "".join(f"# {line}\n" for line in _HEAD) + text


def _columns(row: Row) -> Iterator[tuple[str, str, str]]:
    """Columns of one measure in the order in which the macro writes them."""
    name, code = row["name_en"], row["measure_code"]
    is_text = row["kind"] in _TEXT_KINDS
    cut = "" if row["main_breakdown"] == "all" else f", разрез {row['main_breakdown']}"
    unit = f"{row['unit']}{cut}".rstrip(".")
    yield (
        name,
        "varchar" if is_text else "double",
        f"{code}. {row['name_ru']}, {unit}. {row['formula_ru']}",
    )
    title = f"{code}. {row['name_ru']}"
    yield f"{name}_n", "bigint", f"{title}: численность, на которой стоит значение"
    yield f"{name}_status", "varchar", f"{title}: есть ли значение (ok) или почему его нет"
    if row["is_primary"] != "true":
        return
    yield f"{name}_comparability", "varchar", f"{title}: сравнимо ли с другими годами"
    if not is_text:
        yield f"{name}_change", "double", f"{title}: изменение к последнему сравнимому году"
    yield f"{name}_zone", "varchar", f"{title}: зона (red, yellow, green; grey — не оценивается)"


def main() -> None:
    """Write the files."""
    for path, text in rendered().items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
