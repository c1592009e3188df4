"""Held deliveries that a person accepts for a time: what they let pass, and when that ends.

Belongs here: questions to `meta.acceptance`, the record of which acceptance is in use. Not here:
how a person's word gets into the journal (`ingestion.receive.accept`), the judgement itself
(`expectations.gate`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

import duckdb


@dataclass(frozen=True)
class Acceptance:
    """A person's word that a delivery may stand although a rule fails.

    Attributes:
        delivery_id: the delivery.
        rule: name of the rule; empty for all that may be accepted.
        valid_until: last day.
        reason, document: why, and on which document it rests.
    """

    delivery_id: str
    rule: str
    valid_until: date
    reason: str
    document: str


def acceptances(con: duckdb.DuckDBPyConnection, today: date) -> list[Acceptance]:
    """Those in force on a day."""
    rows = con.execute(
        "select delivery_id, rule_name, valid_until, reason, document_no from meta.acceptance "
        "where valid_until >= ? order by all",
        [today],
    ).fetchall()
    return [Acceptance(*row) for row in rows]


def covering(
    known: Iterable[Acceptance], rule: str, deliveries: Collection[str]
) -> dict[str, Acceptance]:
    """Of the deliveries of a failure those that a person has accepted."""
    return {
        acceptance.delivery_id: acceptance
        for acceptance in known
        if acceptance.delivery_id in deliveries and acceptance.rule in ("", rule)
    }


def expired(con: duckdb.DuckDBPyConnection, today: date) -> set[str]:
    """Deliveries in force that only an acceptance let in, which has ended."""
    rows = con.execute(
        "select delivery_id from meta.acceptance_use where not exists (select 1 "
        "from meta.acceptance where acceptance.delivery_id = acceptance_use.delivery_id "
        "and acceptance.rule_name in ('', acceptance_use.check_name) and valid_until >= ?)",
        [today],
    ).fetchall()
    return {delivery_id for (delivery_id,) in rows}


def first_end(con: duckdb.DuckDBPyConnection) -> str:
    """The day after which some delivery in force has to be judged again, ISO; empty if none."""
    row = con.execute(
        "select cast(min(last_day) as varchar) from (select max(valid_until) as last_day "
        "from meta.acceptance_use join meta.acceptance on acceptance.delivery_id = "
        "acceptance_use.delivery_id and acceptance.rule_name in ('', acceptance_use.check_name) "
        "group by acceptance_use.delivery_id, acceptance_use.check_name)"
    ).fetchone()
    return row[0] if row and row[0] else ""
