"""Connections fit what they are opened for."""

import duckdb
import pytest

from warehouse.database import fit_threads


@pytest.mark.parametrize(
    ("rows", "coming", "threads"), [(10, 0, 1), (200_000, 0, 2), (10, 200_000, 2)]
)
def test_a_second_thread_only_for_more_than_one_row_group(
    rows: int, coming: int, threads: int
) -> None:
    with duckdb.connect(config={"threads": 2}) as connection:
        connection.execute(f"create table numbers as from range({rows})")
        fit_threads(connection, coming)
        found = connection.execute("select current_setting('threads')").fetchone()
    assert found == (threads,)
