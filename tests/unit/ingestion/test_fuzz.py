"""A short run of the fuzz (`make fuzz` is the long one), and what it has found so far."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingestion.read.delimited import read_delimited
from ingestion.read.layout import read_file
from ingestion.read.worker import Segment
from ingestion.reasons import Refusal
from tests.fuzz.mutate import PLANS
from tests.fuzz.targets import TARGETS, timed
from tests.unit.ingestion import export_world
from tests.unit.ingestion.layout_world import DELIVERY, EXAMPLES, context, read, semicolons


@pytest.mark.parametrize("target", TARGETS)
@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.differing_executors],
)
@given(which=st.integers(0, 9_999), plan=PLANS)
def test_a_spoilt_file_is_read_or_refused(target, which, plan):
    timed(TARGETS[target][1], which, plan)


@pytest.mark.parametrize(
    "line",
    ['"' * 30_000, '"a;' * 200_000, '"' + 'a""' * 5_000, '";"' * 100_000],
    ids=["quotes", "never closed", "pairs", "closed at once"],
)
def test_quotes_cost_no_more_than_other_signs(line):
    start = time.process_time()
    with suppress(Refusal):
        read_delimited(f'Код;Балл\n{line}\n"школа "А"";1\n'.encode())
    assert time.process_time() - start < 1


@pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES.keys())
@pytest.mark.parametrize("cells", [1, 2, 3])
def test_rows_cut_short_are_no_accident(example, cells):
    sheet, rows = next(iter(example.sheets.items()))
    for i in range(len(rows)):
        reading = read([*rows[:i], rows[i][:cells], *rows[i + 1 :]], example.name, sheet=sheet)
        assert reading.rows_read == reading.rows_accepted + reading.rows_rejected


@pytest.mark.parametrize("case", ["NOKO", "KDR_COLUMNS", "NIKO", "NAVIGATOR", "CONTINGENT"])
def test_an_error_in_any_cell_is_told_as_such(case):
    table = getattr(export_world, case)
    for i, row in enumerate(table):
        for j in range(len(row)):
            rows = [list(cells) for cells in table]
            rows[i][j] = "#REF!"
            data = semicolons(rows, "utf-8")
            reading = read_file(data, "2022/НОКО 2023/x.csv", {}, DELIVERY, context())
            assert reading.rows_read == reading.rows_accepted + reading.rows_rejected


def test_a_digit_that_is_no_number_names_no_grade():
    example = next(iter(EXAMPLES.values()))
    sheet, rows = next(iter(example.sheets.items()))
    assert read(rows, f"²/{example.name}", sheet=sheet).status in ("read", "refused")


def test_digits_that_are_no_numbers_are_no_graph_numbers():
    rows = [row if row != [1, 2, 3] else ["²", "³", "¹"] for row in export_world.DO_ROWS]
    assert read(rows, "x.xlsx").status == "refused"
    head, *others = export_world.NIKO
    assert read([head, others[0], ["²", "³", "¹"], *others[1:]], "x.xlsx").status


def test_a_form_whose_last_graph_is_the_number_of_the_row():
    rows = [
        *export_world.DO_ROWS[:2],
        ["Всего", "Направления", "№ строки"],
        [1, 2, 3],
        [120, "Техническое", 1],
    ]
    assert read(rows, "x.xlsx").status == "refused"


def test_the_row_of_graph_numbers_is_accounted_for():
    reading = read(export_world.DO_ROWS, "x.xlsx")
    assert reading.status == "read"
    counted = sum(number for *_, number in reading.structure) + reading.rows_read
    assert counted == len(export_world.DO_ROWS)


@pytest.mark.parametrize("number", ["9" * 30, "-9999999999", "2147483648", 1e300])
def test_a_number_too_wide_for_storage_costs_its_row_only(number):
    for name, column in (("NIKO", 2), ("KDR_COLUMNS", 7), ("NOKO", 3)):
        rows = [list(row) for row in getattr(export_world, name)]
        rows[-1][column] = number
        reading = read(rows, "x.xlsx")
        fitted = Segment(Path(), context().contracts)
        fitted.add("key", reading)
        for table in list(fitted._columns):
            fitted._batch(table)


def test_a_task_worth_more_than_storage_holds():
    example = (
        EXAMPLES["export_2022"] if "export_2022" in EXAMPLES else next(iter(EXAMPLES.values()))
    )
    sheet, rows = next(iter(example.sheets.items()))
    wide = [[str(c).replace("(1б)", "(99999999999б)") for c in row] for row in rows]
    fitted = Segment(Path(), context().contracts)
    fitted.add("key", read(wide, example.name, sheet=sheet))
    for table in list(fitted._columns):
        fitted._batch(table)
