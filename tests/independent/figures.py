"""Every figure of the measures that are worked out here."""

from __future__ import annotations

from tests.independent.changes import all_changes
from tests.independent.model import Figure, Key, Source
from tests.independent.objectivity import list_figures, vpr_oge_gap
from tests.independent.relative import ege_to_krai
from tests.independent.shares import share_figures

MEASURES = (
    *("D1.03a", "D1.03b", "D1.03c", "D1.07a", "D1.07b", "D1.07c", "D1.07d", "D1.07e"),
    *("D1.10b", "D1.10c", "D1.13a", "D2.01a", "D2.01b", "D2.01c", "D2.01d", "D2.01e"),
    *("D5.01a", "D5.01b", "D5.01c"),
)


def work_out(source: Source) -> dict[Key, Figure]:
    """Figures of all levels, cuts and totals."""
    return {
        **share_figures(source),
        **all_changes(source),
        **ege_to_krai(source),
        **list_figures(source),
        **vpr_oge_gap(source),
    }
