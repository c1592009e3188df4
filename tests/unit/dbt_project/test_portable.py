"""SQL outside the dialect macros is what DuckDB and Spark SQL 3.5 both understand.

Belongs here: the functions that models may call, and syntax that they may not use. Not here: what
the functions compute. What engines spell differently belongs in `macros/dialect`, dispatched.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from warehouse.settings import DBT_PROJECT

# Functions that both engines have, with the same meaning for the arguments used here.
SHARED = frozenset(
    re.findall(
        r"\w+",
        """abs asin atanh avg bool_and bool_or cast coalesce concat_ws count dense_rank exp extract
        first_value floor greatest grouping lag last_value lead least left ln lower lpad make_date
        max median min ntile nullif power rank replace right round row_number sqrt stddev_samp sum
        tanh var_pop""",
    )
)
# Words that stand before a parenthesis without being a call.
KEYWORDS = frozenset(
    re.findall(
        r"\w+",
        """and as distinct else exists filter from in join not on or over select sets then using
        values when where""",
    )
)
JINJA = frozenset({"config", "ref", "return", "source"})
# Syntax that Spark SQL reads differently or not at all.
FOREIGN = {
    "a cast with ::": r"::",
    "a text type without length": r"\bas (varchar|text|char)\b",
    "a type of DuckDB": r"\b(hugeint|u(tiny|small|big)?int(eger)?|varchar\[\]|struct\s*\()",
    "a quoted part of a date": r"extract\(\s*'",
    "group or order by all": r"\b(group|order) by all\b",
    "qualify": r"\bqualify\b",
    "select * exclude or replace": r"\*\s*(exclude|replace|rename)\b",
    "distinct on": r"\bdistinct on\b",
    "a list in brackets": r"(?<![\w\])\"'])\[(?!:)",
    "a place in brackets": r"[\w)]\s*\[[\w ]+\]",
    "a lambda": r"\blambda\b|->",
    "join of DuckDB": r"\b(asof|positional|semi|anti) join\b",
    "a pivot": r"\b(un)?pivot\b",
    "not materialized": r"\bmaterialized\b",
    "shift of bits": r"<<|>>",
    "division without rest": r"//",
    "a quoted name": r'\bas "',
    "recursion": r"\brecursive\b",
    "a minus after a window's name": r"\bover \w+\s*-",
}

_MACRO = re.compile(r"\{%-?\s*(?:macro|test)\s+(\w+)")
_COMMENT = re.compile(r"\{#.*?#\}|--[^\n]*", re.DOTALL)
_TAG = re.compile(r"\{%.*?%\}", re.DOTALL)
_HOLE = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_LITERAL = re.compile(r"'[^'\n]*'")
# what is no call of SQL: loops and lists of Jinja, the columns of a named subquery
_NO_CALL = re.compile(
    r"\{%-?\s*(?:for|if|elif|set \w+ = range)\b.*?%\}|range\([^()]*\) \| list|\bas \w+\(", re.DOTALL
)
_CALL = re.compile(r"(?<![\w.])([a-z_]\w*)\s*\(", re.IGNORECASE | re.ASCII)


def sources() -> Iterator[Path]:
    for folder in ("models", "macros", "tests"):
        for path in sorted((DBT_PROJECT / folder).rglob("*.sql")):
            if "dialect" not in path.parts:
                yield path


def macros() -> set[str]:
    return {
        name
        for path in [*(DBT_PROJECT / "macros").rglob("*.sql"), *DBT_PROJECT.rglob("tests/**/*.sql")]
        for name in _MACRO.findall(path.read_text(encoding="utf-8"))
    }


def foreign_calls(text: str, known: set[str]) -> set[str]:
    """Functions called in a model's text, its Jinja strings included, that are not shared."""
    text = _NO_CALL.sub(" ", _COMMENT.sub(" ", text))
    called = {name.lower() for name in _CALL.findall(text)}
    return called - SHARED - KEYWORDS - JINJA - known


def foreign_syntax(text: str) -> list[str]:
    """Syntax in a model's own SQL, without Jinja and literals, that engines do not share."""
    text = _COMMENT.sub(" ", text)
    own = _HOLE.sub(" x ", _TAG.sub(" ", text))
    quoted = [what for what in ("a quoted part of a date",) if re.search(FOREIGN[what], text)]
    own = _LITERAL.sub("''", own).lower()
    return quoted + [what for what, pattern in FOREIGN.items() if re.search(pattern, own)]


@pytest.mark.parametrize("path", list(sources()), ids=lambda path: path.stem)
def test_models_use_what_the_engines_share(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not foreign_calls(text, macros())
    assert not foreign_syntax(text)


@pytest.mark.parametrize(
    "sql",
    [
        "select list_sort(x) from t",
        "select strftime(day, '%Y') from t",
        "select regexp_matches(name, '^a') from t",
        "select arg_max(value, day) from t",
        "select quantile_cont(value, 0.5) from t",
        "select unnest(items) from t",
        "{{ shares([{'done': \"len(items) > 0\"}]) }}",
    ],
)
def test_a_function_of_one_engine_is_found(sql: str) -> None:
    assert foreign_calls(sql, {"shares"})


@pytest.mark.parametrize(
    "sql",
    [
        "select day::date from t",
        "select cast(x as varchar) from t",
        "select extract('year' from day) from t",
        "select * exclude (a) from t",
        "select a from t group by all",
        "select a from t qualify row_number() over () = 1",
        "select distinct on (a) b from t",
        "select [a, b] as both from t",
        "select items[1] from t",
        "with a as not materialized (select 1) select * from a",
        'select a as "b" from t',
        "with recursive a as (select 1) select * from a",
        "select sum(a) over unit - a from t",
    ],
)
def test_syntax_of_one_engine_is_found(sql: str) -> None:
    assert foreign_syntax(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "select count(*) filter (where a > 0), median(b) from t group by c",
        "select sum(x) over (partition by a order by b) from t -- list_sort(x)",
        "{% for i in range(1, 3) %} select {{ i }} as a {% endfor %}",
        "select 'a [1] -> b' as z, cast(x as string) as y from t",
    ],
)
def test_shared_sql_passes(sql: str) -> None:
    assert not foreign_calls(sql, set())
    assert not foreign_syntax(sql)


def test_every_dialect_macro_is_dispatched() -> None:
    """An engine without its own version is told so by name, never given DuckDB's."""
    for path in (DBT_PROJECT / "macros" / "dialect").glob("*.sql"):
        names = _MACRO.findall(path.read_text(encoding="utf-8"))
        own = {name for name in names if "__" not in name}
        assert {f"duckdb__{name}" for name in own} == {n for n in names if "duckdb__" in n}, path
