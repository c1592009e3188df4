"""Forms of the product, known by the stamp over their headings: is this one of today's?

Belongs here: forms of an older version and forms whose headings were changed. Not here: what a
stamp is (`ingestion.contracts.form`), layouts in general (`recognise`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ingestion.contracts import Contract
from ingestion.contracts.form import Stamp, find_stamp, form_columns, form_version, is_required
from ingestion.read.body import Block, Structure
from ingestion.read.model import Cell, Sheet
from ingestion.read.words import cell_text, fold, is_blank, plain
from ingestion.reasons import Refusal

OLD_FORM = "old_form"
_ROWS = 30  # in which a stamp and headings are looked for


def accept_old(
    blocks: Sequence[Block], structure: Structure, contracts: Mapping[str, Contract]
) -> None:
    """Read a form of an older version if nothing of it would be lost; note that it is old.

    Raises:
        Refusal: TEMPLATE_VERSION, the old form asks what today's does not; FORM_CHANGED, without
            its headings the form looks like another table.
    """
    for block in blocks:
        stamp = find_stamp(block.titles)
        contract = block.plan.layout.contract
        if stamp is None:
            continue
        if stamp.table != contract.table:
            refuse_unknown([block.sheet], contracts)
            continue
        if stamp.version == form_version(contract):
            continue
        heading_row = block.sheet.rows[block.header_row - 1]
        read = set(block.plan.index.values())
        if any(i not in read and not is_blank(cell) for i, cell in enumerate(heading_row)):
            raise _other_version(stamp, contract)
        structure[block.sheet.name, "title"] -= 1
        structure[block.sheet.name, OLD_FORM] += 1


def refuse_unknown(sheets: Sequence[Sheet], contracts: Mapping[str, Contract]) -> None:
    """Say what is wrong with a form whose headings are not today's.

    Raises:
        Refusal: TEMPLATE_VERSION or FORM_CHANGED, if a stamp shows that the file is a form.
    """
    for sheet in sheets:
        texts = list(_texts(sheet.rows[:_ROWS])) if sheet.visible else []
        stamp = find_stamp(texts)
        contract = contracts.get(stamp.table) if stamp else None
        if stamp is None or contract is None:
            continue
        if stamp.version != form_version(contract):
            raise _other_version(stamp, contract)
        there = set(map(plain, texts))
        missing = [
            column.title
            for column in form_columns(contract)
            if is_required(contract, column) and plain(column.title) not in there
        ]
        raise Refusal("FORM_CHANGED", form=contract.table, headings=", ".join(missing))


def _other_version(stamp: Stamp, contract: Contract) -> Refusal:
    return Refusal(
        "TEMPLATE_VERSION",
        form=contract.table,
        version=stamp.version,
        current=form_version(contract),
    )


def _texts(rows: Sequence[Sequence[Cell]]) -> Iterator[str]:
    for row in rows:
        yield from (fold(cell_text(cell)) for cell in row if isinstance(cell, str))
