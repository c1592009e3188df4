"""Writes the data dictionary for people: `docs/dictionary.md`.

Belongs here: the one-way projection of the catalogue, the contracts and the descriptions of the
marts → one page in Russian. The file is generated and committed; a test holds it equal to what it
is made from. Not here: schema `meta` of a release (`orchestration.publication`).

    python -m orchestration.dictionary
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml

from ingestion.contracts import load_contracts
from warehouse.settings import DBT_PROJECT, PROJECT, SEEDS

PATH = PROJECT / "docs" / "dictionary.md"
_HEAD = """\
<!-- Generated from seeds/catalogue, models/marts and ingestion/contracts; do not edit.
Write it anew with: python -m orchestration.dictionary -->
# Словарь данных

Что значит каждая витрина, каждый столбец и каждая мера, по какой формуле она рассчитана и на каких \
источниках стоит. То же самое, столбец за столбцом, лежит в выпуске: `meta.column`, \
`marts.dim_measure`, `marts.dim_indicator`.
"""
_AUDIENCE = {"municipal": "управление", "school": "школа", "open": "все"}
_MEASURES = ("Код", "Мера", "Формула", "Единица", "Зерно", "Источники", "Кому значение школы")


def render() -> str:
    """Text of the page as the product is today."""
    return "\n".join([_HEAD, *_catalogue(), *_sources(), *_marts()])


def _seed(name: str) -> list[dict[str, str]]:
    with (SEEDS / "catalogue" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if not row["valid_to"]]


def _catalogue() -> Iterator[str]:
    indicators, measures, norms = _seed("indicators"), _seed("measures"), _seed("norms")
    for direction in _seed("directions"):
        code = direction["direction_code"]
        yield f"## {code}. {direction['name_ru']} (`{direction['mart']}`)\n"
        for indicator in indicators:
            if indicator["direction_code"] != code:
                continue
            yield f"### {indicator['indicator_code']} {indicator['name_ru']}\n"
            yield f"Приказ, строка {indicator['order_row']}: «{indicator['order_quote']}»\n"
            own = [m for m in measures if m["indicator_code"] == indicator["indicator_code"]]
            yield from _table(_MEASURES, [_measure(row) for row in own])
            codes = {row["measure_code"] for row in own}
            yield from (
                f"Норма {norm['measure_code']}: {norm['name_ru']} ({norm['basis']}).\n"
                for norm in norms
                if norm["measure_code"] in codes
            )


def _measure(row: Mapping[str, str]) -> tuple[str, ...]:
    name = f"**{row['name_ru']}**" if row["is_primary"] == "true" else row["name_ru"]
    return (
        row["measure_code"],
        f"{name}, `{row['name_en']}`",
        row["formula_ru"],
        row["unit"],
        row["grain"],
        row["sources"].replace(",", ", ") or "другие меры",
        _AUDIENCE[row["audience"]],
    )


def _sources() -> Iterator[str]:
    yield "## Источники\n"
    contracts = sorted(load_contracts().values(), key=lambda each: (each.source, each.table))
    rows = [(each.source, f"`{each.table}`", each.title, each.producer) for each in contracts]
    yield from _table(("Код", "Таблица", "Что в ней", "Кто даёт"), rows)


def _marts() -> Iterator[str]:
    yield "## Витрины\n"
    for model in sorted(_models(), key=lambda each: str(each["name"])):
        yield f"### `{model['name']}`\n"
        yield f"{model['description']}\n"
        rows = [(f"`{c['name']}`", c["data_type"], c["description"]) for c in model["columns"]]
        yield from _table(("Столбец", "Тип", "Что в нём"), rows)


def _models() -> Iterator[Mapping[str, Any]]:
    for path in sorted((DBT_PROJECT / "models" / "marts").rglob("*.yml")):
        document = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
        yield from (model for model in document.get("models", ()) if model.get("columns"))


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(header)} |"
    yield f"|{'---|' * len(header)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', '/') for cell in row)} |"
    yield ""


def main() -> None:
    """Write the page."""
    PATH.write_text(render(), encoding="utf-8")


if __name__ == "__main__":
    main()
