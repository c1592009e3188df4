"""Properties of the layout engine over generated tables."""

import datetime as dt

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.ingestion.layout_world import (
    COMPACT,
    EXAMPLES,
    EXPORT_2021,
    HEAD_2022,
    compact_row,
    read,
    row_2022,
    table,
)

SCORES = st.sampled_from([0, 1, 2, 3, -1, -2, None])
TEXT_OF_SCORE = {-1: "X", -2: "не пройд.", None: ""}
CELLS = st.one_of(
    st.text(max_size=8),
    st.sampled_from(["", " ", "X", "отсутствовал", "#Н/Д", "Итого", "1,5", "4\xa0"]),
    st.floats(allow_nan=True),
    st.integers(-5, 99999),
    st.booleans(),
    st.dates(),
)

PUPIL = st.fixed_dictionaries(
    {
        "journal_mark": st.sampled_from([2, 3, 4, 5, None]),
        "sex": st.sampled_from(["m", "f", None]),
        "class_label": st.sampled_from(["А", "7Б", None]),
        "variant": st.sampled_from(["1", "2"]),
        "primary_score": st.integers(0, 20),
        "scores": st.lists(SCORES, min_size=2, max_size=2).filter(
            lambda scores: any(score is not None for score in scores)
        ),
    }
)


def render(pupils):
    """Rows of the 2021 export that say exactly this."""
    rows = [EXPORT_2021[0]]
    for n, pupil in enumerate(pupils):
        marks = {"m": "м", "f": "ж", None: ""}
        rows.append([
            "sch230001", "город", str(n), str(40001 + n), str(pupil["journal_mark"] or ""),
            marks[pupil["sex"]], pupil["class_label"] or "", pupil["variant"],
            str(pupil["primary_score"]),
            *(TEXT_OF_SCORE.get(score, str(score)) for score in pupil["scores"]), *[""] * 5,
        ])  # fmt: skip
    return rows


@settings(max_examples=50, deadline=None)
@given(st.lists(PUPIL, min_size=1, max_size=12))
def test_what_is_rendered_is_read_back(pupils):
    reading = read(render(pupils), "2021/4/Математика.xlsx")
    assert reading.rows_rejected == 0
    found = next(rows for rows in reading.tables if rows.table == "vpr_pupil").columns
    for name in pupils[0]:
        assert found[name] == [pupil[name] for pupil in pupils]
    assert found["source_text"] == [None] * len(pupils)  # nothing was written unusually


@settings(max_examples=50, deadline=None)
@given(st.lists(PUPIL, min_size=2, max_size=8), st.randoms(use_true_random=False))
def test_hash_of_a_part_does_not_depend_on_the_order_of_rows(pupils, chance):
    head, *rows = render(pupils)
    one = read([head, *rows], "2021/4/Математика.xlsx")
    chance.shuffle(rows)
    two = read([["ВПР"], head, *rows], "2021/4/Математика.xlsx")
    assert one.parts[0].rows_hash == two.parts[0].rows_hash


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_cell_anywhere_keeps_the_account(data):
    """One wild cell in any layout: no exception, and every row of the sheet is counted."""
    example = data.draw(st.sampled_from(sorted(EXAMPLES.values(), key=lambda e: e.layout)))
    sheet, rows = next(iter(example.sheets.items()))
    rows = [list(row) for row in rows]
    i = data.draw(st.integers(0, len(rows) - 1))
    if rows[i]:
        rows[i][data.draw(st.integers(0, len(rows[i]) - 1))] = data.draw(CELLS)
    reading = read(rows, example.name, sheet=sheet)
    assert reading.rows_read == reading.rows_accepted + reading.rows_rejected
    assert len({item[:2] for item in reading.rejections}) == reading.rows_rejected
    if reading.status == "read":
        assert sum(n for *_, n in reading.structure) + reading.rows_read == len(rows)
        for rows_of in reading.tables:
            assert len({len(values) for values in rows_of.columns.values()}) == 1


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(CELLS, min_size=len(HEAD_2022), max_size=len(HEAD_2022)), max_size=6))
def test_any_rows_under_a_header_keep_the_account(rows):
    sheet = [HEAD_2022, row_2022("1003"), *rows]
    reading = read(sheet, "2022/11/Химия.xlsx")
    assert reading.rows_read == reading.rows_accepted + reading.rows_rejected
    assert len({item[:2] for item in reading.rejections}) == reading.rows_rejected


@settings(max_examples=50, deadline=None)
@given(st.dates(dt.date(2018, 1, 1), dt.date(2026, 12, 1)))
def test_each_exam_date_has_a_period_and_a_school_year(date):
    reading = read([[f"01 - Русский язык {date:%Y.%m.%d}"], COMPACT, compact_row(1)], "x.xlsx")
    (row,) = table(reading)
    assert row["season"] in ("early", "main", "reserve", "september")
    assert row["school_year"].startswith(str(date.year - 1))
