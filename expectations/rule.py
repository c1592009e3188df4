"""What a rule is: a small frame by SQL and one expectation on it.

Belongs here: the objects that suites are written in. Not here: the rules themselves
(`expectations.suite`, `expectations.suites`), their evaluation (`expectations.gate`).

The SELECT only gathers; right or wrong is decided by the expectation alone. Rules about single
rows look at distinct values with their counts: for a bound, a vocabulary, a pattern or a null
this is the same judgement as on every row, at a thousandth of the cost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Severity = Literal["critical", "warning"]
# What became of a failure that a person lets pass.
ACCEPTED: Literal["accepted"] = "accepted"
Argument = float | str | tuple[str, ...] | None


@dataclass(frozen=True)
class Expectation:
    """One expectation of Great Expectations on a column, by its name and arguments."""

    type: str
    arguments: tuple[tuple[str, Argument], ...] = ()

    @property
    def numeric(self) -> bool:
        """Whether the values are numbers; else they are text."""
        return self.type == "expect_column_values_to_be_between"


def not_null() -> Expectation:
    """Every cell is filled."""
    return Expectation("expect_column_values_to_not_be_null")


def between(minimum: float | None, maximum: float | None) -> Expectation:
    """Closed bounds; None leaves a side open."""
    return Expectation(
        "expect_column_values_to_be_between", (("min_value", minimum), ("max_value", maximum))
    )


def in_set(values: Sequence[str]) -> Expectation:
    """Every value is one of these."""
    return Expectation("expect_column_values_to_be_in_set", (("value_set", tuple(values)),))


def matches(pattern: str) -> Expectation:
    """The whole text matches, ASCII digits only, no line feed at the end."""
    ascii_pattern = pattern.replace(r"\d", "[0-9]")
    return Expectation(
        "expect_column_values_to_match_regex", (("regex", rf"^(?:{ascii_pattern})\Z"),)
    )


_GROUPS_NAMED = 10


@dataclass(frozen=True)
class Rule:
    """One check of one table.

    In the SQL, `{incoming}` is the table's new rows, `{raw}` its rows in force before,
    `{<table>}` any table as it will stand if everything passes, `{today}` the local date;
    `ref_*` are the reference seeds.

    Attributes:
        table: the table that a critical failure holds, also when the rule reads others.
        name: stable name, unique in the table.
        title: Russian sentence: what ought to be so.
        severity: critical only where a wrong figure would result.
        expectation: what Great Expectations demands of `value`.
        frame: SELECT of value, n (rows or groups that have it), label (Russian, names a group).
        rows: SELECT of delivery_id, sheet, row_no, value: finds the rows of a failed value.
        protects: what the rule protects (Russian).
        when: when it matters (Russian).
        resolve: how to resolve a failure (Russian).
        acceptable: whether a person may let a failure pass (`expectations.acceptance`). Never
            where the models would break or a person's name could enter.
    """

    table: str
    name: str
    title: str
    severity: Severity
    expectation: Expectation
    frame: str
    protects: str
    when: str
    resolve: str
    rows: str | None = None
    acceptable: bool = True


def row_rule(
    table: str,
    name: str,
    title: str,
    severity: Severity,
    expectation: Expectation,
    *,
    value: str,
    protects: str,
    when: str,
    resolve: str,
    source: str = "{incoming} r",
    where: str = "true",
) -> Rule:
    """A rule about single rows: an expression over `r`, the new rows of the table."""
    return Rule(
        table=table,
        name=name,
        title=title,
        severity=severity,
        expectation=expectation,
        frame=f"select {value} as value, count(*) as n, cast(null as varchar) as label "
        f"from {source} where {where} group by all",
        rows=f"select r.delivery_id, r.sheet, r.row_no, {value} as value "
        f"from {source} where {where}",
        protects=protects,
        when=when,
        resolve=resolve,
    )


def group_rule(
    table: str,
    name: str,
    title: str,
    severity: Severity,
    expectation: Expectation,
    *,
    groups: str,
    keys: Sequence[str],
    label: str,
    protects: str,
    when: str,
    resolve: str,
    own: str = "{incoming}",
) -> Rule:
    """A rule about groups of rows that the new rows touch.

    `groups` selects the keys and `value`, one row a group; `keys` tell which rows belong to a
    group; `label` is its Russian name, SQL over `x`; `own` are the new rows, if keys have to be
    computed first.
    """
    using = ", ".join(keys)
    return Rule(
        table=table,
        name=name,
        title=title,
        severity=severity,
        expectation=expectation,
        # Groups of one value are judged together and the first of them named.
        frame=f"select x.value, count(*) as n, array_to_string(list_slice(list({label} "
        f"order by {label}), 1, {_GROUPS_NAMED}), '; ') as label from ({groups}) x "
        f"semi join {own} r using ({using}) group by x.value",
        rows="select r.delivery_id, r.sheet, r.row_no, x.value "
        f"from ({groups}) x join {own} r using ({using})",
        protects=protects,
        when=when,
        resolve=resolve,
    )


def cells_rule(
    table: str,
    name: str,
    title: str,
    severity: Severity,
    expectation: Expectation,
    *,
    cells: Sequence[tuple[str, str]],
    protects: str,
    when: str,
    resolve: str,
    acceptable: bool = True,
) -> Rule:
    """One rule about several expressions of a row, with one scan.

    `cells` are pairs: what would be wrong, in Russian, and SQL of a number over `r`; nulls do not
    count.
    """
    listed = ", ".join(
        f"struct_pack(label := '{label}', value := cast({value} as double))"
        for label, value in cells
    )
    unnested = f"unnest([{listed}], max_depth := 2)"
    return Rule(
        table=table,
        name=name,
        title=title,
        severity=severity,
        expectation=expectation,
        frame=f"select value, count(*) as n, label from (select {unnested} from {{incoming}} r) "
        "where value is not null group by all",
        rows="select delivery_id, sheet, row_no, value from (select r.delivery_id, r.sheet, "
        f"r.row_no, {unnested} from {{incoming}} r) where value is not null",
        protects=protects,
        when=when,
        acceptable=acceptable,
        resolve=resolve,
    )
