"""Writing a whole synthetic city or region into a folder, with the truth beside it.

Belongs here: which files are written where. Not here: results (`vpr`, `exams`), layouts.

Pack `region` is what a municipality downloads: one file for each paper with all schools. Pack
`schools` is what schools send: one file for each school and paper, thousands of them; the
benchmark reads it.
"""

from __future__ import annotations

import json
import multiprocessing
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Literal

import numpy as np

from samples.exams import ExamResults, Exams, draw_appeals, draw_exams, draw_retake
from samples.impurity import Impurity
from samples.layouts import registers
from samples.layouts.exports import EXPORTS, Place, export_name
from samples.layouts.forms import FORMS, form_name
from samples.layouts.protocols import appeals_sheet, exam_title, protocol, protocol_csv
from samples.layouts.reports import REPORTS, report_name
from samples.population import Population, School, make_schools
from samples.registers import write_gve, write_registers
from samples.vpr import Results, Window, draw_window, load_windows
from samples.world import Planted, World, school_years
from samples.writer import Writer
from warehouse.settings import Settings, load_settings

Pack = Literal["region", "schools"]

TRUTH_FILE = ".msoko-truth.json"
_FIRST_YEAR = 2020
_EARLIER = {1: (2021,), 2: (2020, 2021)}

# The benchmark's year: four to seven papers a grade, 24 together, everybody writes all of them.
_PACK_SUBJECTS = {4: "RU MA OM", 5: "RU MA IS BI", 6: "RU MA IS BI GG OB",
                  7: "RU MA IS BI GG OB FI", 8: "RU MA HI FI"}  # fmt: skip
_PACK_FIRST_YEAR = 2021
# Together with the register, three lists, two ЕГЭ protocols and the appeals: 20 files.
_PACK_MARKS = {4: "RU MA OM", 5: "RU MA BI", 6: "RU MA BI", 7: "RU MA", 8: "RU MA"}
_FORMS_A_PAPER = 2
_PARALLEL_FROM_FILES = 2000


@dataclass(frozen=True)
class PlantedSchool:
    """What was planted in one school; `propensity` is 0 (never pushes) to 1 (always)."""

    school_id: str
    plan: str
    propensity: float
    ability: float
    size_rank: float


@dataclass(frozen=True)
class Truth:
    """What is true of a city, whatever its files look like.

    `register_rows` counts the rows of each register's table, `school_years` are theirs.
    """

    seed: int
    pack: str
    years: tuple[int, ...]
    schools: tuple[PlantedSchool, ...]
    files: int
    pupil_rows: int
    exam_rows: int
    school_years: tuple[int, ...]
    planted: Planted
    register_rows: Mapping[str, int]

    def planned(self, plan: str) -> list[str]:
        """School ids with that plan."""
        return [school.school_id for school in self.schools if school.plan == plan]


def calendar_years(count: int) -> tuple[int, ...]:
    """Calendar years of a city of so many years; three and more begin with 2020."""
    return _EARLIER.get(count, tuple(range(_FIRST_YEAR, _FIRST_YEAR + count)))


def pack_windows(cal_year: int) -> list[Window]:
    """The 24 papers that each school of pack `schools` writes in a year."""
    base = {
        (window.programme_grade, window.subject): window
        for window in load_windows()
        if window.cal_year == _PACK_FIRST_YEAR
    }
    layout = "export_2021" if cal_year == _PACK_FIRST_YEAR else "export_2022"
    return [
        replace(
            base[grade, subject],
            cal_year=cal_year,
            school_year=f"{cal_year - 1}/{cal_year % 100:02d}",
            held_on=base[grade, subject].held_on.replace(year=cal_year),
            layout=layout,
            everybody=True,
        )
        for grade, subjects in _PACK_SUBJECTS.items()
        for subject in subjects.split()
    ]


@dataclass(frozen=True)
class _City:
    """Everything that a process needs to write its part."""

    settings: Settings
    seed: int
    schools: tuple[School, ...]
    impure: bool

    @property
    def place(self) -> Place:
        return Place(self.settings.region_code, self.settings.region_name)

    def population(self) -> Population:
        return Population(self.schools, self.seed)

    def impurity(self, window: Window) -> Impurity:
        return Impurity(window.rng(self.seed, 9), pure=not self.impure)


def _write_window(writer: Writer, city: _City, results: Results) -> None:
    """Files of one paper as a municipality downloads them."""
    window = results.window
    chosen = results.schools()
    impurity = city.impurity(window)
    rest = chosen
    if window.layout in FORMS:
        large = sorted(chosen, key=lambda item: item[1].start - item[1].stop)[:_FORMS_A_PAPER]
        for school, part in large:
            sheets = FORMS[window.layout](results, part, impurity)
            writer.workbook(form_name(results, city.schools[school]), sheets)
        rest = [item for item in chosen if item not in large]
    if window.layout in REPORTS:
        render, _ = REPORTS[window.layout]
        sheets = render(results, city.schools, chosen, city.place, impurity)
        writer.workbook(report_name(window, window.layout), sheets)
    elif rest:
        export = EXPORTS.get(window.layout, EXPORTS["export_2022"])
        sheets = export(results, city.schools, rest, city.place, impurity)
        writer.workbook(export_name(results), sheets)
    for kind in window.reports:
        _write_report(writer, city, results, kind)


def _write_report(writer: Writer, city: _City, results: Results, kind: str) -> None:
    render, _ = REPORTS[kind]
    sheets = render(
        results, city.schools, results.schools(), city.place, city.impurity(results.window)
    )
    writer.workbook(report_name(results.window, kind), sheets)


def _write_school_files(out: Path, city: _City, windows: Sequence[Window]) -> tuple[int, int]:
    """One file for each school and paper; returns files and pupils' rows."""
    writer = Writer(out)
    population = city.population()
    rows = 0
    for window in windows:
        results = draw_window(population, window)
        impurity = city.impurity(window)
        export = EXPORTS[window.layout]
        folder, name = export_name(results).rsplit("/", 1)
        for index, part in results.schools():
            own = results.only(part)
            sheets = export(own, city.schools, own.schools(), city.place, impurity)
            writer.workbook(f"{folder}/{city.schools[index].login}/{name}", sheets)
        rows += len(results.total)
    return writer.files, rows


def _write_ege(writer: Writer, city: _City, year: int, drawn: Sequence[ExamResults]) -> None:
    ege = [one for one in drawn if one.exam.procedure == "EGE"]
    compact = [one for one in ege if one.exam.layout == "compact"]
    folder = f"ЕГЭ/{year}"
    if compact:
        writer.workbook(
            f"{folder}/Протоколы ЕГЭ {year}.xlsx", protocol(compact, city.schools, city.place)
        )
    for number, one in enumerate(one for one in ege if one.exam.layout != "compact"):
        exam = one.exam
        if exam.layout == "csv":
            encoding = "utf-8-sig" if number % 4 == 3 else "cp1251"
            writer.text(
                f"{folder}/{exam.number}_{exam.held_on:%Y.%m.%d}.csv",
                protocol_csv(one, city.schools, city.place, encoding),
            )
        else:
            name = f"Языки ЕГЭ {year}" if exam.oral_on else exam_title(exam)
            writer.workbook(f"{folder}/{name}.xlsx", protocol([one], city.schools, city.place))


def _write_oge(writer: Writer, city: _City, year: int, drawn: Sequence[ExamResults]) -> None:
    for one in drawn:
        exam = one.exam
        if exam.procedure != "OGE":
            continue
        sheets = protocol([one], city.schools, city.place)
        writer.workbook(f"ОГЭ/{year}/{exam_title(exam)}.xlsx", sheets)
        if exam.subject == "MA":
            retake = draw_retake(one, city.seed)
            day = exam.held_on.replace(month=9, day=9)
            if len(retake.person):
                writer.workbook(
                    f"ОГЭ/{year}/{exam_title(exam, day)}.xlsx",
                    protocol([retake], city.schools, city.place, day),
                )


def _write_appeals(writer: Writer, city: _City, year: int, drawn: Sequence[ExamResults]) -> None:
    for procedure, folder, result in (("EGE", "ЕГЭ", "Балл"), ("OGE", "ОГЭ", "Оценка")):
        held = [one for one in drawn if one.exam.procedure == procedure]
        pairs = [(one, draw_appeals(one, city.seed)) for one in held]
        pairs = [(one, appeals) for one, appeals in pairs if len(appeals.positions)]
        if pairs:
            writer.workbook(
                f"{folder}/{year}/Изменения после апелляций {year}.xlsx",
                appeals_sheet(pairs, city.schools, result),
            )


def _write_lists(writer: Writer, city: _City, years: Sequence[int]) -> None:
    """Register, bias list, ШНОР list and decisions, as the planted schools deserve them."""
    schools = city.schools
    plan: dict[str, list[School]] = {}
    for school in schools:
        plan.setdefault(school.plan, []).append(school)
    inflates, declines = plan.get("inflates", []), plan.get("declines", [])
    once = plan.get("honest", [])[:1]
    flags = ((1, 1, 0, 1), (0, 1, 1, 1), (1, 0, 0, 1))
    biased: list[tuple[int, School, Sequence[int]]] = [
        (year, school, flags[(number + year) % len(flags)])
        for year in years
        for number, school in enumerate(inflates)
    ]
    # Was on the list once, years ago, and is honest now.
    biased += [(years[0], school, (0, 1, 0, 0)) for school in once]
    writer.workbook("Реестр школ.xlsx", registers.register(schools))
    if not biased:
        return
    writer.workbook("Списки/Признаки необъективности.xlsx", registers.bias_list(biased))
    last = f"{years[-1] - 1}/{years[-1] % 100:02d}"
    listed = [(last, school) for school in [*declines, *plan.get("improves", [])[:1]]]
    decisions = [
        *((last, school, "include", "Устойчивое снижение результатов") for school in declines[:2]),
        *((last, school, "exclude", "Результаты выше средних") for school in once),
    ]
    if listed:
        writer.workbook("Списки/Перечень ШНОР.xlsx", registers.shnor_official(listed))
    if decisions:
        writer.workbook("Списки/Решения ШНОР.xlsx", registers.shnor_decision(decisions))


def _region_pack(writer: Writer, city: _City, years: Sequence[int], exams: Exams) -> int:
    population = city.population()
    pupil_rows = 0
    for window in load_windows():
        if window.cal_year in years:
            results = draw_window(population, window)
            _write_window(writer, city, results)
            pupil_rows += len(results.total)
    for year, drawn in exams.items():
        _write_ege(writer, city, year, drawn)
        _write_oge(writer, city, year, drawn)
        _write_appeals(writer, city, year, drawn)
    return pupil_rows


def _per_school(one: ExamResults) -> Iterator[tuple[int, ExamResults]]:
    for school in np.unique(one.pupils.school).tolist():
        yield school, one.take(np.flatnonzero(one.pupils.school == school))


def _schools_pack(writer: Writer, city: _City, years: Sequence[int], exams: Exams) -> int:
    """24 files a school and year, one ОГЭ protocol a school, twenty for all."""
    population = city.population()
    windows = [window for year in years for window in pack_windows(year)]
    write = partial(_write_school_files, writer.out, city)
    if len(windows) * len(city.schools) >= _PARALLEL_FROM_FILES:
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(2, mp_context=context) as pool:
            parts = list(pool.map(write, [[window] for window in windows]))
    else:
        parts = [write(windows)]
    writer.files += sum(files for files, _ in parts)
    for year, drawn in exams.items():
        for window in pack_windows(year):
            if window.cuts and window.subject in _PACK_MARKS[window.programme_grade].split():
                _write_report(writer, city, draw_window(population, window), "marks")
        _write_ege(writer, city, year, drawn)
        _write_appeals(writer, city, year, [one for one in drawn if one.exam.procedure == "EGE"])
        for one in drawn:
            if one.exam.procedure == "OGE" and one.exam.subject == "RU":
                for school, part in _per_school(one):
                    login = city.schools[school].login
                    writer.workbook(
                        f"ОГЭ/{year}/{login}/{exam_title(one.exam)}.xlsx",
                        protocol([part], city.schools, city.place),
                    )
    return sum(rows for _, rows in parts)


def write_city(
    out: Path,
    schools: int = 20,
    years: int = 3,
    seed: int = 41,
    plant: bool = True,
    *,
    pack: Pack = "region",
    impure: bool = True,
    restricted: bool = False,
    settings: Settings | None = None,
) -> Truth:
    """Write a synthetic city (from 60 schools on a region) into a folder.

    The same arguments give the same bytes.

    Args:
        out: folder, such as an inbox; made if it is not there.
        schools: how many schools, at least 3.
        years: how many calendar years; three begin with 2020.
        seed: source of chance.
        plant: let some schools inflate, decline, improve or stay honest (`PLANTED`).
        pack: `region`, one file a paper; `schools`, one file a school and paper.
        impure: spell some cells as people do, and a few rows wrongly.
        restricted: write the named lists too that the product refuses unless it is told otherwise.
        settings: names and codes of municipality and region; by default the installation's.

    Returns:
        The truth, which is also written as a hidden file, so that nobody reads it as data.
    """
    if schools < 3:
        raise ValueError("a city has at least 3 schools")
    settings = settings or load_settings()
    city = _City(
        settings=settings,
        seed=seed,
        schools=tuple(
            make_schools(settings, schools, seed, plant=plant, complete=pack == "schools")
        ),
        impure=impure,
    )
    out.mkdir(parents=True, exist_ok=True)
    writer = Writer(out)
    chosen = (
        calendar_years(years)
        if pack == "region"
        else tuple(range(_PACK_FIRST_YEAR, _PACK_FIRST_YEAR + years))
    )
    _write_lists(writer, city, chosen)
    population = city.population()
    exams = draw_exams(population, chosen)
    build = _region_pack if pack == "region" else _schools_pack
    pupil_rows = build(writer, city, chosen, exams)
    # The benchmark's registers: the school year of its papers, and the one that just began.
    starts = school_years(chosen) if pack == "region" else (chosen[0] - 1, *chosen)
    world = World(population, exams, starts, city.place, before=int(pack == "region"))
    register_rows = write_registers(
        writer, world, by_school=pack == "region", restricted=restricted
    )
    gve_rows = write_gve(writer, world)
    writer.finish()
    truth = Truth(
        seed=seed,
        pack=pack,
        years=chosen,
        schools=tuple(
            PlantedSchool(
                school.id, school.plan, round(school.propensity, 4), round(school.ability, 4),
                round(school.size_rank, 4),
            )
            for school in city.schools
        ),
        files=writer.files,
        pupil_rows=pupil_rows,
        exam_rows=gve_rows + sum(len(one.person) for drawn in exams.values() for one in drawn),
        school_years=starts,
        planted=world.planted,
        register_rows=register_rows,
    )  # fmt: skip
    text = json.dumps(asdict(truth), ensure_ascii=False, indent=1)
    (out / TRUTH_FILE).write_text(text + "\n", encoding="utf-8")
    return truth
