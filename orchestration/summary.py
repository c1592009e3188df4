"""What a run did, in words: for the terminal and for the run's page.

Belongs here: Russian text from schema `meta`. Names of files and reasons, never values of cells.
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb

from orchestration.standing import held_tables, warehouse_kind
from warehouse.release import current_release
from warehouse.settings import Settings

_SHOWN = 20
_WARNINGS_SHOWN = 5
_STATUS = {
    "accepted": "принято",
    "same_rows": "те же строки, что уже есть",
    "superseded": "заменено более новыми",
    "refused": "отказано",
    "held": "задержано проверкой",
    "conflict": "спорных",
    "withdrawn": "отозвано ранее",
}


def summarise(connection: duckdb.DuckDBPyConnection, settings: Settings, since_seq: int) -> str:
    """The summary of what came after the journal's line `since_seq` and of what stands now."""
    lines = [
        *_arrivals(connection, since_seq),
        *_refusals(connection, since_seq),
        *_unknown_schools(connection, since_seq),
        *_held(connection),
        *_warnings(connection),
        *_accepted(connection),
        *_published(connection, settings),
    ]
    return "\n".join(lines)


def _arrivals(connection: duckdb.DuckDBPyConnection, since_seq: int) -> list[str]:
    rows = connection.execute(
        "select status, count(*), coalesce(sum(rows_accepted), 0), coalesce(sum(rows_rejected), 0),"
        " coalesce(sum(rows_outside_register), 0)"
        " from meta.delivery where seq > ? group by 1 order by 2 desc",
        [since_seq],
    ).fetchall()
    if not rows:
        return ["Новых поставок не было."]
    lines = [f"Пришло файлов: {sum(row[1] for row in rows)}"]
    for status, files, accepted, rejected, outside in rows:
        detail = f"строк принято {accepted}, отклонено {rejected}"
        if outside:
            detail += f", школ вне реестра: строк {outside}"
        word = _STATUS.get(status, status)
        lines.append(f"  {word}: {files}" + ("" if status == "refused" else f" ({detail})"))
    return lines


def _refusals(connection: duckdb.DuckDBPyConnection, since_seq: int) -> list[str]:
    rows = connection.execute(
        "select original_name, coalesce(reason, reason_code, '') from meta.delivery"
        " where seq > ? and status in ('refused', 'conflict', 'held', 'withdrawn')"
        " order by status = 'held', seq",
        [since_seq],
    ).fetchall()
    if not rows:
        return []
    lines = ["Что не принято и почему:"]
    lines += [f"  {name}: {reason or 'задержано проверкой'}" for name, reason in rows[:_SHOWN]]
    if len(rows) > _SHOWN:
        lines.append(f"  … и ещё {len(rows) - _SHOWN}: msoko deliveries --refused")
    return lines


def _unknown_schools(connection: duckdb.DuckDBPyConnection, since_seq: int) -> list[str]:
    rows = connection.execute(
        "select coalesce(school_code, school_name_given, 'без кода и названия'), sum(n)"
        " from meta.school_resolution"
        " inner join meta.delivery using (delivery_id)"
        " where school_id is null and status in ('accepted', 'held') and seq > ?"
        " group by 1 order by 2 desc, 1",
        [since_seq],
    ).fetchall()
    if not rows:
        return []
    lines = ["Школы вне реестра (внесите их в реестр, файлы присылать заново не нужно):"]
    lines += [f"  {school}: строк {n}" for school, n in rows[:_SHOWN]]
    if len(rows) > _SHOWN:
        lines.append(f"  … и ещё {len(rows) - _SHOWN}")
    return lines


def _held(connection: duckdb.DuckDBPyConnection) -> list[str]:
    return [f"Таблица {table}" for table in held_tables(connection)]


def _warnings(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Rules that only warn, as they were judged last."""
    rows = connection.execute(
        """
        select table_name, title, n_failed
        from meta.check_result as result
        where not success and severity = 'warning' and checked_at = (
            select max(checked_at) from meta.check_result where table_name = result.table_name
        )
        order by n_failed desc, table_name, title
        """
    ).fetchall()
    if not rows:
        return []
    lines = [f"Предупреждений проверки: {len(rows)} (подробно — в отчёте о качестве)"]
    lines += [f"  {table}: {title}: нарушений {n}" for table, title, n in rows[:_WARNINGS_SHOWN]]
    if len(rows) > _WARNINGS_SHOWN:
        lines.append(f"  … и ещё {len(rows) - _WARNINGS_SHOWN}")
    return lines


def _accepted(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Deliveries that stand only because a person accepted them."""
    rows = connection.execute(
        "select distinct delivery_id, strftime(valid_until, '%d.%m.%Y'), reason, document_no"
        " from meta.acceptance_use inner join meta.acceptance using (delivery_id)"
        " where rule_name in ('', check_name) order by all"
    ).fetchall()
    return [
        f"Принята вопреки проверке до {until}: поставка {delivery}: {reason} (документ {document})"
        for delivery, until, reason, document in rows
    ]


def _published(connection: duckdb.DuckDBPyConnection, settings: Settings) -> list[str]:
    release = current_release(settings)
    if release is None:
        return ["Выпуска ещё нет."]
    marts = {name: rows for name, rows in release.tables.items() if name.startswith("marts.")}
    lines = [
        f"Выпуск {release.release_id}: витрин {len(marts)}, строк {sum(marts.values())}",
        f"  открыть: {Path(sys.executable).parent / 'duckdb'} -readonly {settings.published}",
    ]
    if warehouse_kind(connection) == "synthetic":
        lines.append("  ВНИМАНИЕ: данные вымышленные; настоящие файлы — после msoko reset")
    report = settings.current / "quality.html"
    if report.exists():
        lines.append(f"  отчёт о качестве: {report}")
    return lines
