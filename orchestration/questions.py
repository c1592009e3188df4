"""Questions that people ask the build database from the command line.

Belongs here: read-only SQL and its lines of text. Not here: the summary of a run.
"""

from __future__ import annotations

import duckdb

from expectations.suites import rules_of
from ingestion.contracts import load_contracts

_ROWS_SHOWN = 40
_HOW_TO_CONFIRM = (
    "Верно — впишите название в столбец «Другие названия» реестра школ (msoko template school)"
    " и пришлите реестр. Неверно — попросите отправителя указать код школы."
)
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


def review_schools(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Names by which schools were found without a code, for a person to confirm."""
    rows = connection.execute(
        """
        select coalesce(school_name_given, school_code) as given, resolution.school_id, short_name,
            string_agg(distinct table_name, ', ' order by table_name), sum(n)
        from meta.school_resolution as resolution
        inner join raw.school as school on school.school_id = resolution.school_id
        where school_match = 'name'
        group by all
        order by 2, 1
        """
    ).fetchall()
    if not rows:
        return ["школ, найденных по одному названию, нет"]
    lines = [
        f"«{given}» → {school_id}, {name}: строк {n} ({tables})"
        for given, school_id, name, tables, n in rows
    ]
    return [*lines, "", _HOW_TO_CONFIRM]


class AcceptanceError(Exception):
    """A delivery cannot be accepted; a Russian phrase says why."""


def check_acceptable(connection: duckdb.DuckDBPyConnection, delivery: str, rule: str) -> list[str]:
    """No lines if a delivery is held by rules that a person may accept.

    Args:
        connection: the build database.
        delivery: the delivery.
        rule: name of the rule; empty for all that hold it.

    Raises:
        AcceptanceError: nothing holds it, or something that would break the figures does.
    """
    found = connection.execute(
        "select status = 'held' or exists (select 1 from meta.acceptance_use as used"
        " where used.delivery_id = delivery.delivery_id) from meta.delivery where delivery_id = ?",
        [delivery],
    ).fetchone()
    if found is None:
        raise AcceptanceError(f"поставки {delivery} нет")
    if not found[0]:
        raise AcceptanceError(f"поставка {delivery} не задержана, принимать нечего")
    failed = set(
        connection.execute(
            "select table_name, check_name from meta.check_result as result"
            " where not success and severity <> 'warning' and checked_at = (select max(checked_at)"
            " from meta.check_result where table_name = result.table_name)"
            " and table_name in (select table_name from meta.delivery_part where delivery_id = ?)"
            " and ? in ('', check_name)",
            [delivery, rule],
        ).fetchall()
    )
    if rule and not failed:
        raise AcceptanceError(f"правило {rule} эту поставку не задерживает")
    fixed = sorted(
        item.title
        for table in {table for table, _ in failed}
        for item in rules_of(table, ())
        if (table, item.name) in failed and not item.acceptable
    )
    if fixed:
        raise AcceptanceError(
            "принять можно только сомнительное, а нарушено обязательное: " + "; ".join(fixed)
        )
    return []


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
    return [*lines, *_accepted(connection, delivery)]


def _accepted(connection: duckdb.DuckDBPyConnection, delivery: str) -> list[str]:
    """What a person accepted of a delivery against a check."""
    rows = connection.execute(
        "select distinct reason, document_no, strftime(valid_until, '%d.%m.%Y')"
        " from meta.acceptance inner join meta.acceptance_use using (delivery_id)"
        " where delivery_id = ? and rule_name in ('', check_name) order by all",
        [delivery],
    ).fetchall()
    return [
        f"    принята вопреки проверке до {until}: {reason} (документ {document})"
        for reason, document, until in rows
    ]
