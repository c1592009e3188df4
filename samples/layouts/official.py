"""Official papers: statistical forms ОО-1, ОО-2, 1-ДО, the registry of accreditation.

Belongs here: how they look. Not here: the figures in them (`samples.registers.forms`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

from samples.layouts.registers import state_number, tax_number
from samples.population import School
from samples.scales import form_cells
from samples.workbook import Cell, Sheet

# Section, row and graph of a cell → its value.
Cells = Mapping[tuple[str, str, str], int]

FORMS = {"oo1": "ОО-1", "oo2": "ОО-2", "do1": "1-ДО"}
EDITION = "2021"
_NAMES = {
    "oo1": "Сведения об организации, осуществляющей подготовку по программам общего образования",
    "oo2": "Сведения о материально-технической и информационной базе",
    "do1": "Сведения о дополнительном образовании и спортивной подготовке детей",
}
_FIRST_GRAPH = 3


def statistical_form(form: str, school: School, start: int, cells: Cells) -> list[Sheet]:
    """A form of 20 September: title page, then a sheet for each section."""
    title: list[list[Cell]] = [
        ["ФЕДЕРАЛЬНОЕ СТАТИСТИЧЕСКОЕ НАБЛЮДЕНИЕ"],
        [_NAMES[form]],
        [f"на начало {start}/{start + 1} учебного года", None, f"Форма № {FORMS[form]}"],
        [f"Редакция: {EDITION}"],
        ["Наименование отчитывающейся организации", None, school.short_name],
        [f"Код организации: {school.login}"],
    ]
    return [Sheet("Титул", title), *(_section(one, cells) for one in _sections(cells))]


def _sections(cells: Cells) -> list[str]:
    return sorted({section for section, _, _ in cells})


def _section(section: str, cells: Cells) -> Sheet:
    """A title with the number, headings, the row of graph numbers, rows with numbers."""
    own = {(row, graph): value for (name, row, graph), value in cells.items() if name == section}
    last = max(int(graph) for _, graph in own)
    graphs = [str(number) for number in range(_FIRST_GRAPH, last + 1)]
    notes = {
        one["row_code"]: one["note"]
        for one in form_cells()
        if one["section"] == section and one["edition"] == EDITION
    }
    rows: list[list[Cell]] = [
        [f"{section}. Раздел формы"],
        ["Наименование показателей", "№ строки", *["Графа"] * len(graphs)],
        ["1", "2", *graphs],
    ]
    rows += [
        [notes.get(row, "показатель"), row, *[own.get((row, graph)) for graph in graphs]]
        for row in sorted({row for row, _ in own})
    ]
    return Sheet(f"Раздел {section}", rows)


def accreditation(schools: Sequence[School]) -> bytes:
    """The registry of certificates as open data; schools of the register, invented numbers."""
    records = "".join(
        f"<Certificate><Id>{number}</Id>"
        f"<StatusName>{'Недействующее' if one.closed_after else 'Действующее'}</StatusName>"
        f"<RegionCode>{one.region_code}</RegionCode><RegNumber>0{1000 + number}</RegNumber>"
        f"<IssueDate>2015-06-18</IssueDate><EndDate/>"
        f"<ActualEducationOrganization><FullName>{escape(one.full_name)}</FullName>"
        f"<OGRN>{state_number(one)}</OGRN><INN>{tax_number(one)}</INN>"
        f"<KPP>{one.region_code}9901001</KPP></ActualEducationOrganization></Certificate>"
        for number, one in enumerate(schools, 1)
    )
    text = f"<OpenData><Certificates>{records}</Certificates></OpenData>"
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'.encode()
