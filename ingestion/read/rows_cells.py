"""Statistical forms: sections of cells that are told by row number and graph number.

Belongs here: which columns of a section are graphs. Not here: rows under the header (`body`),
columns turned into rows (`rows_units`), what a cell of a form means (a seed of dbt).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ingestion.read.model import Cell
from ingestion.read.recognise import Plan, RepeatedColumn
from ingestion.read.typing import Reject
from ingestion.read.words import cell_text, fold

if TYPE_CHECKING:
    from ingestion.read.body import Body

_HEADER_ROWS = 8  # a header of a form is this high at most
_FEWEST = 3  # graphs: label, row number, one value
_ROW_CODE = "row_code"


def with_graphs(plan: Plan, rows: Sequence[Sequence[Cell]]) -> Plan:
    """The plan of one section: its graphs are the numbered columns behind «№ строки».

    Args:
        plan: as the header row gives it.
        rows: rows of the sheet from the header row on.
    """
    own = plan.index[_ROW_CODE]
    for number, row in enumerate(rows[1 : _HEADER_ROWS + 1], start=2):
        numbers = _numbers(row)
        if own in numbers:
            graphs = tuple(
                RepeatedColumn(i, str(graph), None) for i, graph in numbers.items() if i > own
            )
            width = 1 + max([own, *(graph.index for graph in graphs)])
            return replace(plan, header_rows=number, repeated=graphs, width=width, ready={})
    return replace(plan, ready={})


def _numbers(row: Sequence[Cell]) -> dict[int, int]:
    """Graph numbers by column, if the row is nothing but numbers that go up."""
    texts = {i: text for i, cell in enumerate(row) if (text := fold(cell_text(cell)))}
    if len(texts) < _FEWEST or not all(re.fullmatch(r"[1-9]\d{0,2}", t) for t in texts.values()):
        return {}
    numbers = {i: int(text) for i, text in texts.items()}
    given = list(numbers.values())
    return numbers if given == sorted(set(given)) else {}


def build(body: Body) -> None:
    """Reject the rows of a section whose graphs are not numbered: no cell of it has a name."""
    if not body.block.plan.repeated:
        for i in range(body.n):
            body.reject(i, "Номера граф", Reject("REQUIRED_EMPTY"))
