"""The quality report: one HTML page that opens without a network.

Belongs here: questions to the build database and the page made of them. Not here: judgements
(`expectations.gate`); figures of schools (marts). The page holds counts, places and reasons,
never a value of a row.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import jinja2

from ingestion.contracts import load_contracts
from warehouse.settings import Settings

FILE_NAME = "quality.html"
_TEMPLATE = Path(__file__).with_name("report.html")
_UTC = ZoneInfo("UTC")
# Beyond these the picture of coverage is no longer readable; schools with most gaps come first.
_COVERAGE_SCHOOLS = 60
_COVERAGE_PAPERS = 240

_STATUSES = {
    "accepted": "приняты",
    "superseded": "заменены более новыми",
    "same_rows": "повторяют принятые строки",
    "refused": "отклонены",
    "held": "задержаны проверкой",
    "conflict": "противоречат друг другу",
    "withdrawn": "отозваны",
}
_TROUBLED = ("refused", "held", "conflict")


def write_report(
    settings: Settings, con: duckdb.DuckDBPyConnection, run_id: str, at: datetime
) -> Path:
    """Write the report of what the build database holds now into the outbox.

    Args:
        settings: the installation.
        con: the build database.
        run_id: the run that is reported.
        at: its time, UTC without zone.

    Returns:
        The file; a reader never sees half of it.
    """
    environment = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

    def local(moment: datetime | None) -> str:
        """A time of the database, which is UTC, as people of the place read it."""
        if moment is None:
            return "—"
        zone = ZoneInfo(settings.time_zone)
        return moment.replace(tzinfo=_UTC).astimezone(zone).strftime("%d.%m.%Y %H:%M")

    environment.filters["local"] = local
    environment.filters["thousands"] = lambda number: f"{number:,}".replace(",", " ")
    page = environment.from_string(_TEMPLATE.read_text(encoding="utf-8")).render(
        municipality=settings.municipality_name,
        run_id=run_id,
        at=at,
        synthetic=_is_synthetic(con),
        statuses=_statuses(con),
        sources=_sources(con),
        troubled=_troubled(con),
        tables=_tables(con),
        failures=_failures(con),
        accepted=_accepted(con),
        coverage=_coverage(con),
        forms=_forms(con),
    )
    path = settings.outbox / FILE_NAME
    draft = path.with_suffix(".part")
    draft.write_text(page, encoding="utf-8")
    draft.replace(path)
    return path


def _rows(
    con: duckdb.DuckDBPyConnection, query: str, parameters: Sequence[Any] = ()
) -> list[dict[str, Any]]:
    cursor = con.execute(query, list(parameters))
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _is_synthetic(con: duckdb.DuckDBPyConnection) -> bool:
    query = "select arg_min(kind, seq) from meta.delivery where status <> 'refused'"
    row = con.execute(query).fetchone()
    return row is not None and row[0] == "synthetic"


def _statuses(con: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Number of deliveries by status, in the order of `_STATUSES`."""
    counts = dict(
        con.execute("select status, count(*) from meta.delivery group by status").fetchall()
    )
    return [
        {"status": status, "title": title, "n": counts[status]}
        for status, title in _STATUSES.items()
        if status in counts
    ]


def _sources(con: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Data rows of read deliveries by table: accepted, rejected, outside the register."""
    titles = {name: contract.title for name, contract in load_contracts().items()}
    rows = _rows(
        con,
        """
        select
            table_name, count(*) as n_deliveries,
            cast(coalesce(sum(rows_accepted), 0) as bigint) as accepted,
            cast(coalesce(sum(rows_rejected), 0) as bigint) as rejected,
            cast(coalesce(sum(rows_outside_register), 0) as bigint) as outside
        from meta.delivery
        where table_name is not null
        group by table_name
        order by table_name
        """,
    )
    for row in rows:
        row["title"] = titles.get(row["table_name"], row["table_name"])
        row["total"] = row["accepted"] + row["rejected"] + row["outside"]
    return rows


def _troubled(con: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Deliveries that somebody has to do something about, newest first."""
    rows = _rows(
        con,
        """
        select delivery_id, original_name, status, reason_code, reason, rows_read, rows_rejected,
            received_at
        from meta.delivery
        where list_contains(?, status)
        order by received_at desc, delivery_id
        limit 500
        """,
        [list(_TROUBLED)],
    )
    for row in rows:
        row["status"] = _STATUSES[row["status"]]
    return rows


_LAST_RESULTS = """
    select result.*
    from meta.check_result as result
    inner join (
        select table_name, arg_max(run_id, checked_at) as run_id
        from meta.check_result group by table_name
    ) as last using (table_name, run_id)
"""


def _tables(con: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Each table: where it stands, since when it waits, how its last check went."""
    found = {
        row["table_name"]: row
        for row in _rows(
            con,
            f"""
            select
                coalesce(state.table_name, checked.table_name) as table_name, state.state,
                coalesce(state.rows_in_force, 0) as n_rows,
                coalesce(state.deliveries_in_force, 0) as n_deliveries,
                state.stands_at, state.stale_since,
                coalesce(checked.passed, 0) as passed, coalesce(checked.warnings, 0) as warnings,
                coalesce(checked.critical, 0) as critical
            from meta.table_state as state
            full join (
                select
                    table_name, count(*) filter (where success) as passed,
                    count(*) filter (where not success and severity = 'warning') as warnings,
                    count(*) filter (where not success and severity = 'critical') as critical
                from ({_LAST_RESULTS}) group by table_name
            ) as checked on checked.table_name = state.table_name
            """,
        )
    }
    empty = {
        "state": None, "n_rows": 0, "n_deliveries": 0, "stands_at": None, "stale_since": None,
        "passed": 0, "warnings": 0, "critical": 0,
    }  # fmt: skip
    return [
        {**empty, **found.get(name, {}), "table_name": name, "title": contract.title}
        for name, contract in load_contracts().items()
    ]


def _failures(con: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    titles = {name: contract.title for name, contract in load_contracts().items()}
    rows = _rows(
        con,
        f"""
        select table_name, title, severity, n_checked, n_failed, detail, checked_at
        from ({_LAST_RESULTS})
        where not success
        order by severity, table_name, check_name
        """,
    )
    for row in rows:
        row["table_title"] = titles.get(row["table_name"], row["table_name"])
    return rows


def _accepted(con: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Deliveries that stand only because a person accepted them."""
    return _rows(
        con,
        """
        select distinct
            delivery_id, delivery.original_name, acceptance.reason, document_no,
            strftime(valid_until, '%d.%m.%Y') as valid_until
        from meta.acceptance_use
        inner join meta.acceptance using (delivery_id)
        left join meta.delivery using (delivery_id)
        where rule_name in ('', check_name)
        order by all
        """,
    )


def _forms(con: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Forms that somebody owes (`meta.coverage`), the newest school year first.

    Forms that all have handed in are left out, except for the newest year.
    """
    return _rows(
        con,
        """
        select
            coverage.school_year, coverage.title, coverage.due_on,
            coverage.owed_by = 'school' as by_schools,
            count(*) as n_owed,
            count(*) filter (where status = 'delivered') as n_delivered,
            count(*) filter (where status in ('refused', 'held', 'conflict')) as n_troubled,
            string_agg(
                case when status not in ('delivered', 'not_due') then school.short_name end,
                ', ' order by school.short_name
            ) as names,
            bool_and(status in ('delivered', 'not_due')) as is_fine
        from meta.coverage as coverage
        left join raw.school as school on school.school_id = coverage.school_id
        group by all
        having not is_fine
            or coverage.school_year = (select max(school_year) from meta.coverage)
        order by coverage.school_year desc, is_fine, coverage.due_on, coverage.title
        """,
    )


def _coverage(con: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """Schools × papers: whether results are in force, where the kind of school has the grade."""
    rows = _rows(
        con,
        """
        with result as (
            select school_id, procedure, cal_year, season, programme_grade, grade_label, subject
            from raw.vpr_pupil
            union
            select school_id, procedure, cal_year, season, programme_grade, grade_label, subject
            from raw.vpr_marks where unit_level = 'school'
            union
            select school_id, 'EGE', cal_year, 'main', 11, 11, subject from raw.ege_result
            union
            select school_id, 'OGE', cal_year, 'main', 9, 9, subject from raw.oge_result
        ),
        paper as (
            select procedure, cal_year, season, programme_grade, subject, max(grade_label) as grade
            from result group by all
            order by cal_year desc, season, procedure, programme_grade, subject
            limit ?
        )
        select
            school.school_id, school.short_name, paper.procedure, paper.cal_year, paper.season,
            paper.programme_grade, paper.subject,
            case
                when exists (
                    select 1 from result
                    where result.school_id = school.school_id
                        and result.procedure = paper.procedure
                        and result.cal_year = paper.cal_year and result.season = paper.season
                        and result.programme_grade is not distinct from paper.programme_grade
                        and result.subject = paper.subject
                ) then 'here'
                when paper.procedure = 'VPR'
                    and school.school_kind not in ('special', 'evening')
                    and (paper.grade <= 4 or school.school_kind <> 'nosh')
                    and (paper.grade <= 9 or school.school_kind <> 'oosh') then 'missing'
                else 'none'
            end as state
        from raw.school as school cross join paper
        where school.closed_on is null or year(school.closed_on) > paper.cal_year
        order by paper.cal_year desc, paper.season, paper.procedure, paper.programme_grade,
            paper.subject
        """,
        [_COVERAGE_PAPERS],
    )
    papers: dict[str, int] = {}
    schools: dict[str, dict[str, Any]] = {}
    for row in rows:
        paper = papers.setdefault(_paper_name(row), len(papers))
        school = schools.setdefault(
            row["school_id"], {"name": row["short_name"], "cells": [], "missing": 0}
        )
        school["missing"] += row["state"] == "missing"
        if row["state"] != "none":
            school["cells"].append({"paper": paper, "state": row["state"]})
    ordered = sorted(schools.values(), key=lambda school: (-school["missing"], school["name"]))
    return {
        "papers": list(papers),
        "schools": ordered[:_COVERAGE_SCHOOLS],
        "n_schools": len(ordered),
    }


def _paper_name(row: dict[str, Any]) -> str:
    if row["procedure"] != "VPR":
        name = {"EGE": "ЕГЭ", "OGE": "ОГЭ"}[row["procedure"]]
        return f"{name} {row['cal_year']}, {row['subject']}"
    season = "осень" if row["season"] == "autumn" else "весна"
    return f"ВПР {row['cal_year']} {season}, {row['programme_grade']} кл., {row['subject']}"
