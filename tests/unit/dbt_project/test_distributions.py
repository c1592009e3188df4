"""Tail probabilities written in SQL, against scipy.

Belongs here: macros/dialect/distributions.sql and macros/analysis/tests.sql as functions of numbers.
Not here: the marts that use them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import duckdb
import pytest
from jinja2 import Environment
from scipy import stats

from warehouse.settings import DBT_PROJECT

FILES = ("dialect/distributions.sql", "analysis/tests.sql")
DEGREES = (1, 2, 3, 4, 5, 8, 13, 18, 28, 100, 301)
CASES: dict[str, tuple[str, tuple[float, ...], Callable[[float, int], float]]] = {
    "normal_upper_tail": (
        "x",
        (-9, -3, -1.96, -0.1, 0, 0.3, 1.96, 4, 8),
        lambda x, _: float(stats.norm.sf(x)),
    ),
    "student_two_sided": (
        "x, df",
        (-9, -3, -0.1, 0, 0.3, 1.96, 4, 12),
        lambda x, df: float(2 * stats.t.sf(abs(x), df)),
    ),
    "chi_square_upper_tail": (
        "x, df",
        (0, 0.1, 1, 3.84, 10, 40),
        lambda x, df: float(stats.chi2.sf(x, df)),
    ),
}


@pytest.fixture(scope="module")
def macros() -> Any:
    """The macros' Jinja module, with dispatch to the spelling of DuckDB."""
    source = "".join((DBT_PROJECT / "macros" / name).read_text("utf-8") for name in FILES)
    for name in ("student_two_sided", "chi_square_upper_tail"):
        source = source.replace(f"return(adapter.dispatch('{name}')", f"(duckdb__{name}")
    return Environment(autoescape=False).from_string(source).module


@pytest.mark.parametrize("name", CASES)
def test_tails_are_those_of_scipy(macros, name):
    arguments, points, expected = CASES[name]
    sql = str(getattr(macros, name)(*arguments.split(", ")))
    with duckdb.connect() as con:
        for x in points:
            for df in DEGREES:
                row = con.execute(
                    f"select {sql} from (select cast(? as double) as x, cast(? as bigint) as df)",
                    [x, df],
                ).fetchone()
                assert row is not None
                assert row[0] == pytest.approx(expected(x, df), abs=5e-8), (x, df)


@pytest.mark.parametrize("name", CASES)
def test_nothing_gives_nothing(macros, name):
    arguments = CASES[name][0]
    sql = str(getattr(macros, name)(*arguments.split(", ")))
    with duckdb.connect() as con:
        query = f"select {sql} from (select cast(null as double) as x, cast(3 as bigint) as df)"
        assert con.execute(query).fetchone() == (None,)
