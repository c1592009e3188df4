"""What a file that fits no layout comes nearest to, for the sentence of its refusal.

Belongs here: the comparison and its Russian words. Not here: recognition (`recognise`). The words
are headings and titles of contracts, never texts of the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ingestion.read.layouts import CompiledLayout
from ingestion.read.model import Sheet
from ingestion.read.recognise import HEADER_SEARCH_ROWS
from ingestion.read.words import plain

_SHEETS = 5
_HEADINGS = 100
_SHOWN = 3
_ENOUGH = 0.4  # of the headings that a layout cannot do without


def nearest(sheets: Sequence[Sheet], layouts: Iterable[CompiledLayout]) -> str:
    """The layouts that miss the smallest share of their headings, with what they miss."""
    rows = list(_headings(sheets))
    found: list[tuple[float, str]] = []
    n = 0
    for layout in layouts:
        n += 1
        probes = layout.probes
        fewest = min(
            ([name for name, forms in probes.items() if forms.isdisjoint(row)] for row in rows),
            key=len,
            default=list(probes),
        )
        share = 1 - len(fewest) / len(probes) if probes else 0.0
        if share >= _ENOUGH:
            found.append((-share, f"{layout.signature} — {_missing(fewest)}"))
    if not found:
        return f"искали таблицы {n} видов, ни один не похож"
    return "ближе всего " + "; ".join(text for _, text in sorted(found)[:_SHOWN])


def _headings(sheets: Sequence[Sheet]) -> Iterator[frozenset[str]]:
    for sheet in [sheet for sheet in sheets if sheet.visible][:_SHEETS]:
        for row in sheet.rows[:HEADER_SEARCH_ROWS]:
            yield frozenset(plain(cell) for cell in row[:_HEADINGS] if isinstance(cell, str))


def _missing(headings: Sequence[str]) -> str:
    if not headings:
        return "столбцы есть, но не там, где их ищут"
    return "нет столбцов " + ", ".join(f"«{heading}»" for heading in headings)
