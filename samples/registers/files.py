"""Which registers there are, where each is written, in which layout.

Belongs here: the list of tables and their files before they are rendered: table, rows, layout.
Whoever wants to spoil a register changes the rows here, before `write` renders them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from ingestion.contracts import load_contracts
from samples.layouts.official import FORMS
from samples.layouts.systems import exports, split
from samples.registers import office, pupils, staff
from samples.registers.counts import counted, specifications
from samples.registers.forms import form_rows
from samples.world import Row, World

TEMPLATE = "template"


@dataclass(frozen=True)
class RegisterFile:
    """One file of a register before it is rendered.

    Attributes:
        name: path below the inbox.
        layout: `template`, an export of `samples.layouts.systems`, or a form of
            `samples.layouts.official`.
        rows: plain values by column of the contract; a person under his pseudonym's column.
    """

    name: str
    table: str
    layout: str
    rows: Sequence[Row]


Builder = Callable[[World], Iterator[Row]]

_EXPORTED: Mapping[str, Builder] = {
    builder.__name__: builder
    for builder in (
        pupils.pupil_year, pupils.attendance, pupils.extra_enrolment, pupils.vsosh_result,
        pupils.essay_result, pupils.interview_result,
    )
}  # fmt: skip
_BUILT: Mapping[str, Builder] = {
    builder.__name__: builder
    for builder in (
        pupils.leaver, pupils.contest_result, pupils.sen_pupil, pupils.prevention_pupil,
        staff.staff, staff.staff_post, staff.attestation, staff.cpd_course,
        staff.teacher_diagnostics, staff.meth_event, staff.mentor_pair, staff.network_member,
        staff.expert, staff.reserve_post, staff.head_appointment, office.procedure_check,
        office.custom_indicator, office.cycle_step,
    )
}  # fmt: skip
# Table → its rows.
BUILDERS: Mapping[str, Builder] = {
    **{table: partial(counted, table=table) for table in specifications()},
    **_BUILT,
    **_EXPORTED,
}
# Tables that the city hands in only where it is asked for restricted rows.
RESTRICTED = ("sen_pupil", "prevention_pupil")
# Each school sends its own; all others are collected by the municipality.
BY_SCHOOL = ("social_passport",)
# Statistical forms: school years before the registers' first one, school years at the end.
_FORM_YEARS = {"oo1": (2, None), "oo2": (0, 2), "do1": (0, 1)}
_FORMS_OF_A_PACK = 1


def _templates(table: str, rows: list[Row], *, by_school: bool) -> list[RegisterFile]:
    contract = load_contracts()[table]
    folder, title = f"Реестры/{contract.source}", contract.title.replace(":", "")
    if not by_school or table not in BY_SCHOOL:
        return [RegisterFile(f"{folder}/{title}.xlsx", table, TEMPLATE, rows)]
    own: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        own[row["school_code"]].append(row)
    return [
        RegisterFile(f"{folder}/{login}/{title}.xlsx", table, TEMPLATE, part)
        for login, part in own.items()
    ]


def _forms(world: World, enrolments: Sequence[Row], *, by_school: bool) -> Iterator[RegisterFile]:
    """Statistical forms of all schools, or of a few where files count."""
    children: dict[tuple[str, str], set[object]] = defaultdict(set)
    for row in enrolments:
        children[row["school_code"], row["school_year"]].add(row["person_pid"])
    first, last = world.starts[0], world.starts[-1]
    for form, (before, at_end) in _FORM_YEARS.items():
        begin = first - before if at_end is None else last - at_end + 1
        years = range(begin, last + 1) if by_school else (last,)
        for start in years:
            schools = [
                one for one in world.schools.values() if world.contingent.grades(one.index, start)
            ]
            for school in schools if by_school else schools[:_FORMS_OF_A_PACK]:
                year = world.base(school, start)["school_year"]
                busy = len(children[school.login, year])
                rows = list(form_rows(world, form, school, start, busy))
                name = f"Статистика/{FORMS[form]}/{start}/{school.login}.xlsx"
                yield RegisterFile(name, "fsn_cell", form, rows)


def register_files(world: World, *, by_school: bool, restricted: bool) -> Iterator[RegisterFile]:
    """All files of registers before they are rendered.

    Args:
        world: the city.
        by_school: some registers come as a file from each school.
        restricted: with the named lists that the product refuses unless it is told otherwise.
    """
    layouts: dict[str, list[str]] = defaultdict(list)
    for layout, spec in exports().items():
        layouts[spec["table"]].append(layout)
    for table, builder in BUILDERS.items():
        if table in RESTRICTED and not restricted:
            continue
        rows = list(builder(world))
        if table not in layouts:
            yield from _templates(table, rows, by_school=by_school)
        for layout in layouts[table]:
            for name, part in split(layout, rows):
                yield RegisterFile(name, table, layout, part)
        if table == "extra_enrolment":
            yield from _forms(world, rows, by_school=by_school)
