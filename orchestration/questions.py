"""Questions that people ask the build database from the command line.

Belongs here: read-only SQL and its lines of text. Not here: the summary of a run.
"""

from __future__ import annotations

import duckdb

from ingestion.contracts import load_contracts

_ROWS_SHOWN = 40
_STATUS = {
    "accepted": "принята",
    "same_rows": "те же строки",
    "superseded": "заменена",
    "refused": "отказано",
    "held": "задержана",
    "conflict": "спорная",
    "withdrawn": "отозвана",
}


def list_deliveries(
    connection: duckdb.DuckDBPyConnection, everything: bool, refused: bool
) -> list[str]:
    """One line a delivery: id, state, rows, name, reason."""
    where = "status in ('refused', 'conflict', 'held')" if refused else "status <> 'superseded'"
    if everything:
        where = "true"
    rows = connection.execute(
        "select delivery_id, status, coalesce(layout, '—'), coalesce(rows_accepted, 0),"
        " coalesce(rows_rejected, 0), coalesce(rows_outside_register, 0), original_name,"
        f" coalesce(reason, reason_code, '') from meta.delivery where {where} order by seq"
    ).fetchall()
    return [
        f"{delivery}  {_STATUS.get(status, status):<12}  {layout}  принято {accepted}, отклонено {rejected}, "
        f"вне реестра {outside}  {name}" + (f"\n    {reason}" if reason else "")
        for delivery, status, layout, accepted, rejected, outside, name, reason in rows
    ] or ["таких поставок нет"]


def trace_figure(
    connection: duckdb.DuckDBPyConnection, measure: str, school: str, year: str
) -> list[str]:
    """The figure and, for each file it stands on, sheets and ranges of rows of that school."""
    figures = connection.execute(
        "select coalesce(subject, 'все предметы'), coalesce(cast(grade as varchar) || ' класс', 'все классы')"
        " || coalesce(', ' || season, '') || coalesce(', ' || nullif(breakdown, 'all'), ''),"
        " coalesce(value_text, round(value, 4) || ' ' || coalesce(unit, ''), 'нет'),"
        " coalesce('; n = ' || n, '') || coalesce('; ' || status_reason, ''), delivery_ids"
        " from marts.indicator_value"
        " where measure_code = ? and school_id = ? and school_year = ? and level = 'school'"
        " order by subject nulls first, grade nulls first, cal_year, season",
        [measure, school, year],
    ).fetchall()
    if not figures:
        return [
            f"значения {measure} школы {school} за {year} нет; школа — код из реестра, год — 2020/21"
        ]
    lines = []
    deliveries: set[str] = set()
    for subject, grade, value, notes, ids in figures:
        lines.append(f"{measure}: {subject}, {grade}: {value.strip()}{notes}")
        deliveries.update(ids or ())
    lines.append(f"стоит на поставках: {len(deliveries)}")
    yardstick = connection.execute(
        "select len(delivery_ids) from marts.indicator_reference"
        " where measure_code = ? and school_year = ? and season is null",
        [measure, year],
    ).fetchone()
    if yardstick:
        lines.append(
            f"и на эталоне всех школ: поставок {yardstick[0]}, их называет marts.indicator_reference"
        )
    for delivery in sorted(deliveries):
        lines += _places(connection, delivery, school)
    return lines


def _places(connection: duckdb.DuckDBPyConnection, delivery: str, school: str) -> list[str]:
    found = connection.execute(
        "select original_name, coalesce(layout, '—'), status from meta.delivery"
        " where delivery_id = ?",
        [delivery],
    ).fetchone()
    lines = [f"  {delivery}"]
    if found:
        lines[0] += f"  {found[0]}  ({found[1]}, {_STATUS.get(found[2], found[2])})"
    for contract in load_contracts().values():
        of_school = "and school_id = ?" if contract.school or contract.table == "school" else ""
        rows = connection.execute(
            f"select sheet, min(row_no), max(row_no), count(*) from raw.{contract.table}"
            f" where delivery_id = ? {of_school} group by sheet order by sheet",
            [delivery, school] if of_school else [delivery],
        ).fetchall()
        lines += [
            f"    {contract.table}: лист «{sheet}», строки {first}–{last}, всего {count}"
            for sheet, first, last, count in rows[:_ROWS_SHOWN]
        ]
    return lines
