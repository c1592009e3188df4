"""Writing the registers of a city into a folder.

Belongs here: register file → file. Not here: rows (`files`), how a layout looks (`samples.layouts`).
"""

from __future__ import annotations

from collections import Counter

from samples.layouts.templates import filled_form
from samples.registers.files import register_files
from samples.world import World
from samples.writer import Writer


def write_registers(
    writer: Writer, world: World, *, by_school: bool, restricted: bool
) -> dict[str, int]:
    """Write all registers; number of rows by table."""
    rows: Counter[str] = Counter()
    for file in register_files(world, by_school=by_school, restricted=restricted):
        rows[file.table] += len(file.rows)
        writer.workbook(file.name, filled_form(file.table, file.rows))
    return dict(rows)
