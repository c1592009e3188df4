"""Defects that only other rows or other tables show, one for each rule about groups.

Belongs here: SQL that plants a defect into the clean tiny city, by table and rule. `bulk` first
makes school A and B large enough that a share means something.
"""

from __future__ import annotations

PID = "translate(lpad(cast({n} as varchar), 8, '0'), '0123456789', 'abcdefghij') || repeat('z', 18)"


def _pid(n: str) -> str:
    return PID.format(n=n)


def pupils(school: str, year: str, grade: int, first: int, n: int) -> str:
    """A grade of a school in the contingent."""
    return (
        "insert into incoming.pupil_year by name select * replace (school_id as school_id) from ("
        f"select p.* replace ('{school}' as school_id, '{year}' as school_year, "
        f"cast({grade} as integer) as grade_label, {_pid('g.i')} as person_pid, "
        f"cast(g.i as integer) as row_no, cast(null as date) as enrolled_on, "
        "cast(null as date) as left_on) from (select * from incoming.pupil_year limit 1) p, "
        f"range({first}, {first + n}) g(i))"
    )


def rows(table: str, where: str = "true", n: int = 1, **changes: str) -> str:
    """Copies of the first clean row that `where` finds, numbered from 9000; `i` is the number."""
    changes = {"row_no": "cast(9000 + i as integer)", **changes}
    replaced = ", ".join(f"{sql} as {column}" for column, sql in changes.items())
    return (
        f"insert into incoming.{table} select * exclude (i) replace ({replaced}) from "
        f"(select * from incoming.{table} where {where} limit 1), range({n}) g(i)"
    )


def update(table: str, where: str = "true", **changes: str) -> str:
    assigned = ", ".join(f"{column} = {sql}" for column, sql in changes.items())
    return f"update incoming.{table} set {assigned} where {where}"


_VPR_YEAR = {"school_year": "'2020/21'", "cal_year": "2021"}
_NEW_PID = {"person_pid": _pid("500 + i")}
_BEFORE = {"school_year": "'2020/21'"}
_OF_B = {"school_id": "'B'"}
_BIG = [
    pupils("A", "2021/22", 8, 1000, 40),
    pupils("B", "2021/22", 8, 2000, 15),
    pupils("A", "2021/22", 7, 3000, 40),
    pupils("B", "2021/22", 7, 4000, 15),
]
_KDR = {
    "grade_label": "8", "subject": "'MA'", "n2": "null", "n3": "null", "n4": "null",
    "n5": "null", "n_listed": "null",
}  # fmt: skip
_TEST = {"grade_label": "8", "n_listed": "50", "n_pass": "1", "n_high": "0"}
_TWO_YEARS = {"school_year": "case i when 0 then '2020/21' else '2019/20' end"}


def _beyond(table: str, *columns: str, **more: str) -> dict[tuple[str, str], list[str]]:
    """A number far above the pupils of the grade or school breaks both limits."""
    statement = rows(table, **dict.fromkeys(columns, "400"), **more)
    return {(table, name): [statement] for name in ("within_contingent", "far_beyond_contingent")}


def _crowd(table: str, before: list[str], **changes: str) -> dict[tuple[str, str], list[str]]:
    """Too many persons."""
    statements = [*before, rows(table, n=40, **changes)]
    return {(table, name): statements for name in ("within_contingent", "far_beyond_contingent")}


def _copies(table: str, of_school: bool, *statements: str) -> dict[tuple[str, str], list[str]]:
    """The same rows a year earlier and, where that is wrong, in school B."""
    names = ["not_of_another_year", *(["not_of_another_school"] if of_school else [])]
    changed = {"not_of_another_year": _TWO_YEARS["school_year"], "not_of_another_school": "'B'"}
    column = {"not_of_another_year": "school_year", "not_of_another_school": "school_id"}
    return {
        (table, name): [
            *statements,
            (
                f"insert into incoming.{table} select * replace ("
                f"{changed[name].replace('case i when 0 then', 'case when true then')} as "
                f"{column[name]}, cast(9100 + row_no as integer) as row_no) from incoming.{table}"
            ),
        ]
        for name in names
    }


def _known(
    table: str, rule: str, column: str, where: str = "true"
) -> dict[tuple[str, str], list[str]]:
    return {(table, rule): [rows(table, where=where, **{column: _pid("777")})]}


def _strangers(table: str, where: str = "true", **more: str) -> dict[tuple[str, str], list[str]]:
    return {(table, "person_of_this_school"): [rows(table, where=where, n=20, **_NEW_PID, **more)]}


GROUPS: dict[tuple[str, str], list[str]] = {
    **_crowd("vpr_pupil", [pupils("A", "2020/21", 5, 100, 5)],
             pupil_code="cast(60000 + i as varchar)"),
    **_beyond("vpr_marks", "n_part", school_year="'2021/22'", cal_year="2022"),
    **_crowd("ege_result", [], cal_year="2022", school_year="'2021/22'",
             participant_pid=_pid("500 + i")),
    **_crowd("oge_result", [], participant_pid=_pid("500 + i")),
    **_beyond("kdr_result", "n_part", "n_listed", n2="400", n3="0", n4="0", n5="0"),
    **_beyond("municipal_test", "n_part", "n_listed"),
    **_beyond("career_diagnostics", "n_diagnosed"),
    **_crowd("leaver", [], **_NEW_PID),
    **_crowd("vsosh_result", [], **_NEW_PID),
    **_beyond("attendance", "n_pupils"),
    **_beyond("diagnostic_count", "n_pupils"),
    **_beyond("language_count", "n_pupils"),
    **_beyond("gifted_count", "n_gifted"),
    **_beyond("sen_count", "n_sen"),
    **_beyond("volunteer_count", "n_pupils8"),
    **_beyond("holiday_count", "n_pupils"),
    **_beyond("low_result_attendance", "n_pupils"),
    **_beyond("prevention_count", "n_pupils"),
    **_beyond("social_passport", "n_pupils"),
    ("fsn_cell", "total_is_sum_of_grades"): [
        update("fsn_cell", "row_code = '02' and column_code = '3'", cell_value="11")],
    ("fsn_cell", "total_is_sum_of_grades_unconfirmed"): [
        update("fsn_cell", "row_code = '03' and column_code = '3'", cell_value="3")],
    ("pupil_year", "contingent_agrees_with_form"): [
        update("fsn_cell", "row_code = '02' and column_code = '8'", cell_value="40")],
    ("pupil_year", "contingent_collapsed"): [
        pupils("B", "2020/21", 5, 100, 60), pupils("B", "2021/22", 6, 100, 20)],
    ("staff", "teachers_agree_with_form"): [
        update("fsn_cell", "section = '3.1'", cell_value="30")],
    ("sen_count", "n_sen_agrees"): [update("sen_count", n_sen="9")],
    ("social_passport", "n_sen_agrees"): [update("social_passport", n_ovz="9")],
    ("prevention_count", "n_accounted_agrees"): [update("prevention_count", n_accounted="6")],
    ("social_passport", "n_accounted_agrees"): [update("social_passport", n_accounted="9")],
    ("pupil_year", "near_last_year"): [pupils("A", "2020/21", 5, 100, 60)],
    ("staff", "not_list_of_another_school"): [
        rows("staff", n=6, school_id=f"'{school}'", **_NEW_PID) for school in "AB"],
    ("staff", "near_last_year"): [rows("staff", n=30, **_BEFORE, **_NEW_PID)],
    ("staff_post", "near_last_year"): [rows("staff_post", posts_total="200", **_BEFORE)],
    **{(table, "near_last_year"): [rows(table, **{column: "100"}, **_BEFORE)]
       for table, column in (
           ("social_passport", "n_pupils"), ("holiday_count", "n_pupils"),
           ("prevention_count", "n_pupils"), ("low_result_attendance", "n_pupils"),
           ("volunteer_count", "n_pupils8"))},
    ("leaver", "all_leavers_listed"): [pupils("A", "2021/22", 9, 100, 20)],
    ("leaver", "destinations_known"): [
        rows("leaver", n=10, destination="'unknown'", **_NEW_PID)],
    **_known("attestation", "person_in_staff", "person_pid"),
    **_known("contest_result", "person_in_staff", "person_pid", "participant_role = 'teacher'"),
    **_known("contest_result", "person_in_contingent", "person_pid", "participant_role = 'pupil'"),
    **{key: value for table in ("cpd_course", "expert", "head_appointment", "meth_event",
                                "network_member", "reserve_post", "teacher_diagnostics")
       for key, value in _known(table, "person_in_staff", "person_pid").items()},
    **_known("mentor_pair", "mentor_in_staff", "mentor_pid"),
    **_known("mentor_pair", "mentee_in_staff", "mentee_pid"),
    **{key: value for table in ("extra_enrolment", "leaver", "prevention_pupil", "sen_pupil",
                                "vsosh_result")
       for key, value in _known(table, "person_in_contingent", "person_pid").items()},
    **_strangers("contest_result", "participant_role = 'pupil'"),
    **_strangers("extra_enrolment"),
    **_strangers("leaver"),
    **_strangers("prevention_pupil"),
    **_strangers("sen_pupil"),
    **_strangers("vsosh_result"),
    ("pupil_year", "in_one_school"): [rows("pupil_year", **_OF_B)],
    ("pupil_year", "not_list_of_another_school"): [
        ("insert into incoming.pupil_year select * replace ('B' as school_id, row_no + 9000 as "
        "row_no) from incoming.pupil_year")],
    ("leaver", "leaves_one_school"): [rows("leaver", **_OF_B)],
    ("vsosh_result", "passed_earlier_stage"): [
        rows("vsosh_result", "stage = 'municipal'", **_NEW_PID)],
    ("staff", "hours_of_person"): [
        rows("staff", weekly_hours="40", post_kind="'tutor'")],
    ("school", "registered_as_accredited"): [update("accreditation", inn="'2305000009'")],
    ("vpr_pupil", "not_of_another_year"): [
        rows("vpr_pupil", n=6, pupil_code="cast(60000 + i as varchar)", season="'autumn'",
             cal_year="case when i < 0 then 2021 else 2018 end", **_BEFORE),
        ("insert into incoming.vpr_pupil select * replace (2019 as cal_year, row_no + 100 as "
        "row_no) from incoming.vpr_pupil where cal_year = 2018")],
    ("vpr_pupil", "not_of_another_school"): [
        rows("vpr_pupil", n=6, pupil_code="cast(60000 + i as varchar)", season="'autumn'"),
        ("insert into incoming.vpr_pupil select * replace ('B' as school_id, row_no + 100 as "
        "row_no) from incoming.vpr_pupil where season = 'autumn'")],
    ("vpr_marks", "not_of_another_year"): [
        rows("vpr_marks", n=4, grade_label="cast(4 + i as tinyint)", n_part="20 + i",
             season="'autumn'", pct_2="10 + i", pct_3="30 + i", pct_4="40", pct_5="20",
             cal_year="case when i < 0 then 2021 else 2018 end"),
        ("insert into incoming.vpr_marks select * replace (2019 as cal_year, row_no + 100 as "
        "row_no) from incoming.vpr_marks where cal_year = 2018")],
    ("vpr_marks", "not_of_another_school"): [
        rows("vpr_marks", n=4, grade_label="cast(4 + i as tinyint)", n_part="20 + i",
             season="'autumn'", pct_2="10 + i", pct_3="30 + i", pct_4="40", pct_5="20"),
        ("insert into incoming.vpr_marks select * replace ('B' as school_id, row_no + 100 as "
        "row_no) from incoming.vpr_marks where season = 'autumn'")],
    **_copies("kdr_result", True, update(
        "kdr_result", n_listed="30", n_part="28", n2="3", n3="7", n4="12", n5="6")),
    **_copies("municipal_test", True, update(
        "municipal_test", n_listed="30", n_part="28", n_pass="25", n_high="12"),
        rows("municipal_test", work_code="'2'", n_part="27", n_pass="20", n_high="11")),
    **_copies("pupil_year", False),
    **_copies("leaver", False),
    **_copies("vsosh_result", False, rows("vsosh_result", "stage = 'school'", n=6, **_NEW_PID)),
    **_copies("staff", False, rows("staff", n=6, **_NEW_PID)),
    **_copies("cpd_course", False, rows("cpd_course", n=6, **_NEW_PID)),
    **_copies("teacher_diagnostics", False, rows("teacher_diagnostics", n=6, **_NEW_PID)),
    **_copies("contest_result", False, rows("contest_result", n=6, **_NEW_PID)),
    **_copies("attendance", True, rows("attendance", month="11", lessons_due="480",
                                       missed_excused="17", missed_unexcused="6")),
    **_copies("career_diagnostics", True, rows(
        "career_diagnostics", n=6, grade_label="cast(8 + i as integer)",
        n_diagnosed="cast(11 + i as integer)")),
    **_copies("consumer_survey", True, rows(
        "consumer_survey", n=4, question_code="cast(i as varchar)",
        n_respondents="cast(20 + i as integer)", n_satisfied="cast(12 + i as integer)")),
    **_copies("diagnostic_count", True, update(
        "diagnostic_count", n_pupils="30", n_diagnosed="28", n_below="9", n_route="8",
        n_retook="7", n_reached="5")),
    **_copies("holiday_count", True, rows(
        "holiday_count", n_pupils="11", n_occupied="9", n_at_risk="5", n_at_risk_occupied="4",
        period="'winter'")),
    **_copies("language_count", True, rows(
        "language_count", n_pupils="30", n_non_native="9", n_supported="8", n_took="7",
        n_basic="6", grade_label="8")),
    **_copies("low_result_attendance", True, rows(
        "low_result_attendance", quarter="2", lessons_due="190", missed="21",
        missed_unexcused="6")),
    **_copies("prevention_count", True, update(
        "prevention_count", n_pupils="30", n_at_risk="9", n_at_risk_plan="8",
        n_at_risk_extra="7", n_at_risk_took="6", n_at_risk_basic="5")),
    **_copies("sen_count", True, update(
        "sen_count", n_sen="9", n_pmpk="8", n_aop="7", n_prescribed="6", n_supported="5",
        n_extra="4")),
    **_copies("social_passport", True, update("social_passport", n_large_family="3", n_guardianship="8")),
    ("vpr_pupil", "codes_not_exchanged"): [
        *[s.replace("2021/22", "2020/21") for s in _BIG],
        *[rows("vpr_pupil", n=n, school_id=f"'{school}'", grade_label=str(grade),
               programme_grade=str(grade), pupil_code="cast(60000 + i as varchar)", **_VPR_YEAR)
          for school, n in (("A", 15), ("B", 40)) for grade in (7, 8)],
    ],
    ("vpr_marks", "codes_not_exchanged"): [
        *[s.replace("2021/22", "2020/21") for s in _BIG],
        *[rows("vpr_marks", school_id=f"'{school}'", grade_label=str(grade), n_part=str(n),
               programme_grade=str(grade), **_VPR_YEAR)
          for school, n in (("A", 15), ("B", 40)) for grade in (7, 8)],
        update("vpr_marks", "row_no < 100", grade_label="7", n_part="15"),
    ],
    ("kdr_result", "codes_not_exchanged"): [
        *_BIG,
        *[rows("kdr_result", school_id=f"'{school}'", work_code=f"'{school}'", n_part=str(n),
               **{**_KDR, "grade_label": str(grade)})
          for school, n in (("A", 15), ("B", 40)) for grade in (7, 8)],
    ],
    ("municipal_test", "codes_not_exchanged"): [
        *_BIG,
        *[rows("municipal_test", school_id=f"'{school}'", n_part=str(n),
               **{**_TEST, "grade_label": str(grade)})
          for school, n in (("A", 15), ("B", 40)) for grade in (7, 8)],
        update("municipal_test", "row_no < 100", grade_label="7", n_part="15"),
    ],
    ("vpr_pupil", "results_differ"): [
        rows("vpr_pupil", "mark = 4", n=20, season="'autumn'",
             pupil_code="cast(60000 + i as varchar)"),
        rows("vpr_pupil", "mark = 4", season="'autumn'", school_id="'B'", primary_score="45")],
    ("kdr_result", "results_differ"): [
        rows("kdr_result", n_part="30", n_listed="30", n2="0", n3="30", n4="0", n5="0")],
    **{(table, "protocol_of_another_year"): [
        rows(table, "is_present", n=4, participant_pid=_pid("500 + i"), cal_year="case when i < 0 "
             "then 2021 else 2018 end", season="'early'"),
        (f"insert into incoming.{table} select * replace (2019 as cal_year, row_no + 100 as "
         f"row_no) from incoming.{table} where cal_year = 2018")]
       for table in ("ege_result", "oge_result")},
    **{(table, "subject_of_grade"): [update(table, subject="'MA'")]
       for table in ("vpr_pupil", "vpr_marks", "vpr_journal", "vpr_task_result",
                     "vpr_score_distribution")},
    **{(table, "report_of_another_year"): [
        rows(table, "unit_level = 'school'", n=3, season="'autumn'",
             school_id="chr(cast(65 + i as integer))",
             cal_year="case when i < 0 then 2021 else 2018 end"),
        (f"insert into incoming.{table} select * replace (2019 as cal_year, row_no + 100 as "
         f"row_no) from incoming.{table} where cal_year = 2018")]
       for table in ("vpr_marks", "vpr_journal", "vpr_task_result", "vpr_score_distribution")},
    ("kdr_result", "percents_not_fractions"): [
        update("kdr_result", mean_pct="0.62", krai_mean_pct="0.5"),
        rows("kdr_result", n=4, work_code="cast(i as varchar)")],
    ("niko_result", "percents_not_fractions"): [
        update("niko_result", mean_pct="0.62", sd_pct="0.1", rf_mean="0.6"),
        rows("niko_result", n=4, subject="'MA'")],
    ("teacher_diagnostics", "percents_not_fractions"): [
        update("teacher_diagnostics", score_pct="0.62"),
        rows("teacher_diagnostics", n=6)],
    **{(table, "persons_work_here"): [rows(table, n=8, **_NEW_PID)]
       for table in ("cpd_course", "teacher_diagnostics")},
    ("vsosh_result", "winners_named"): [
        rows("vsosh_result", "stage = 'school'", n=20, subject="'EN'",
             result_status="'participant'", **_NEW_PID)],
    ("leaver", "tenth_graders_continue"): [
        rows("leaver", n=6, grade_label="9", destination="'grade10'", **_BEFORE, **_NEW_PID)],
    ("accreditation", "tax_number_agrees"): [update("accreditation", inn="'2305000009'")],
}  # fmt: skip
