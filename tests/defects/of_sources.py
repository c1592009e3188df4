"""Defects between sources and years, one by one: ВПР, exams, olympiad, leavers, lists, register.

Belongs here: what is particular to one source. Not here: what many tables share (`of_groups`).
"""

from __future__ import annotations

import re

from expectations.suites.forms import DOCUMENTS
from samples.scales import form_cells
from tests.defects.of_groups import groups_of, number, table_is
from tests.defects.operator import SHOULD, Operator, some
from tests.defects.paper import NotApplicable


def _shift_year(text, by):
    return re.sub(r"(?<!\d)20(\d\d)(?!\d)", lambda m: str(2000 + int(m[1]) + by), text)


def _renamed_year(by):
    """Name, folder, sheet and titles say another year; the rows are as they were."""

    def spoil(draft, rng):
        # In 2022 grades 4 to 8 were to write in spring and wrote in autumn; a name has to say it.
        draft.name = re.sub(r"/2022/([4-8])/", r"/2022 осень/\1/", _shift_year(draft.name, by))
        for sheet in draft.sheets:
            sheet.name = _shift_year(sheet.name, by)
        top = draft.header - draft.block.plan.header_rows + 1
        for row in draft.rows[:top]:
            row[:] = [_shift_year(c, by) if isinstance(c, str) else c for c in row]
        if "_uploaded" in draft.columns:
            for i in range(len(draft.at)):
                draft.put(
                    i, "_uploaded", _shift_year(str(draft.get(i, "_uploaded")), by), mark=False
                )
        if draft.name == draft.paper.name:
            raise NotApplicable

    return spoil


def _other_subject(draft, rng):
    """The file of one subject goes under the name of another one of the same grade."""
    names = {"математик": "Физика", "русск": "Физика"}
    text = draft.name.lower()
    hit = next((word for word in names if word in text), None)
    if hit is None or not re.search(r"(/| )4( |/)", draft.name):
        raise NotApplicable
    draft.name = re.sub(r"(?i)русск\w+( язык\w*)?|математик\w*", "Физика", draft.name)
    for sheet in draft.sheets:
        sheet.name = "Sheet1"


def _down(draft, rng):
    """One column stands one row lower."""
    values = [draft.get(i, "primary_score") for i in range(len(draft.at))]
    if len(values) < 12:
        raise NotApplicable
    for i, value in enumerate([values[-1], *values[:-1]]):
        draft.put(i, "primary_score", value)


def _equal_marks(draft, rng):
    marks = [n for n in ("pct_2", "pct_3", "pct_4", "pct_5", "n2", "n3", "n4", "n5")
             if n in draft.columns and draft.filled(n)]  # fmt: skip
    rows = [i for i in draft.filled("n_part") if number(draft.get(i, "n_part")) >= 15]
    if "unit_name" in draft.columns:
        rows = [i for i in rows if re.search(r"(?:edu|sch)\d{4}", str(draft.get(i, "unit_name")))]
    if "n2" in draft.columns:
        rows = [i for i in rows if draft.get(i, "n2") not in ("", None)]
    (i,) = some(rng, rows)
    whole = 100 if "pct_2" in draft.columns else number(draft.get(i, "n_part"))
    for name in marks:
        draft.put(i, name, whole if name.endswith("4") else 0)


def _equal_pupil_marks(draft, rng):
    if "mark" not in draft.columns or "primary_score" not in draft.columns:
        raise NotApplicable
    rows = draft.filled("mark")
    if len(rows) < 15:
        raise NotApplicable
    for i in rows:
        draft.put(i, "mark", 4)


def _destination(draft, rng):
    words = draft.contract.column("destination").vocabulary
    grade = rng.choice(("9", "11"))
    rows = [i for i in range(len(draft.at)) if str(draft.get(i, "grade_label")).startswith(grade)]
    (i,) = some(rng, rows)
    draft.put(i, "destination", words["university" if grade == "9" else "grade10"][0])


def _unknown_ways(draft, rng):
    words = draft.contract.column("destination").vocabulary
    groups = [rows for rows in groups_of(draft).values() if len(rows) >= 10]
    for i in rng.choice(groups):
        draft.put(i, "destination", words["unknown"][0])


def _not_in_tenth(draft, rng):
    """A third of a grade is said to go to grade 10, where nobody of them is."""
    words = draft.contract.column("destination").vocabulary
    tenth = words["grade10"][0].lower()
    years = sorted({str(draft.get(i, "school_year")) for i in range(len(draft.at))})[:-1]
    groups = [
        rows for (_, year), rows in groups_of(draft).items() if year in years
        and sum(str(draft.get(i, "grade_label")).startswith("9") for i in rows) >= 15
    ]  # fmt: skip
    if not groups:
        raise NotApplicable
    for i in rng.choice(groups):
        other = str(draft.get(i, "destination")).lower() != tenth
        if other and str(draft.get(i, "grade_label")).startswith("9"):
            draft.put(i, "destination", words["grade10"][0])


def _other_olympiad(draft, rng):
    """A participant of the municipal stage sat another subject than at the school stage."""
    if "subject" not in draft.columns or "МЭ" not in {str(draft.get(0, n)) for n in draft.columns}:
        raise NotApplicable
    subjects = sorted({str(draft.get(i, "subject")) for i in range(len(draft.at))})
    for i in some(rng, range(len(draft.at)), 4):
        others = [name for name in subjects if name != draft.get(i, "subject")]
        draft.put(i, "subject", rng.choice(others))


def _poor_winner(draft, rng):
    if "max_points" not in draft.columns:
        raise NotApplicable
    words = draft.contract.column("result_status").vocabulary
    rows = [i for i in draft.filled("points") if 0 < number(draft.get(i, "points"))
            <= 0.4 * number(draft.get(i, "max_points"))]  # fmt: skip
    (i,) = some(rng, rows)
    draft.put(i, "result_status", words["winner"][0])


def _first_graders(draft, rng):
    (i,) = some(rng, range(len(draft.at)))
    draft.put(i, "grade_label", "2")


def _no_pass(draft, rng):
    rows = [i for i in draft.filled("points") if number(draft.get(i, "points")) >= 12]
    (i,) = some(rng, rows)
    yes = str(draft.get(i, "passed")).lower()
    draft.put(i, "passed", "незачёт" if yes in ("зачёт", "зачет") else "нет")


def _copied_person(draft, rng):
    """A person stands in a second school too, the whole year."""
    groups = groups_of(draft)
    years = sorted({year for _, year in groups})
    year = years[-2] if len(years) > 1 else years[0]
    schools = sorted(s for s, y in groups if y == year)
    a, b = rng.sample(schools, 2)
    stays = [i for i in groups[a, year] if not any(
        draft.get(i, n) for n in ("enrolled_on", "left_on") if n in draft.columns)]  # fmt: skip
    (i,) = some(rng, stays or groups[a, year])
    row = list(draft.rows[draft.at[i]])
    row[draft.columns["school_code"]] = b
    if "school_name_given" in draft.columns:
        row[draft.columns["school_name_given"]] = draft.get(groups[b, year][0], "school_name_given")
    last = draft.at[-1] + 1
    draft.rows.insert(last, row)
    draft.marks.append((last + 1, None))


def _many_more(draft, rng):
    """As many participants again, under codes or documents of their own."""
    name = next((n for n in ("pupil_code", "_document", "_participant") if n in draft.columns), "")
    if not name:
        raise NotApplicable
    groups = {}
    for i in range(len(draft.at)):
        groups.setdefault(str(draft.get(i, "school_code")), []).append(i)
    rows = max(groups.values(), key=len)
    copies = []
    for k in range(1, 2 + 400 // len(rows)):
        for i in rows:
            row = list(draft.rows[draft.at[i]])
            code = re.sub(r"\D", "", str(row[draft.columns[name]]).split(".")[0]) or "1"
            row[draft.columns[name]] = str((int(code) + 13_000 * k) % 100_000).zfill(5)
            if name == "_document":
                row[draft.columns[name]] = str((int(code) + 131_313 * k) % 1_000_000).zfill(6)
            copies.append(row)
    last = draft.at[-1] + 1
    draft.rows[last:last] = copies
    draft.marks = [(last + 1 + n, None) for n in range(len(copies))]


def _form_total(draft, rng):
    """A total of the form, or one of its parts, is another number."""
    known = {
        (one["row_code"], one["column_code"]): one for one in form_cells()
        if one["variable"].startswith("n_pupils") and "shift" not in one["variable"]
    }  # fmt: skip
    columns = {column.label: column.index for column in draft.block.plan.repeated}
    places = []
    for i in range(len(draft.at)):
        row = re.sub(r"\.0$", "", str(draft.get(i, "row_code"))).zfill(2)
        for graph, column in columns.items():
            if (row, graph) in known and (number(draft.get(i, column)) or 0) > 0:
                places.append((i, column))
    if not places or draft.block.plan.layout.id != "fsn_oo1":
        raise NotApplicable
    i, column = rng.choice(places)
    draft.put(i, column, number(draft.get(i, column)) + 40)


def _document_date(draft, rng):
    names = [n for n in DOCUMENTS[draft.contract.table] if n in draft.columns and draft.filled(n)]
    if not names:
        raise NotApplicable
    name = rng.choice(names)
    (i,) = some(rng, draft.filled(name))
    draft.put(i, name, "15.05.2049")


def _no_value(draft, rng):
    rows = [i for i in range(len(draft.at)) if draft.get(i, "denominator") != ""]
    (i,) = some(rng, rows)
    draft.put(i, "denominator", "")
    draft.put(i, "given_value", "")


def _total_mean(draft, rng):
    (i,) = some(rng, draft.filled("total"))
    total = number(draft.get(i, "total"))
    draft.put(i, "total", total - 20 if total > 30 else total + 20)


def _experience(draft, rng):
    (i,) = some(rng, draft.filled("ped_experience"))
    draft.put(i, "ped_experience", 58)


def _hours(draft, rng):
    (i,) = some(rng, draft.filled("weekly_hours"))
    draft.put(i, "weekly_hours", 59)


def _fractions(draft, rng):
    names = [n for n in draft.typed("number") if draft.contract.column(n).unit == "%"]
    if not names:
        raise NotApplicable
    for i in range(len(draft.at)):
        for name in names:
            if (value := number(draft.get(i, name))) is not None:
                draft.put(i, name, round(value / 100, 3))


def _nobody_won(draft, rng):
    words = draft.contract.column("result_status").vocabulary
    subjects = [draft.get(i, "subject") for i in range(len(draft.at)) if "subject" in draft.columns]
    if max(map(subjects.count, subjects), default=len(draft.at)) < 25:
        raise NotApplicable
    for i in range(len(draft.at)):
        draft.put(i, "result_status", words["participant"][0])


def _absent_listed(draft, rng):
    """The list names a school for a year in which it did not write."""
    name = next(n for n in ("list_year",) if n in draft.columns)
    for i in some(rng, range(len(draft.at))):
        draft.put(i, "school_code", "edu234999")
        draft.put(i, name, draft.get(i, name), mark=False)


def _same_number(column):
    def spoil(draft, rng):
        a, b = some(rng, range(len(draft.at)), 2)
        draft.put(b, column, draft.get(a, column))

    return spoil


def _lost_register(draft, rng):
    keep = max(3, len(draft.at) // 2)
    gone = {draft.at[i] for i in range(keep, len(draft.at))}
    draft.sheet.rows = [row for n, row in enumerate(draft.sheet.rows) if n not in gone]


def _closed_first(draft, rng):
    (i,) = some(rng, draft.filled("opened_on"))
    draft.put(i, "closed_on", "01.09.1940")


def _successor(draft, rng):
    (i,) = some(rng, range(len(draft.at)))
    draft.put(i, "successor_school_id", "net-takoi-999")


def _tax_length(draft, rng):
    (i,) = some(rng, draft.filled("inn"))
    draft.put(i, "inn", str(draft.get(i, "inn"))[:-1])


def _accreditation(draft, rng):
    """One tax number of the open registry is another one."""

    def change(data):
        numbers = re.findall(rb"<INN>(\d{10})</INN>", data)
        number = numbers[rng.randrange(len(numbers))]
        return data.replace(number, b"7799" + number[4:])

    draft.final = change


def _op(code, title, spoil, expect, *place):
    where, level = (*place, "must")[:2]
    expected = tuple(e if ":" in e or e == "outside" else f"gate:{e}" for e in expect)
    return Operator(code, title, spoil, expected, level, where, whole=True, group="between sources")


_VPR = ("vpr_pupil", "vpr_marks", "vpr_journal")
_EXAM = ("ege_result", "oge_result")
OPERATORS = (
    _op("S01", "last year's ВПР file named with the new year", _renamed_year(1),
        ["not_of_another_year", "held_by_calendar", "held_by_calendar_unconfirmed",
         "volume_against_last_year", "far_beyond_contingent", "within_contingent",
         "compared_within_participants", "report_agrees_with_pupils", "report_of_another_year",
         "file:ENVELOPE_CONTRADICTION"], table_is(*_VPR)),
    _op("S02", "ВПР file named with the year before", _renamed_year(-1),
        ["not_of_another_year", "held_by_calendar", "held_by_calendar_unconfirmed",
         "volume_against_last_year", "far_beyond_contingent", "within_contingent",
         "compared_within_participants", "report_agrees_with_pupils", "report_of_another_year",
         "file:ENVELOPE_CONTRADICTION"], table_is(*_VPR)),
    _op("S03", "subject that this grade does not have", _other_subject,
        ["held_by_calendar", "held_by_calendar_unconfirmed", "subject_of_grade",
         "file:ENVELOPE_CONTRADICTION"], table_is("vpr_pupil")),
    _op("S04", "column of scores shifted by a row", _down, ["total_is_sum_of_tasks"],
        lambda p: p.table == "vpr_pupil" and "formula_total" not in p.block.plan.layout.spec),
    _op("S05", "one mark for all", _equal_marks, ["results_differ"], table_is("kdr_result"), SHOULD),
    _op("S06", "one mark for all participants", _equal_pupil_marks,
        ["results_differ", "mark_follows_scale", "mark_follows_scale_unconfirmed"], table_is("vpr_pupil"), SHOULD),
    _op("S07", "far more ВПР participants than pupils", _many_more,
        ["far_beyond_contingent", "within_contingent"],
        lambda p: p.layout in ("vpr_export_2020", "vpr_export_2021",
                                                          "vpr_export_2022")),
    _op("S08", "far more exam participants than pupils", _many_more,
        ["far_beyond_contingent", "within_contingent"],
        lambda p: p.layout in ("oge_protocol", "ege_regional")),
    _op("S09", "exam protocol named with another year", _renamed_year(1),
        ["file:ENVELOPE_CONTRADICTION", "exam_date_in_year", "held_by_calendar",
         "held_by_calendar_unconfirmed", "volume_against_last_year", "far_beyond_contingent",
         "within_contingent", "protocol_of_another_year"], table_is(*_EXAM), SHOULD),
    _op("S10", "leaver's way impossible after that grade", _destination,
        ["destination_fits_grade"], table_is("leaver")),
    _op("S11", "way unknown for a whole grade", _unknown_ways, ["destinations_known"],
        table_is("leaver")),
    _op("S12", '"grade 10" for those whom grade 10 does not have', _not_in_tenth,
        ["tenth_graders_continue"], table_is("leaver"), SHOULD),
    _op("S13", "municipal stage without the school stage", _other_olympiad,
        ["passed_earlier_stage"], table_is("vsosh_result")),
    _op("S14", "winner with few points", _poor_winner, ["winner_beyond_half"],
        table_is("vsosh_result"), SHOULD),
    _op("S15", "olympiad participant of grade 2", _first_graders,
        ["stage_has_grade", "row:OUT_OF_RANGE"], table_is("vsosh_result")),
    _op("S16", "no winners at all", _nobody_won, ["winners_named"],
        table_is("vsosh_result"), SHOULD),
    _op("S17", "fail despite enough points", _no_pass, ["pass_follows_points"],
        table_is("interview_result")),
    _op("S18", "pupil in two schools at once", _copied_person, ["in_one_school"],
        table_is("pupil_year")),
    _op("S19", "leaver in two schools", _copied_person, ["leaves_one_school"], table_is("leaver")),
    _op("S20", "total of a form is not the sum", _form_total,
        ["total_is_sum_of_grades", "total_is_sum_of_grades_unconfirmed"], table_is("fsn_cell")),
    _op("S21", "document date in the future", _document_date, ["document_not_in_future"],
        table_is(*DOCUMENTS)),
    _op("S22", "indicator without denominator and value", _no_value, ["value_is_given"],
        table_is("custom_indicator")),
    _op("S23", "НОКО total is not the mean", _total_mean, ["total_is_mean"],
        table_is("noko_score")),
    _op("S24", "experience beyond age", _experience, ["experience_fits_age"], table_is("staff")),
    _op("S25", "workload above one and a half posts", _hours, ["hours_of_person", "row:OUT_OF_RANGE"],
        table_is("staff"), SHOULD),
    _op("S26", "fractions instead of percentages in a whole column", _fractions, ["percents_not_fractions"],
        lambda p: p.kind == "plain", SHOULD),
    _op("S27", "listed schools not among participants", _absent_listed,
        ["listed_school_took_part", "outside"], table_is("bias_list")),
    _op("S28", "one tax number for two schools", _same_number("inn"), ["unique_inn"], table_is("school")),
    _op("S29", "one school code twice", _same_number("fis_login"), ["unique_fis_login"],
        table_is("school")),
    _op("S30", "half of the schools in the register", _lost_register, ["register_keeps_schools"],
        table_is("school")),
    _op("S31", "school closed before it was opened", _closed_first, ["opened_before_closed"],
        table_is("school")),
    _op("S32", "successor outside the register", _successor, ["known_successor"], table_is("school")),
    _op("D13", "tax number of a wrong length", _tax_length, ["row:BAD_CODE"], table_is("school")),
    _op("S33", "school's tax number differs from the accreditation registry", _accreditation,
        ["tax_number_agrees"], lambda p: p.table == "accreditation", SHOULD),
)  # fmt: skip
