"""Rules about whole files: last year's, another school's, exchanged codes, missing ones.

Belongs here: what only the comparison of many rows shows. Not here: single numbers (`counts`),
single persons (`people`).
"""

from __future__ import annotations

from dataclasses import dataclass

from expectations.rule import Rule, Severity, between, group_rule
from ingestion.contracts import SYSTEM_COLUMNS, load_contracts

# Papers and years by which a table's rows come apart into files, beside the school.
_VPR_PAPER = ("season", "subject", "grade_label")


@dataclass(frozen=True)
class File:
    """Rows that one school sends together.

    Attributes:
        table: the table.
        year: column of the year.
        more: columns that tell files of a school and year apart.
        severity: of an exact copy.
        of_year, of_school: whether the same rows in two years, of two schools are wrong.
        columns: those that make the content; all if none is named.
        where: which rows, SQL.
        anywhere: the content is wrong in any other file of the school, not only in one that
            `more` says to be the same.
    """

    table: str
    year: str = "school_year"
    more: tuple[str, ...] = ()
    severity: Severity = "warning"
    of_year: bool = True
    of_school: bool = True
    columns: tuple[str, ...] = ()
    where: str = "true"
    anywhere: bool = False

    @property
    def content(self) -> tuple[str, ...]:
        if self.columns:
            return self.columns
        contract = load_contracts()[self.table]
        hidden = {column.name for column in SYSTEM_COLUMNS} | {self.year, *self.more}
        hidden |= {"birth_year"}
        return tuple(column.name for column in contract.columns if column.name not in hidden)

    @property
    def least(self) -> int:
        """How many different numbers above 2 are too many to be the same by chance."""
        return 6 if self.severity == "critical" else 4

    @property
    def groups(self) -> str:
        """SELECT of school, year, more, signature of all rows that say enough to compare."""
        contract = load_contracts()[self.table]
        columns = [contract.column(name) for name in self.content]
        if any(column.type in ("pid", "scores") for column in columns):
            telling = "count(*) >= 5"
        else:
            numbers = ", ".join(
                f"cast({column.name} as double)"
                for column in columns if column.type in ("int", "number")
            )  # fmt: skip
            telling = (
                f"len(list_filter(list_distinct(flatten(list([{numbers}]))), lambda v: v > 2)) "
                f">= {self.least}"
            )
        keys = ", ".join(("school_id", f"{self.year} as year_key", *self.more))
        return (
            f"select {keys}, count(*) as n, "
            f"sum(cast(hash({', '.join(self.content)}) as hugeint)) as signature "
            f"from {{{self.table}}} where school_id is not null and {self.where} "
            f"group by all having {telling}"
        )


FILES = (
    File("vpr_pupil", "cal_year", _VPR_PAPER, "critical", where="is_present", anywhere=True,
         columns=("pupil_code", "scores", "primary_score", "mark")),
    File("vpr_marks", "cal_year", ("season",), "critical", where="unit_level = 'school'",
         columns=(*_VPR_PAPER[1:], "n_part", "pct_2", "pct_3", "pct_4", "pct_5")),
    File("kdr_result", more=("grade_label",), severity="critical",
         columns=("subject", "n_listed", "n_part", "n2", "n3", "n4", "n5", "n_low", "n_base",
                  "n_high", "mean_pct")),
    File("municipal_test", severity="critical",
         columns=("work_kind", "grade_label", "subject", "n_listed", "n_part", "n_pass", "n_high")),
    File("pupil_year", severity="critical", of_school=False,
         columns=("person_pid", "grade_label")),
    File("leaver", severity="critical", of_school=False, columns=("person_pid",)),
    File("vsosh_result", more=("stage", "subject"), severity="critical", of_school=False,
         columns=("person_pid", "grade_label", "points")),
    File("staff", of_school=False,
         columns=("person_pid", "post_kind", "weekly_hours", "ped_experience")),
    File("cpd_course", of_school=False),
    File("teacher_diagnostics", of_school=False),
    File("contest_result", of_school=False),
    *(File(table) for table in (
        "attendance", "career_diagnostics", "consumer_survey", "diagnostic_count",
        "holiday_count", "language_count", "low_result_attendance", "prevention_count",
        "sen_count", "social_passport",
    )),
)  # fmt: skip


def _copied(file: File) -> list[Rule]:
    keys = ("school_id", file.year, *file.more)
    label = "'школа ' || x.school_id || ', ' || x." + file.year
    texts = {
        "protects": "показатели школы: посчитаны чужие или прошлогодние числа",
        "when": "если в старом файле исправили только год или название работы, в чужом — код школы",
        "resolve": "Запросите у школы её файл за этот год; неверную поставку отзовите "
        "(msoko withdraw).",
    }
    own = "{incoming}"

    def rule(name: str, title: str, other: str) -> Rule:
        again = ", ".join((*(() if file.anywhere else file.more), other, "signature", "n"))
        keyed = ", ".join(("school_id", f"year_key as {file.year}", *file.more))
        return group_rule(
            file.table, name, title, file.severity, between(1, 1),
            groups=f"select {keyed}, count(*) over (partition by {again}) as value "
            f"from ({file.groups})",
            keys=keys, label=label, own=own, **texts,
        )  # fmt: skip

    rules = []
    if file.of_year:
        rules.append(rule("not_of_another_year", "Файл школы не повторяет её другой файл",
                          "school_id"))  # fmt: skip
    if file.of_school:
        rules.append(rule("not_of_another_school", "Файл школы не повторяет файл другой школы",
                          "year_key"))  # fmt: skip
    return rules


# Participants by school, year, grade; exchanged codes show where the sizes cross over.
_PARTICIPANTS = {
    "vpr_pupil": "select school_id, school_year, grade_label, max(n) as n from (select school_id, "
    "school_year, grade_label, season, subject, count(*) as n from {vpr_pupil} group by all) "
    "group by all",
    "vpr_marks": "select school_id, school_year, grade_label, max(n_part) as n from {vpr_marks} "
    "where unit_level = 'school' group by all",
    "kdr_result": "select school_id, school_year, grade_label, max(n_part) as n from {kdr_result} "
    "group by all",
    "municipal_test": "select school_id, school_year, grade_label, max(n_part) as n "
    "from {municipal_test} group by all",
}


def _exchanged(table: str) -> Rule:
    """Schools of a pair, each far from its own size and close to that of the other."""
    counted = (
        f"select p.* from ({_PARTICIPANTS[table]}) p where p.school_id is not null "
        "and (p.school_id, p.school_year) in (select (school_id, school_year) from school_grade)"
    )
    # How far the numbers of school a are from the size of school b; relative to the numbers.
    distance = (
        f"select a.school_id as a, s.school_id as b, a.school_year, sum(abs(a.n - "
        f"coalesce(g.n_october, 0))) / sum(a.n) as d from ({counted}) a join (select distinct "
        "school_id, school_year from school_grade) s on s.school_year = a.school_year "
        "left join school_grade g on g.school_id = s.school_id and g.school_year = a.school_year "
        "and g.grade_label = a.grade_label group by all having sum(a.n) >= 20"
    )
    return group_rule(
        table, "codes_not_exchanged", "Коды двух школ не перепутаны", "critical", between(0, 0),
        groups=f"with distance as materialized ({distance}), own as (select * from distance "
        "where a = b and d > 0.4) select x.a as school_id, x.school_year, "
        "max(case when x.d < 0.2 and y.d < 0.2 then 1 else 0 end) as value "
        "from distance x join distance y on y.a = x.b and y.b = x.a and "
        "y.school_year = x.school_year join own on own.a = x.a and own.school_year = x.school_year "
        "join own o on o.a = x.b and o.school_year = x.school_year where x.a <> x.b group by all",
        keys=("school_id", "school_year"),
        label="'школа ' || x.school_id || ', ' || x.school_year",
        protects="принадлежность результатов школе",
        when="если в общем файле строки двух школ поменялись местами",
        resolve="Проверьте коды этих школ в файле: их участников столько, сколько обучающихся у "
        "другой школы.",
    )  # fmt: skip


# Tables that every school fills each year; of a year that is over all have come.
_YEARLY = (
    "attendance", "burnout_survey", "career_diagnostics", "consumer_survey", "cpd_course",
    "diagnostic_count", "fsn_cell", "gifted_count", "holiday_count", "kdr_result",
    "language_count", "leaver", "low_result_attendance", "municipal_test", "noko_score",
    "prevention_count", "pupil_year", "sen_count", "site_check", "social_passport", "staff",
    "staff_post", "volunteer_count",
)  # fmt: skip


def _coverage(table: str) -> Rule:
    names = {column.name for column in load_contracts()[table].columns}
    year = next(name for name in ("school_year", "form_year", "cal_year") if name in names)
    number = f"try_cast(left(cast({year} as varchar), 4) as integer)"
    ended = (
        "make_date(x.y + 1, 9, 1) <= {today}" if year == "school_year" else "x.y < year({today})"
    )
    counted = (
        f"select {number} as y, count(distinct school_id) as n from {{{table}}} "
        "where school_id is not null group by all"
    )
    return Rule(
        table=table,
        name="schools_of_last_year",
        title="Школ не менее 80 % от прошлогодних",
        severity="warning",
        expectation=between(0.8, None),
        frame=f"select round(x.n / b.n, 3) as value, 1 as n, 'год ' || x.y || ', школ ' || x.n || "
        f"' вместо ' || b.n as label from ({counted}) x join ({counted}) b on b.y = x.y - 1 "
        f"where {ended} and b.n >= 5 and x.y in (select {number} from {{incoming}})",
        protects="показатель муниципалитета: он считается по тем школам, что прислали файлы",
        when="если за прошедший год пришли файлы не всех школ",
        resolve="Запросите файлы недостающих школ.",
    )


# Schools where all get one mark, or all the highest score, exist and are screened in the marts;
# the same points for every task, and not the highest, are rows filled down.
_EQUAL_MARKS = {
    "vpr_pupil": "select * from (select school_id, school_year, season, subject, grade_label, "
    "max(k) / sum(k) as value, sum(k) as n, arg_max(primary_score, k) as usual, "
    "max(max(primary_score)) over (partition by school_year, season, subject, grade_label) as best "
    "from (select school_id, school_year, season, subject, grade_label, primary_score, "
    "scores, count(*) as k from {vpr_pupil} where len(scores) > 0 group by all) "
    "group by school_id, school_year, season, subject, grade_label) "
    "where n >= 15 and usual < best",
    "kdr_result": "select school_id, school_year, work_code, grade_label, "
    "max(greatest(n2, n3, n4, n5) / n_part) as value from {kdr_result} where n_part >= 15 "
    "group by all",
}


def _equal_marks(table: str) -> Rule:
    more = ("work_code",) if table == "kdr_result" else ("season", "subject")
    return group_rule(
        table, "results_differ", "Не у всех участников один и тот же результат", "warning",
        between(None, 0.98), groups=_EQUAL_MARKS[table],
        keys=("school_id", "school_year", *more, "grade_label"),
        label="'школа ' || x.school_id || ', ' || x.school_year || ', ' || x.grade_label || "
        "' класс'",
        protects="успеваемость и качество обучения",
        when="если столбец результатов заполнен протягиванием",
        resolve="Сверьте результаты с протоколом школы.",
    )  # fmt: skip


RULES = (
    *(rule for file in FILES for rule in _copied(file)),
    *(_exchanged(table) for table in _PARTICIPANTS),
    *(_coverage(table) for table in _YEARLY),
    *(_equal_marks(table) for table in _EQUAL_MARKS),
)
