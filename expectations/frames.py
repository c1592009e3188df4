"""The small frames that rules are judged on, gathered from the build database.

Belongs here: the SQL of many rules as few statements. Not here: what the rules are
(`expectations.rule`), their judgement (`expectations.gate`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from expectations.rule import Rule


@dataclass(frozen=True)
class Frame:
    """The frame of one rule; `broken` where its SQL met a value it cannot compute with."""

    rule: Rule
    values: pa.Array[Any]
    counts: pa.Array[Any]
    labels: pa.Array[Any]
    broken: bool = False


def frames_of(
    con: duckdb.DuckDBPyConnection, rules: Sequence[Rule], names: Mapping[str, str]
) -> list[Frame]:
    """Frames of the rules of one table, with two statements if all goes well."""
    frames: list[Frame] = []
    for numeric in (True, False):
        kind = [rule for rule in rules if rule.expectation.numeric == numeric]
        try:
            frames += _query(con, kind, names)
        except (duckdb.DataError, duckdb.InvalidInputException):
            for rule in kind:
                try:
                    frames += _query(con, [rule], names)
                except (duckdb.DataError, duckdb.InvalidInputException):
                    frames.append(
                        Frame(rule, pa.nulls(1), pa.array([1]), pa.nulls(1, pa.string()), True)
                    )
    return frames


def _query(
    con: duckdb.DuckDBPyConnection, rules: Sequence[Rule], names: Mapping[str, str]
) -> list[Frame]:
    if not rules:
        return []
    value_type = "double" if rules[0].expectation.numeric else "varchar"
    # Rules that only differ in what they demand share a frame.
    numbers = {sql: n for n, sql in enumerate(dict.fromkeys(rule.frame for rule in rules))}
    table = con.execute(
        " union all ".join(
            f"select cast({n} as integer) as frame, cast(value as {value_type}) as value, "
            f"cast(n as bigint) as n, label from ({sql.format_map(names)})"
            for sql, n in numbers.items()
        )
    ).to_arrow_table()
    frames = []
    for rule in rules:
        number = pa.scalar(numbers[rule.frame], pa.int32())
        own = table.filter(pc.equal(table["frame"], number))
        values, counts, labels = (
            pa.concat_arrays(own[name].chunks) if own.num_rows else pa.nulls(0, own[name].type)
            for name in ("value", "n", "label")
        )
        frames.append(Frame(rule, values, counts, labels))
    return frames
