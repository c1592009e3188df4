"""Writing the registers of a city, and protocols of the ГВЭ, into a folder.

Belongs here: register file → file. Not here: rows (`files`), how a layout looks (`samples.layouts`).
"""

from __future__ import annotations

from collections import Counter

from samples.exams import draw_gve
from samples.layouts.official import FORMS, accreditation, statistical_form
from samples.layouts.protocols import protocol
from samples.layouts.systems import page, sheet, text_table
from samples.layouts.templates import filled_form
from samples.registers.files import TEMPLATE, RegisterFile, register_files
from samples.world import World
from samples.writer import Writer

_WITHOUT_GVE = 2020


def write_registers(
    writer: Writer, world: World, *, by_school: bool, restricted: bool
) -> dict[str, int]:
    """Write all registers; number of rows by table."""
    rows: Counter[str] = Counter()
    for file in register_files(world, by_school=by_school, restricted=restricted):
        rows[file.table] += len(file.rows)
        write_file(writer, world, file)
    schools = list(world.schools.values())
    writer.text("Открытые данные/Реестр аккредитации.xml", accreditation(schools))
    return {**rows, "accreditation": len(schools)}


def write_file(writer: Writer, world: World, file: RegisterFile) -> None:
    """Render one file in its layout and write it."""
    if file.layout == TEMPLATE:
        writer.workbook(file.name, filled_form(file.table, file.rows))
    elif file.layout in FORMS:
        first = file.rows[0]
        school = next(one for one in world.schools.values() if one.login == first["school_code"])
        cells = {
            (row["section"], row["row_code"], row["column_code"]): row["cell_value"]
            for row in file.rows
        }
        sheets = statistical_form(file.layout, school, first["form_year"], cells)
        writer.workbook(file.name, sheets)
    elif file.name.endswith(".xls"):
        writer.text(file.name, page(file.layout, file.rows))
    elif file.name.endswith(".csv"):
        writer.text(file.name, text_table(file.layout, file.rows))
    else:
        writer.workbook(file.name, sheet(file.layout, file.rows))


def write_gve(writer: Writer, world: World) -> int:
    """Protocols of the ГВЭ in Russian for those who do not sit it otherwise; number of rows.

    In 2020 nobody had to.
    """
    rows = 0
    for year, drawn in world.exams.items():
        for one in drawn:
            if one.exam.subject == "RU" and year != _WITHOUT_GVE:
                gve = draw_gve(world.population, one)
                if not len(gve.person):
                    continue
                sheets = protocol([gve], world.population.schools, world.place)
                writer.workbook(f"ГВЭ/{year}/ГВЭ-{gve.exam.grade} Русский язык.xlsx", sheets)
                rows += len(gve.person)
    return rows
