"""Registers of the city: consistent with each other and with the exams, and read without loss."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest

from ingestion.contracts import load_contracts
from ingestion.pseudonym import Pseudonymiser
from ingestion.read.layout import read_file
from ingestion.read.model import ReadContext
from ingestion.reference import load_reference
from samples.city import write_city
from samples.exams import draw_exams
from samples.layouts.exports import Place
from samples.names import NAMES, full_name
from samples.population import Population, make_schools
from samples.registers.files import BUILDERS, RESTRICTED, register_files
from samples.registers.forms import form_rows
from samples.world import World, school_year, school_years
from warehouse.settings import load_settings

YEARS = (2020, 2021, 2022)
SCHOOLS = 12
Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def world() -> World:
    population = Population(make_schools(load_settings(), SCHOOLS, 41, plant=True), 41)
    return World(
        population,
        draw_exams(population, YEARS),
        school_years(YEARS),
        Place("23", "Край"),
        before=1,
    )


@pytest.fixture(scope="module")
def tables(world: World) -> dict[str, Rows]:
    return {table: list(builder(world)) for table, builder in BUILDERS.items()}


def test_every_contract_with_layouts_has_files(world: World) -> None:
    written = {file.table for file in register_files(world, by_school=False, restricted=True)}
    elsewhere = {"school", "bias_list", "shnor_official", "shnor_decision", "accreditation",
                 "ege_result", "oge_result", "exam_change"}  # fmt: skip
    wanted = {name for name, contract in load_contracts().items() if contract.layouts}
    assert {name for name in wanted if not name.startswith("vpr_")} == written | elsewhere


def test_restricted_lists_are_written_only_when_asked_for(world: World) -> None:
    files = register_files(world, by_school=False, restricted=False)
    assert not {file.table for file in files} & set(RESTRICTED)


def test_required_cells_and_vocabularies(tables: dict[str, Rows]) -> None:
    for table, rows in tables.items():
        contract = load_contracts()[table]
        assert rows, table
        for column in contract.columns:
            values = [row.get(column.name) for row in rows]
            if column.required and column.name not in ("participant_pid", "pid_basis"):
                assert None not in values, (table, column.name)
            if column.vocabulary:
                assert set(values) - {None} <= set(column.vocabulary), (table, column.name)


def test_seven_years_of_forms_and_five_of_registers(world: World) -> None:
    assert world.starts == (2018, 2019, 2020, 2021, 2022)
    years = {
        file.rows[0]["form_year"]
        for file in register_files(world, by_school=True, restricted=False)
        if file.layout == "oo1"
    }
    assert years == set(range(2016, 2023))


def _people(rows: Rows, column: str = "person_pid") -> dict[str, set[object]]:
    found: dict[str, set[object]] = defaultdict(set)
    for row in rows:
        if row.get(column):
            found[row["school_code"]].add(row[column])
    return found


@pytest.mark.parametrize(
    "table", ["leaver", "extra_enrolment", "vsosh_result", "sen_pupil", "prevention_pupil"]
)
def test_pupils_of_all_sources_are_in_the_contingent(tables: dict[str, Rows], table: str) -> None:
    known = {
        (row["school_code"], row["school_year"], row["person_pid"]) for row in tables["pupil_year"]
    }
    for row in tables[table]:
        assert (row["school_code"], row["school_year"], row["person_pid"]) in known


@pytest.mark.parametrize(
    ("table", "column"),
    [("attestation", "person_pid"), ("cpd_course", "person_pid"), ("mentor_pair", "mentor_pid"),
     ("teacher_diagnostics", "person_pid"), ("mentor_pair", "mentee_pid"), ("expert", "person_pid"),
     ("reserve_post", "person_pid"), ("meth_event", "person_pid"), ("network_member", "person_pid")],
)  # fmt: skip
def test_persons_of_all_sources_are_in_the_staff(
    tables: dict[str, Rows], table: str, column: str
) -> None:
    staff = _people(tables["staff"])
    for school, people in _people(tables[table], column).items():
        assert people <= staff[school]


def test_participants_of_exams_are_in_the_contingent_by_name(world: World) -> None:
    names = Counter(
        (pupil.school, start, pupil.person.fio)
        for (_, start), pupils in world.contingent.pupils.items()
        for pupil in pupils
    )
    found = ambiguous = 0
    for year, drawn in world.exams.items():
        for one in drawn:
            for school, number, girl in zip(
                one.pupils.school.tolist(), one.pupils.name_number.tolist(),
                one.pupils.is_girl.tolist(), strict=True,
            ):  # fmt: skip
                n = names[school, year - 1, " ".join(full_name(number, girl))]
                assert n >= 1
                found, ambiguous = found + 1, ambiguous + (n > 1)
    # A few namesakes, so that a link must be refused somewhere.
    assert 0 < ambiguous < 0.1 * found


def test_pupils_move_on_as_the_contingent_says(world: World) -> None:
    last = world.starts[-1]
    for (school, start), pupils in world.contingent.pupils.items():
        movements = Counter(pupil.movement for pupil in pupils)
        assert ("stays" in movements) == (start == last)
        if start == last:
            continue
        later = {p.key: p for p in world.contingent.pupils.get((school, start + 1), ())}
        for pupil in pupils:
            if pupil.movement == "promoted":
                assert later[pupil.key].grade == pupil.grade + 1
            elif pupil.movement == "repeat":
                assert later[pupil.key].grade == pupil.grade
            elif pupil.movement == "transfer":
                elsewhere = (
                    other
                    for (_, year), others in world.contingent.pupils.items()
                    if year in (start, start + 1)
                    for other in others
                )
                assert any(o.key == pupil.key and o.school != school for o in elsewhere)
    kinds = {pupil.movement for start in world.starts for pupil in world.contingent.all(start)}
    vocabulary = load_contracts()["pupil_year"].column("movement_type").vocabulary
    assert vocabulary is not None
    assert kinds == set(vocabulary)


def test_leavers_are_all_who_left_and_have_one_destination(world: World) -> None:
    for (school, start), leavers in world.contingent.leavers.items():
        pupils = world.contingent.pupils[school, start]
        gone = [p for p in pupils if p.grade in (9, 11) and p.movement in ("graduated", "left")]
        assert [leaver.pupil for leaver in leavers] == gone
        tenth = {p.key for p in world.contingent.pupils.get((school, start + 1), ())}
        for leaver in leavers:
            assert (leaver.certificate == "no") == (leaver.pupil.movement == "left")
            assert (leaver.specialty is not None) == (
                leaver.destination in ("college", "university")
            )
            if leaver.pupil.grade == 9:
                assert (leaver.destination == "grade10") == (leaver.pupil.key in tenth)


def test_most_leavers_of_a_class_are_known_even_where_a_third_is_not(world: World) -> None:
    for leavers in world.contingent.leavers.values():
        for grade in (9, 11):
            own = [leaver.destination for leaver in leavers if leaver.pupil.grade == grade]
            assert own.count("unknown") <= 0.5 * len(own) or len(own) < 5


def test_a_cohort_is_followed_from_grade_5_to_its_certificates(tables: dict[str, Rows]) -> None:
    first = min(row["school_year"] for row in tables["pupil_year"])
    assert first == "2017/18"
    assert min(row["school_year"] for row in tables["leaver"]) == "2018/19"
    entered = {
        row["person_pid"]
        for row in tables["pupil_year"]
        if (row["school_year"], row["grade_label"]) == (first, 5)
    }
    certified = {
        row["person_pid"]
        for row in tables["leaver"]
        if (row["school_year"], row["grade_label"]) == ("2021/22", 9) and row["certificate"] != "no"
    }
    assert len(entered & certified) > 0.8 * len(entered)


def test_diagnostics_by_subject_are_a_part_of_all(tables: dict[str, Rows]) -> None:
    whole = {
        (row["school_code"], row["school_year"], row["grade_label"]): row
        for row in tables["diagnostic_count"]
        if "subject" not in row
    }
    subjects = Counter(row.get("subject") for row in tables["diagnostic_count"])
    assert set(subjects) == {None, "RU", "MA"}
    for row in tables["diagnostic_count"]:
        of = whole[row["school_code"], row["school_year"], row["grade_label"]]
        assert row["n_diagnosed"] == of["n_diagnosed"]
        assert row["n_below"] <= of["n_below"]


def test_municipal_stage_is_a_part_of_the_school_stage(tables: dict[str, Rows]) -> None:
    stages: dict[str, set[tuple[Any, ...]]] = defaultdict(set)
    for row in tables["vsosh_result"]:
        stages[row["stage"]].add((row["school_year"], row["subject"], row["person_pid"]))
        if row["result_status"] != "participant":
            assert row["points"] > row["max_points"] / 2
        assert row["grade_label"] >= (7 if row["stage"] == "municipal" else 4)
    assert stages["municipal"]
    assert stages["municipal"] < stages["school"]


def test_counts_fit_into_each_other(tables: dict[str, Rows]) -> None:
    for row in tables["kdr_result"]:
        assert row["n_part"] <= row["n_listed"]
        levels = ("n2", "n3", "n4", "n5") if row["work_kind"] == "kdr" else (
            "n_low", "n_base", "n_high")  # fmt: skip
        assert sum(row[name] for name in levels) == row["n_part"]
    chains = {
        "sen_count": ("n_sen", "n_pmpk", "n_aop"), "social_passport": ("n_pupils", "n_ovz"),
        "prevention_count": ("n_pupils", "n_at_risk", "n_at_risk_took", "n_at_risk_basic"),
        "diagnostic_count": ("n_pupils", "n_diagnosed", "n_below", "n_route"),
        "municipal_test": ("n_listed", "n_part", "n_pass", "n_high"),
        "attendance": ("lessons_due", "missed_unexcused"), "gifted_count": ("n_gifted",
        "n_with_support"), "observation": ("n_rooms", "n_rooms_observed"),
        "staff_post": ("posts_total", "posts_vacant"), "burnout_survey": ("n_respondents", "n_high"),
        "consumer_survey": ("n_respondents", "n_satisfied"),
    }  # fmt: skip
    for table, chain in chains.items():
        for row in tables[table]:
            values = [row[name] for name in chain]
            assert values == sorted(values, reverse=True), (table, row)


def test_sources_of_one_figure_agree(world: World, tables: dict[str, Rows]) -> None:
    passport = {(r["school_code"], r["school_year"]): r for r in tables["social_passport"]}
    sen = {(r["school_code"], r["school_year"]): r for r in tables["sen_count"]}
    prevention = {(r["school_code"], r["school_year"]): r for r in tables["prevention_count"]}
    for school, start in world.school_starts():
        key = school.login, school_year(start)
        form = {
            (row["section"], row["row_code"], row["column_code"]): row["cell_value"]
            for row in form_rows(world, "oo1", school, start)
        }
        assert form["2.1", "02", "3"] == passport[key]["n_pupils"]
        assert form["2.1", "04", "3"] == sen[key]["n_sen"] == passport[key]["n_ovz"]
        assert prevention[key]["n_accounted"] == passport[key]["n_accounted"]
        for row in ("01", "02", "03", "04", "05"):
            grades = sum(v for (s, r, c), v in form.items() if (s, r) == ("2.1", row) and c != "3")
            assert form["2.1", row, "3"] == grades
        staff = [r for r in tables["staff"] if (r["school_code"], r["school_year"]) == key]
        assert form["3.1", "06", "3"] == sum(r["post_kind"] == "teacher" for r in staff)


def test_planted_truths_show(world: World, tables: dict[str, Rows]) -> None:
    planted = world.planted
    login = {school.id: school.login for school in world.schools.values()}

    def rate(table: str, school: str, part: str, whole: str) -> float:
        rows = [row for row in tables[table] if row["school_code"] == login[school]]
        return float(sum(row[part] for row in rows) / sum(row[whole] for row in rows))

    absence = {
        school: rate("attendance", school, "missed_unexcused", "lessons_due") for school in login
    }
    bad = set(planted.bad_attendance)
    assert set(sorted(absence, key=absence.__getitem__)[-len(bad) :]) == bad
    reserve = _people(tables["reserve_post"])
    assert login[planted.no_reserve] not in reserve
    assert login[planted.no_agreements] not in {r["school_code"] for r in tables["agreement"]}
    unknown = Counter(
        row["school_code"] for row in tables["leaver"] if row["destination"] == "unknown"
    )
    assert unknown.most_common(1)[0][0] == login[planted.unknown_leavers]
    for school, year in planted.head_change.items():
        heads = [
            row for row in tables["staff"]
            if row["school_code"] == login[school] and row["post_kind"] == "head"
        ]  # fmt: skip
        before = {r["person_pid"] for r in heads if r["school_year"] < year}
        after = {r["person_pid"] for r in heads if r["school_year"] >= year}
        assert len(after) == 1
        assert not before & after


def test_names_are_different_and_invented() -> None:
    assert len({full_name(number, 0) for number in range(NAMES)}) == NAMES


def test_the_product_reads_all_registers_of_a_pack(tmp_path: Path) -> None:
    truth = write_city(tmp_path, schools=4, years=1, pack="schools", restricted=True)
    context = ReadContext(load_contracts(), load_reference(), Pseudonymiser(b"k" * 32, "key"), "23")
    accepted: Counter[str] = Counter()
    for path in sorted(tmp_path.rglob("*")):
        name = str(path.relative_to(tmp_path))
        if not path.is_file() or re.match(r"\.|ВПР|ЕГЭ|ОГЭ|Списки|Реестр школ", name):
            continue
        reading = read_file(path.read_bytes(), name, {}, "0" * 16, context)
        if reading.table in RESTRICTED:
            assert (reading.status, reading.reason_code) == ("refused", "RESTRICTED_ROWS")
            continue
        assert (reading.status, reading.rows_rejected) == ("read", 0), name
        accepted[str(reading.table)] += reading.rows_accepted
    for table, rows in truth.register_rows.items():
        if table not in (*RESTRICTED, "fsn_cell"):
            assert accepted[table] == rows, table
