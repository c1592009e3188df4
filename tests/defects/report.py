"""The matrix as a page for people: `docs/defect_matrix.md`.

Belongs here: totals and tables. Not here: what was run (`matrix`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from tests.defects.cells import CAUGHT, MISSED, NOT_APPLICABLE, Cell
from tests.defects.clean import Clean
from tests.defects.operator import MUST, SHOULD, Operator

# What a layout is recognised by and about; refusals of the bytes come before that.
_OF_LAYOUT = frozenset(
    {"UNKNOWN_LAYOUT", "ENVELOPE_MISSING", "TITLE_MISSING", "ENVELOPE_CONTRADICTION",
     "EMPTY_TEMPLATE", "NO_DATA_ROWS", "TEMPLATE_VERSION", "FORM_CHANGED", "EXTRA_PERSONAL_DATA",
     "TOO_MANY_REJECTED", "TOO_MANY_PARTS", "RESTRICTED_ROWS"}
)  # fmt: skip
# Defects of the census that the matrix has no operator for, and why.
WITHOUT = {
    "D10": "a variant outside the list is no mistake: works for children with special needs have "
    "numbers of their own; it is kept as written (tests/unit/ingestion/test_defects.py)",
    "D12": "codes that lost the format `000000` are a matter of reading numbers; tested there too",
    "D14": "different prefixes of logins are different organisations; tested there too",
    "D15": "schools matched by name alone are decided by a person (`msoko review schools`); here "
    "are D16, D17, D53",
    "D21": "a wrong year on the sheet: see B13 (places contradict each other) and S01",
    "D24": "subtotals with the municipality are the layout `fill_down`; tested there too",
    "D25": "separator rows of Ф1 are in the clean files (layout `vpr_f1`)",
    "D27": "several tables on a sheet are in the clean files (`ege_compact`)",
    "D31": "a formula over the wrong range leaves a value; only sums show it (G03, G04, D09)",
    "D36": "one participant's score is no mistake of a file but a question of small numbers",
    "D40": "places and numbers of tasks by subject and year are in the clean files",
    "D41": "grade of the programme and grade of the pupil differ in autumn: clean files of 2020",
    "D43": "an exam of two days is in the clean files (`ege_language`)",
    "D44": "a score changed on appeal is in the clean files (`exam_change`)",
    "D55": "a true .xls is written by Excel alone; tests/unit/ingestion/test_formats.py",
    "D58": "keys with a bar and empty parts; tests/unit/ingestion/test_defects.py",
    "D60": "spellings of municipalities in reports; tests/unit/ingestion/test_defects.py",
    "D61": "names and documents inside a file of results: the protocols hold them, and the names "
    "of spoilt rows are searched for in every message of the matrix",
    "D62": "the territory of the reference list is not kept: the register gives a school's",
    "D63": "DBF is not taken: WRONG_EXTENSION or NOT_XLSX",
    "many high marks": "a finding of the analysis (screening markers), no mistake of a file",
    "ОГЭ: more pass than were admitted": "nobody sends a list of the admitted",
}


# Why a defect may be missed by nature.
LIMITS = {
    "D19": "a heading all in Latin letters is no misspelt Russian word for certain",
    "G12": "few gifted children times ten are still fewer than the pupils",
    "G14s": "a few small numbers may well be the same in two years; an alarm would often be false",
    "G15s": "the same of two schools; a contradiction to a report does not say whose rows they are",
    "S09": "a protocol of a few participants fits another year too",
}


def place_of(cell: Cell) -> str:
    """Where a caught defect was caught."""
    found = cell.found
    if found is None:
        return "not found"
    if found.kind == "file":
        return "layout" if found.code in _OF_LAYOUT else "pre-check"
    return {
        "row": "reading of rows", "gate": f"gate, {found.severity}",
        "outside": "school register", "same": "read right", "blank": "read right, as no value",
    }[found.kind]  # fmt: skip


def totals(operators: Sequence[Operator], cells: Sequence[Cell]) -> dict[str, tuple[int, int]]:
    """must and should: caught of applicable."""
    level = {operator.code: operator.level for operator in operators}
    applicable = Counter(level[c.operator] for c in cells if c.verdict != NOT_APPLICABLE)
    caught = Counter(level[c.operator] for c in cells if c.verdict == CAUGHT)
    return {name: (caught[name], applicable[name]) for name in (MUST, SHOULD)}


def _share(caught: int, of: int) -> str:
    return f"{caught} of {of} ({100 * caught / of:.2f} %)" if of else "—"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _row(operator: Operator, cells: Sequence[Cell]) -> str:
    own = [cell for cell in cells if cell.verdict != NOT_APPLICABLE]
    caught = [cell for cell in own if cell.verdict == CAUGHT]
    places = Counter(place_of(cell) for cell in caught)
    codes = Counter(cell.found.code for cell in caught if cell.found and cell.found.code)
    example = next((cell.found.message for cell in caught if cell.found), "")
    return "| " + " | ".join(
        _cell(text) for text in (
            operator.code, operator.title, operator.level, str(len({c.layout for c in own})),
            f"{len(caught)}/{len(own)}", ", ".join(place for place, _ in places.most_common(3)),
            ", ".join(f"`{code}`" for code, _ in codes.most_common(3)), _shown(example),
        )
    ) + " |"  # fmt: skip


def _shown(message: str) -> str:
    return message if len(message) <= 260 else f"{message[:257]}…"


def _misses(cells: Sequence[Cell]) -> list[str]:
    missed: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for cell in cells:
        if cell.verdict == MISSED:
            missed[cell.operator, cell.why][cell.layout] += 1
    return [
        f"| {operator} | {', '.join(f'{name} {n}' for name, n in sorted(of.items()))} | "
        f"{_cell(_shown(why))} |"
        for (operator, why), of in sorted(missed.items())
    ]


def _clean(cleans: Sequence[Clean], planned: int) -> tuple[str, list[str]]:
    """A sentence on the clean cities, and what alarmed there."""
    papers = sum(one.papers for one in cleans)
    warnings = [item for one in cleans for item in one.warnings]
    critical = [item for one in cleans for item in one.critical]
    refused = [name for one in cleans for name in one.refused]
    rate = 1000 * len(warnings) / papers if papers else 0
    told = (
        f"- **clean cities: {len(cleans)} of {planned}, with {papers} school-papers: {len(critical)} critical "
        f"alarms, {len(refused)} files refused, {len(warnings)} warnings, {rate:.2f} per 1,000 "
        f"school-papers** ({sum(item[2] for item in warnings)} groups or rows named)"
    )
    alarms = Counter((item[0], item[1]) for item in (*critical, *warnings))
    lines = [f"- `{table}`, `{rule}`: {n}" for (table, rule), n in alarms.most_common()]
    return told, [*lines, *(f"- refused: {name}" for name in refused)]


def page(
    operators: Sequence[Operator],
    cells: Sequence[Cell],
    cleans: Sequence[Clean],
    *,
    seeds: int,
    variations: int,
    layouts: Sequence[str],
    job: str = "",
) -> str:
    """The whole page."""
    by_code: dict[str, list[Cell]] = defaultdict(list)
    for cell in cells:
        by_code[cell.operator].append(cell)
    known = totals(operators, cells)
    told, alarms = _clean(cleans, variations)
    applied = sum(cell.verdict != NOT_APPLICABLE for cell in cells)
    lines = [
        "# Defect matrix: what is caught, where, and what the sender reads",
        "",
        (
            "Written by `make defects` (`python -m tests.defects`); do not edit. A defect is put into a "
            "clean file of a small synthetic city. It counts as caught if the check that is there for "
            "it finds it, and the message (Russian, as shown) names the place and what to do and "
            "repeats no value; the wrong check or an unhelpful message is a miss. *Read right* means "
            "the same rows as from the clean file. Before the verdict of a rule the tables of the clean "
            "city are in force, so rules across sources and years have something to compare with."
        ),
        "",
        (
            f"- kinds of defects: {len(operators)}; layouts and forms: {len({c.layout for c in cells})}; "
            f"seeds for each pair: {seeds}; cells: {applied}"
        ),
        f"- **must: {_share(*known[MUST])}**",
        f"- **should: {_share(*known[SHOULD])}**",
        told,
        *([job] if job else []),
        *([f"- layouts that no city has files of: {', '.join(layouts)}"] if layouts else []),
        "",
        "*Layouts* counts the layouts and forms to which a defect applies, *caught* the cells.",
    ]
    head = (
        "| code | defect | level | layouts | caught | where | code of the check | what is shown |"
    )
    for group in dict.fromkeys(operator.group for operator in operators):
        lines += ["", f"## Defects: {group}", "", head, "|---|---|---|---:|---:|---|---|---|"]
        lines += [_row(o, by_code[o.code]) for o in operators if o.group == group]
    misses = _misses(cells)
    table = ["| defect | layouts and cells | why it counts as missed |", "|---|---|---|"]
    lines += ["", "## Missed", "", *([*table, *misses] if misses else ["Nothing."])]
    missed = {cell.operator for cell in cells if cell.verdict == MISSED}
    reasons = [f"- {code}: {why}" for code, why in LIMITS.items() if code in missed]
    lines += ["", *reasons] if reasons else []
    lines += ["", "## Alarms on clean cities", "", *(alarms or ["None."])]
    lines += ["", "## Not in the matrix", ""]
    lines += [f"- {code}: {why}" for code, why in WITHOUT.items()]
    return "\n".join(lines) + "\n"
