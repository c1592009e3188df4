"""Where a failure stands: rows, deliveries, and words for them.

Belongs here: from failed values of a frame back to rows. Not here: which values failed
(`expectations.gate`). No value of a row leaves this module.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa

from expectations.rule import Rule

MAX_ROW_KEYS = 200
_ROWS_IN_DETAIL = 10
_LABELS_IN_DETAIL = 20


@dataclass(frozen=True)
class RowKey:
    """Where a failing row stands."""

    delivery_id: str
    sheet: str
    row_no: int


def rows_of(
    con: duckdb.DuckDBPyConnection, rule: Rule, values: pa.Array[Any], names: Mapping[str, str]
) -> tuple[RowKey, ...]:
    """Keys of the first rows that have one of the failed values."""
    found = _select(
        con,
        rule,
        values,
        names,
        columns="delivery_id, sheet, row_no",
        limit=f"limit {MAX_ROW_KEYS}",
    )
    return tuple(RowKey(*row) for row in found)


def deliveries_of(
    con: duckdb.DuckDBPyConnection, rule: Rule, values: pa.Array[Any], names: Mapping[str, str]
) -> set[str]:
    """All deliveries with a row that has one of the failed values."""
    found = _select(con, rule, values, names, columns="delivery_id")
    return {delivery_id for (delivery_id,) in found if delivery_id is not None}


def _select(
    con: duckdb.DuckDBPyConnection,
    rule: Rule,
    values: pa.Array[Any],
    names: Mapping[str, str],
    *,
    columns: str,
    limit: str = "",
) -> list[tuple[Any, ...]]:
    assert rule.rows is not None
    value_type = "double" if rule.expectation.numeric else "varchar"
    con.register("failed_value", pa.table({"value": values}))
    try:
        return con.execute(
            f"select distinct {columns} from (select delivery_id, sheet, row_no, "
            f"cast(value as {value_type}) as value from ({rule.rows.format_map(names)})) r "
            "where exists (select 1 from failed_value f where f.value is not distinct from r.value)"
            f" order by all {limit}"
        ).fetchall()
    finally:
        con.unregister("failed_value")


def described(rows: Sequence[RowKey], labels: Sequence[str]) -> str:
    """Russian: groups, then deliveries with sheets and rows; empty if nothing is known."""
    groups = list(dict.fromkeys(labels))
    places = groups[:_LABELS_IN_DETAIL]
    by_sheet: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in rows[:_ROWS_IN_DETAIL]:
        by_sheet[(row.delivery_id, row.sheet)].append(str(row.row_no))
    for (delivery_id, sheet), numbers in by_sheet.items():
        places.append(f"поставка {delivery_id}, лист «{sheet}», строки {', '.join(numbers)}")
    more = len(groups) > _LABELS_IN_DETAIL or len(rows) > _ROWS_IN_DETAIL
    return f"Где: {'; '.join(places)}{' и далее' if more else ''}. " if places else ""
