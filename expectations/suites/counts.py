"""Rules that compare counts of two sources: participants and pupils, forms and lists, years.

Belongs here: groups of a school, year, grade whose numbers contradict another source. Not here:
the same person or the same rows in two places (`people`, `copies`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from expectations.rule import Rule, Severity, between, group_rule
from expectations.suites.calendar import also

_SCHOOL = ("school_id", "k_year")
_GRADE = (*_SCHOOL, "k_grade")
_LABEL = "'школа ' || x.school_id || ', ' || x.k_year"
_GRADE_LABEL = f"{_LABEL} || ', ' || x.k_grade || ' класс'"
# A few pupils more or less are newcomers, not a mistake.
_FEW = 3
_WHOLE_SCHOOL = 30


@dataclass(frozen=True)
class Count:
    """A number of pupils that a table states.

    Attributes:
        table: the table.
        n: SQL aggregate over `t`: how many.
        what: Russian, genitive: whose number it is.
        whole: all pupils of the grade or school, not only some of them.
        grade: SQL of the grade; None if the number is of the whole school.
        year: SQL of the school year.
        more: further columns that tell groups apart.
        where: which rows count.
        beyond: how many times the pupils a number may be without a warning.
    """

    table: str
    n: str
    what: str
    whole: bool = False
    grade: str | None = "t.grade_label"
    year: str = "t.school_year"
    more: tuple[str, ...] = ()
    where: str = "true"
    beyond: float = 1.15

    @property
    def keys(self) -> tuple[str, ...]:
        return (*(_GRADE if self.grade else _SCHOOL), *self.more)

    def rows(self, relation: str) -> str:
        """Rows of the table with their keys."""
        grade = f", {self.grade} as k_grade" if self.grade else ""
        return f"(select t.*, {self.year} as k_year{grade} from {relation} t where {self.where})"

    @property
    def groups(self) -> str:
        """SELECT of keys, n."""
        return (
            f"select {', '.join(self.keys)}, {self.n} as n "
            f"from {self.rows('{' + self.table + '}')} t where t.school_id is not null group by all"
        )


_PAPER = ("season", "subject")
_WORK = ("work_code",)
COUNTS = (
    Count("vpr_pupil", "count(*)", "участников ВПР", more=_PAPER, where="t.is_present"),
    Count("vpr_marks", "max(t.n_part)", "участников ВПР", more=_PAPER,
          where="t.unit_level = 'school'"),
    # Leavers of earlier years sit the exam at their school, too.
    Count("ege_result", "count(distinct t.participant_pid)", "участников ЕГЭ", grade="11",
          where="t.is_present and t.season = 'main'", beyond=2),
    Count("oge_result", "count(distinct t.participant_pid)", "участников ОГЭ", grade="9",
          more=("season",), where="t.is_present"),
    Count("kdr_result", "max(t.n_part)", "участников работы", more=_WORK),
    Count("municipal_test", "max(t.n_part)", "участников работы", more=(*_WORK, "subject")),
    Count("career_diagnostics", "max(t.n_diagnosed)", "прошедших диагностику"),
    Count("leaver", "count(distinct t.person_pid)", "выпускников"),
    Count("vsosh_result", "count(distinct t.person_pid)", "участников школьного этапа",
          where="t.stage = 'school'"),
    Count("attendance", "sum(t.n_pupils)", "обучающихся в отчёте о посещаемости", whole=True,
          more=("month",)),
    Count("diagnostic_count", "max(t.n_pupils)", "обучающихся параллели", whole=True),
    Count("language_count", "max(t.n_pupils)", "обучающихся параллели", whole=True),
    Count("gifted_count", "max(t.n_gifted)", "детей в базе одарённых", grade=None),
    Count("sen_count", "max(t.n_sen)", "обучающихся с ОВЗ", grade=None),
    Count("volunteer_count", "max(t.n_pupils8)", "обучающихся от 8 лет", grade=None),
    Count("holiday_count", "max(t.n_pupils)", "обучающихся", whole=True, grade=None),
    Count("low_result_attendance", "max(t.n_pupils)", "обучающихся", whole=True, grade=None),
    Count("prevention_count", "max(t.n_pupils)", "обучающихся", whole=True, grade=None),
    Count("social_passport", "max(t.n_pupils)", "обучающихся", whole=True, grade=None),
)  # fmt: skip

_BY_GRADE = (
    "(select y.school_id, y.school_year, g.grade_label, g.n_october, g.n_ever from (select "
    "distinct school_id, school_year from school_grade) y join school_grade g "
    "using (school_id, school_year))"
)
_BY_SCHOOL = (
    "(select school_id, school_year, sum(n_october) as n_october, sum(n_ever) as n_ever "
    "from school_grade group by all)"
)


def _compared(count: Count, size: str) -> str:
    """Groups with `value`: the number as a multiple of the pupils that the school has.

    A grade that a known school does not have counts as one pupil.
    """
    multiple = f"x.n / greatest(coalesce(s.{size}, 0), 1)"
    if count.grade:
        sizes = (
            "join (select distinct school_id, school_year from school_grade) y on "
            "y.school_id = x.school_id and y.school_year = x.k_year left join school_grade s on "
            "s.school_id = x.school_id and s.school_year = x.k_year and s.grade_label = x.k_grade"
        )
    else:
        sizes = f"join {_BY_SCHOOL} s on s.school_id = x.school_id and s.school_year = x.k_year"
    return (
        f"select {', '.join(f'x.{key}' for key in count.keys)}, case when abs(x.n - "
        f"coalesce(s.{size}, 0)) <= {_FEW} then 1 else round({multiple}, 3) end as value "
        f"from ({count.groups}) x {sizes}"
    )


def _limited(count: Count, name: str, severity: Severity, low: float | None, high: float) -> Rule:
    place = "классе" if count.grade else "школе"
    least = f" и не меньше {low:g}" if low else ""
    return group_rule(
        count.table,
        name,
        f"Число {count.what} не больше {high:g}{least} числа обучающихся в {place}",
        severity,
        between(low, high),
        groups=_compared(count, "n_october" if count.whole else "n_ever"),
        keys=count.keys,
        label=_GRADE_LABEL if count.grade else _LABEL,
        own=count.rows("{incoming}"),
        protects="долю участия и все показатели школы: лишние люди пришли из другой школы, "
        "другого класса или дважды",
        when="если перепутан код школы, класс или год, если файл пришёл дважды или число "
        "записано в других единицах",
        resolve="Проверьте код школы, класс и число в файле; если верен он, обновите контингент.",
    )


def _of_contingent(count: Count) -> tuple[Rule, Rule]:
    return (
        _limited(
            count, "within_contingent", "warning", 0.75 if count.whole else None, count.beyond
        ),
        _limited(count, "far_beyond_contingent", "critical", None, count.beyond + 0.45),
    )


def _near(
    table: str, name: str, title: str, groups: str, *, label: str = _LABEL,
    keys: Sequence[str] = _SCHOOL, own: str, low: float = 0.7, high: float = 1.4,
    resolve: str = "Выясните, какой из двух источников неверен, и замените его.",
) -> Rule:  # fmt: skip
    """Two sources of one number do not differ much; nobody knows which one is wrong."""
    return group_rule(
        table, name, title, "warning", between(low, high), groups=groups, keys=keys, label=label,
        own=own, protects="согласие двух источников одного числа",
        when="если один из файлов неполон, чужой или прошлогодний", resolve=resolve,
    )  # fmt: skip


def _keyed(year: str, grade: str = "") -> str:
    more = f", {grade} as k_grade" if grade else ""
    return f"(select t.*, {year} as k_year{more} from {{incoming}} t)"


_OWN_YEAR = _keyed("t.school_year")
_FORM_YEAR = _keyed("t.form_year || '/' || right(cast(t.form_year + 1 as varchar), 2)")
_RATIO = f"case when abs(a.n - b.n) <= {_FEW} then 1 else round(a.n / greatest(b.n, 1), 3) end"

_FORM_VALUES = (
    "select c.school_id, c.form_year || '/' || right(cast(c.form_year + 1 as varchar), 2) "
    "as k_year, m.variable, m.grade, c.cell_value from {fsn_cell} c join ref_fsn_cell m "
    "using (form, edition, section, row_code, column_code)"
)


def _form_totals(name: str, severity: Severity, confirmed: str) -> Rule:
    return group_rule(
        "fsn_cell", name, "Итог формы равен сумме по классам", severity, between(0, 0),
        groups="select t.school_id, t.k_year, t.variable, t.cell_value - p.n as value from "
        f"({_FORM_VALUES} where {confirmed}) t join (select school_id, k_year, "
        "variable || '_total' as variable, sum(cell_value) as n from "
        f"({_FORM_VALUES} where {confirmed}) where grade is not null group by all) p "
        "using (school_id, k_year, variable)",
        keys=_SCHOOL, own=_FORM_YEAR, label=_LABEL,
        protects="число обучающихся и классов по форме ОО-1: знаменатель многих долей",
        when="если столбцы формы сдвинуты или часть строк потеряна",
        resolve="Выгрузите форму ещё раз: итог и графы по классам должны сходиться.",
    )  # fmt: skip


_CONTINGENT_AND_FORM = _near(
    "pupil_year", "contingent_agrees_with_form",
    "Обучающихся в контингенте столько же, сколько в форме ОО-1 (±15 %)",
    "select school_id, school_year as k_year, grade_label as k_grade, case when "
    f"abs(n_contingent - n_form) <= {_FEW} then 1 else round(n_contingent / greatest(n_form, 1), 3)"
    " end as value from school_grade where n_contingent is not null and n_form is not null",
    keys=_GRADE, label=_GRADE_LABEL, own=_keyed("t.school_year", "t.grade_label"),
    low=0.85, high=1.15,
)  # fmt: skip
_TEACHERS = (
    "select a.school_id, a.k_year, " + _RATIO + " as value from (select school_id, school_year "
    "as k_year, count(distinct person_pid) as n from {staff} where post_kind = 'teacher' "
    f"group by all) a join (select school_id, k_year, sum(cell_value) as n from ({_FORM_VALUES}) "
    "where variable = 'n_teachers' group by all) b using (school_id, k_year)"
)
_TEACHERS_AND_FORM = _near(
    "staff", "teachers_agree_with_form", "Учителей в списке столько же, сколько в форме ОО-1 "
    "(от 70 до 140 %)", _TEACHERS, own=_OWN_YEAR,
)  # fmt: skip


@dataclass(frozen=True)
class Twin:
    """One number that two forms of a school state."""

    table: str
    column: str
    other: str
    other_column: str
    what: str


TWINS = (
    Twin("sen_count", "n_sen", "social_passport", "n_ovz", "обучающихся с ОВЗ"),
    Twin("prevention_count", "n_accounted", "social_passport", "n_accounted", "детей на учёте"),
)


def _twin(twin: Twin) -> tuple[Rule, Rule]:
    groups = (
        f"select a.school_id, a.k_year, {_RATIO} as value from (select school_id, school_year as "
        f"k_year, max({twin.column}) as n from {{{twin.table}}} group by all) a join (select "
        f"school_id, school_year as k_year, max({twin.other_column}) as n from {{{twin.other}}} "
        "group by all) b using (school_id, k_year)"
    )
    rule = _near(
        twin.table, f"{twin.column}_agrees", f"Число {twin.what} сходится в двух формах школы "
        "(от 60 до 160 %)", groups, own=_OWN_YEAR, low=0.6, high=1.6,
    )  # fmt: skip
    return rule, also(rule, twin.other)


@dataclass(frozen=True)
class Size:
    """A number that does not double or halve from one year to the next."""

    table: str
    n: str
    what: str
    least: int = 20


SIZES = (
    Size("pupil_year", "count(distinct person_pid)", "обучающихся"),
    Size("staff", "count(distinct person_pid)", "работников", 10),
    Size("staff_post", "sum(posts_total)", "ставок", 10),
    Size("social_passport", "max(n_pupils)", "обучающихся"),
    Size("holiday_count", "max(n_pupils)", "обучающихся"),
    Size("prevention_count", "max(n_pupils)", "обучающихся"),
    Size("low_result_attendance", "max(n_pupils)", "обучающихся"),
    Size("volunteer_count", "max(n_pupils8)", "обучающихся от 8 лет"),
)


def _jump(size: Size) -> Rule:
    """Against the year before; the first year against the one after it."""
    yearly = (
        "(select school_id, school_year as k_year, try_cast(left(school_year, 4) as integer) "
        f"as y, {size.n} as n from {{{size.table}}} group by all)"
    )
    return group_rule(
        size.table, "near_last_year", f"Число {size.what} близко к соседнему году (от 50 до 200 %)",
        "warning", between(0.5, 2),
        groups="select a.school_id, a.k_year, round(a.n / coalesce(b.n, c.n), 3) as value "
        f"from {yearly} a left join {yearly} b on b.school_id = a.school_id and b.y = a.y - 1 "
        f"left join {yearly} c on c.school_id = a.school_id and c.y = a.y + 1 "
        f"where coalesce(b.n, c.n) >= {size.least}",
        keys=_SCHOOL, own=_OWN_YEAR, label=_LABEL,
        protects="сравнение лет: скачок числа меняет все доли",
        when="если файл неполон, прислан дважды, чужой или числа в других единицах",
        resolve="Уточните число у школы; если школа выросла или сократилась, ничего не делайте.",
    )  # fmt: skip


_PUPILS_YEARLY = (
    "(select school_id, school_year as k_year, try_cast(left(school_year, 4) as integer) as y, "
    "count(distinct person_pid) as n from {pupil_year} group by all)"
)
# All grades of the form count, also those that the contingent has lost.
_COLLAPSE = group_rule(
    "pupil_year", "contingent_collapsed",
    "Обучающихся в контингенте школы не меньше половины формы ОО-1 и прошлого года",
    "critical", between(0.5, None),
    groups="select a.school_id, a.k_year, round(least(a.n / f.n, a.n / b.n), 3) as value "
    f"from {_PUPILS_YEARLY} a left join (select school_id, k_year, n from {_PUPILS_YEARLY} "
    f"where n >= {_WHOLE_SCHOOL}) b on b.school_id = a.school_id and cast(left(b.k_year, 4) as "
    "integer) = a.y - 1 left join (select school_id, school_year as k_year, sum(n_form) as n from "
    f"school_grade group by all having sum(n_form) >= {_WHOLE_SCHOOL}) f "
    "on f.school_id = a.school_id and f.k_year = a.k_year where b.n is not null or f.n is not null",
    keys=_SCHOOL, own=_OWN_YEAR, label=_LABEL,
    protects="контингент школы, на котором стоят знаменатели почти всех показателей: неполный "
    "список заменил бы всю школу",
    when="если вместо выгрузки контингента прислан список одного класса или одной группы детей",
    resolve="Отзовите файл и выгрузите контингент школы целиком; если школа и правда сократилась, "
    "примите поставку решением (msoko accept).",
)  # fmt: skip

_leavers_complete = partial(
    group_rule, "leaver", "all_leavers_listed",
    "В распределении не менее 80 % обучающихся выпускного класса", "warning", between(0.8, None),
)  # fmt: skip

RULES = (
    *(rule for count in COUNTS for rule in _of_contingent(count)),
    _form_totals("total_is_sum_of_grades", "critical", "m.confirmed"),
    _form_totals("total_is_sum_of_grades_unconfirmed", "warning", "not m.confirmed"),
    _CONTINGENT_AND_FORM,
    _COLLAPSE,
    _TEACHERS_AND_FORM,
    *(rule for twin in TWINS for rule in _twin(twin)),
    *(_jump(size) for size in SIZES),
    _leavers_complete(
        groups="select a.school_id, a.k_year, a.k_grade, case when s.n_october - a.n <= 3 then 1 "
        "else round(a.n / s.n_october, 3) end as value from (select school_id, school_year as "
        "k_year, grade_label as k_grade, count(distinct person_pid) as n from {leaver} group by "
        "all) a join school_grade s on s.school_id = a.school_id and s.school_year = a.k_year "
        "and s.grade_label = a.k_grade where s.n_october > 0",
        keys=_GRADE, label=_GRADE_LABEL, own=_keyed("t.school_year", "t.grade_label"),
        protects="доли поступивших: пропавшие выпускники чаще всего никуда не поступили",
        when="если внесены не все выпускники",
        resolve="Дополните список выпускников и пришлите файл снова.",
    ),
    group_rule(
        "leaver", "destinations_known", "Путь неизвестен не более чем у 50 % выпускников класса",
        "warning", between(None, 0.5),
        groups="select school_id, school_year as k_year, grade_label as k_grade, round(avg(case "
        "when destination = 'unknown' then 1 else 0 end), 3) as value from {leaver} "
        "group by all having count(*) >= 10",
        keys=_GRADE, label=_GRADE_LABEL, own=_keyed("t.school_year", "t.grade_label"),
        protects="доли поступивших", when="если распределение ещё не подтверждено",
        resolve="Дополните пути выпускников и пришлите файл снова.",
    ),
)  # fmt: skip
