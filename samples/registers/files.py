"""Which registers there are, where each is written, in which layout.

Belongs here: the list of tables and their files before they are rendered: table, rows, layout.
Whoever wants to spoil a register changes the rows here, before `samples.layouts` writes them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from ingestion.contracts import load_contracts
from samples.registers import office, pupils, staff
from samples.registers.counts import counted, specifications
from samples.world import Row, World

FORM = "form"


@dataclass(frozen=True)
class RegisterFile:
    """One file of a register before it is rendered.

    Attributes:
        name: path below the inbox, without the ending of a system's export.
        layout: `form`, or the name of an export in `samples.layouts.systems`.
        rows: plain values by column of the contract; a person under his pseudonym's column.
    """

    name: str
    table: str
    layout: str
    rows: Sequence[Row]


Builder = Callable[[World], Iterator[Row]]

# Tables whose files are the product's forms, filled in.
FORMS: Mapping[str, Builder] = {
    **{table: partial(counted, table=table) for table in specifications()},
    **{
        builder.__name__: builder
        for builder in (
            pupils.leaver, pupils.contest_result, pupils.sen_pupil, pupils.prevention_pupil,
            staff.staff, staff.staff_post, staff.attestation, staff.cpd_course,
            staff.teacher_diagnostics, staff.meth_event, staff.mentor_pair, staff.network_member,
            staff.expert, staff.reserve_post, staff.head_appointment, office.procedure_check,
            office.custom_indicator, office.agreement, office.external_audit,
            office.recommendation, office.decision, office.cycle_step,
        )
    },
}  # fmt: skip
# Tables of the data file that come as exports.
_EXPORTED = ("kdr_result", "niko_result", "noko_score")
# Tables that the city hands in only where it is asked for restricted rows.
RESTRICTED = ("sen_pupil", "prevention_pupil")
# Each school sends its own; all others are collected by the municipality.
BY_SCHOOL = ("social_passport",)


def _form_files(world: World, *, by_school: bool, restricted: bool) -> Iterator[RegisterFile]:
    """Filled forms: one file a register, for a few one a school."""
    for table, builder in FORMS.items():
        if table in _EXPORTED or (table in RESTRICTED and not restricted):
            continue
        contract = load_contracts()[table]
        folder, title = f"Реестры/{contract.source}", contract.title.replace(":", "")
        rows = list(builder(world))
        if not by_school or table not in BY_SCHOOL:
            yield RegisterFile(f"{folder}/{title}.xlsx", table, FORM, rows)
            continue
        for school in world.schools.values():
            own = [row for row in rows if row["school_code"] == school.login]
            if own:
                yield RegisterFile(f"{folder}/{school.login}/{title}.xlsx", table, FORM, own)


def register_files(world: World, *, by_school: bool, restricted: bool) -> Iterator[RegisterFile]:
    """All files of registers before they are rendered."""
    yield from _form_files(world, by_school=by_school, restricted=restricted)
