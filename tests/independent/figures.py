"""Every figure of the measures that are worked out here.

Belongs here: which module answers for which measure. Not here: any rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tests.independent.career import career_parts
from tests.independent.changes import all_changes
from tests.independent.expected import residual_parts
from tests.independent.heads import head_indices, head_parts
from tests.independent.low_result import low_result_parts
from tests.independent.methodical import methodical_parts, teacher_parts
from tests.independent.model import Figure, Key, Source
from tests.independent.objectivity import list_figures, vpr_oge_gap
from tests.independent.parts import Part, pooled_figures, shown
from tests.independent.procedures import procedure_parts
from tests.independent.registers import Registers
from tests.independent.relative import ege_to_krai
from tests.independent.shares import share_figures
from tests.independent.talent import talent_parts
from tests.independent.training import training_parts
from tests.independent.upbringing import upbringing_parts

# Results of works and exams: modules of their own.
MEASURES = (
    *("D1.03a", "D1.03b", "D1.03c", "D1.07a", "D1.07b", "D1.07c", "D1.07d", "D1.07e"),
    *("D1.10b", "D1.10c", "D1.13a", "D2.01a", "D2.01b", "D2.01c", "D2.01d", "D2.01e"),
    *("D5.01a", "D5.01b", "D5.01c"),
)
RESULTS: dict[Callable[[Source], dict[Key, Figure]], tuple[str, ...]] = {
    share_figures: ("D1.03a", "D1.03b", "D1.03c", "D1.07", "D1.13a"),
    all_changes: ("D1.10b", "D2.01"),
    ege_to_krai: ("D2.01c",),
    list_figures: ("D5.01",),
    vpr_oge_gap: ("D1.10c",),
}
# Registers: one module a direction; measure letters by indicator.
PARTS: dict[str, Callable[[Registers], Iterable[Part]]] = {
    "D1": training_parts,
    "D2": low_result_parts,
    "D3": talent_parts,
    "D4": career_parts,
    "D5": procedure_parts,
    "D6": lambda book: (*head_parts(book), *residual_parts(book)),
    "D7": methodical_parts,
    "D8": teacher_parts,
    "D9": upbringing_parts,
}
_LETTERS = (
    "D1.01abcd D1.02abc D1.03def D1.04ab D1.05abc D1.06abc D1.07f D1.08abc D1.09abc D1.10ad "
    "D1.11abc D1.12a D1.13bcdx "
    "D2.01f D2.02abc D2.03abc D2.04ab D2.05abc D2.06ax "
    "D3.01abcde D3.02ab D3.03abc D3.04ab "
    "D4.01ab D4.02a D4.03ab D4.04a D4.05ab D4.06ab D4.07a D4.08a D4.09ab "
    "D5.02ab D5.03ab D5.04a D5.05ab D5.06ab "
    "D6.01a D6.02a D6.03abc D6.04ab D6.05ab D6.06a D6.07ab D6.08a D6.09a D6.10ab D6.11abcdef D6.12a D6.13a "
    "D7.01abc D7.02ab D7.03ab D8.01abcde D8.02ab D8.03a D9.01a D9.02ab D9.03a D9.04abcd D9.05abc"
)
OF_REGISTERS = tuple(item[:5] + letter for item in _LETTERS.split() for letter in item[5:])
CATALOGUE = (*MEASURES, *OF_REGISTERS)
# A mean of two measures of other directions.
STANDS_ON = {"D6.12a": ("D3", "D4"), "D6.13a": ("D1",)}


def named(prefixes: Iterable[str]) -> tuple[str, ...]:
    """Measures whose code begins so: «D3», «D3.01», «D3.01a»."""
    wanted = tuple(prefixes)
    return tuple(code for code in CATALOGUE if code.startswith(wanted))


def work_out(source: Source, measures: Iterable[str] = MEASURES) -> dict[Key, Figure]:
    """Figures of these measures: all levels, cuts and totals."""
    wanted = set(measures)
    figures: dict[Key, Figure] = {}
    for function, prefixes in RESULTS.items():
        if any(code in MEASURES and code.startswith(prefixes) for code in wanted):
            figures |= function(source)
    directions = {code[:2] for code in wanted.intersection(OF_REGISTERS)}
    for code in wanted & STANDS_ON.keys():
        directions |= set(STANDS_ON[code])
    book = Registers(source)
    place = {row["school_id"]: row["municipality_id"] for row in source.tables["school"]}
    parts = (part for direction in sorted(directions) for part in PARTS[direction](book))
    figures |= shown(pooled_figures(parts, place))
    figures |= head_indices(figures)
    return {key: figure for key, figure in figures.items() if key.measure in wanted}
