"""Which schools a delivery comes from: for its reply and for the calendar of what is owed.

Belongs here: what a delivery says of its school (its envelope, its parts, its folder) and the
schools of the register that this means. Not here: how a code or a name is resolved (`identity`),
mailboxes (`reply.outbox`), due dates (`coverage`).
"""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

from ingestion.contracts import Contract, load_contracts
from ingestion.identity import Register


def is_of_schools(contract: Contract) -> bool:
    """Whether a file of the table is about single schools, each of which sends its own."""
    return any(_first_part(layout.spec) == "school_code" for layout in contract.layouts)


def note_schools(con: duckdb.DuckDBPyConnection) -> None:
    """Write temp table `_delivery_school`, one row for each delivery × school × school year.

    The sender that a delivery names goes before the schools of its parts; only where it says
    neither, its folder of the inbox counts. A school year of NULL stands for any.
    """
    of_others = [
        contract.table
        for contract in load_contracts().values()
        if any(_is_of_others(layout.spec) for layout in contract.layouts)
    ]
    con.execute(
        r"""
        create or replace temp table _school_said as
        with said as (
            select delivery_id, 1 as rank, sender as said, school_year
            from meta.delivery
            where sender is not null
            union all
            select
                part.delivery_id, 2, split_part(part.logical_key, '|', 2),
                coalesce(
                    nullif(regexp_extract(part.logical_key, '\|(20\d\d/\d\d)(?:\||$)', 1), ''),
                    delivery.school_year
                )
            from meta.delivery_part as part
            inner join meta.delivery as delivery on delivery.delivery_id = part.delivery_id
            where not list_contains($of_others, part.table_name)
            union all
            select
                delivery_id, 3, replace(split_part(original_name, '/', 1), '_', ' '), school_year
            from meta.delivery
            where contains(original_name, '/')
        )
        select distinct * from said where said not in ('', '*')
        """,
        {"of_others": of_others},
    )
    con.execute(
        "create or replace temp table _school_given as select distinct said as school_code,"
        " cast(null as varchar) as school_name_given from _school_said"
    )
    Register(con, "raw.school").resolve("")
    con.execute(
        """
        create or replace temp table _delivery_school as
        select distinct delivery_id, school_id, school_year
        from _school_said
        inner join _school_found on _school_found.school_code = _school_said.said
        qualify rank = min(rank) over (partition by delivery_id)
        """
    )


def schools_of(con: duckdb.DuckDBPyConnection) -> Mapping[str, str]:
    """Delivery → the one school that it comes from; call `note_schools` before."""
    return dict(
        con.execute(
            "select delivery_id, min(school_id) from _delivery_school group by delivery_id"
            " having count(distinct school_id) = 1"
        ).fetchall()
    )


def _first_part(spec: Mapping[str, object]) -> object:
    names = spec.get("part_by")
    return names[0] if isinstance(names, list) and names else names


def _is_of_others(spec: Mapping[str, object]) -> bool:
    """Whether the first value that tells the parts of such files apart is no school."""
    first = _first_part(spec)
    return first is not None and first != "school_code"
