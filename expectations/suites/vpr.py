"""Rules of ВПР: pupil rows, reports of the ФИС ОКО, and what they say of each other.

Belongs here: rules of the tables `vpr_*`.
"""

from __future__ import annotations

from expectations.rule import Rule, between, in_set, row_rule
from expectations.suites.calendar import also, by_confidence, held_rules

_RESEND = "Пришлите верный файл; неверную поставку отзовите (msoko withdraw)."
_PAPER = "cal_year, season, programme_grade, subject"
_PAPER_LABEL = (
    "'ВПР ' || x.cal_year || case when x.season = 'autumn' then ' осень, ' else ' весна, ' end "
    "|| x.programme_grade || ' класс, ' || x.subject"
)
_SCALE = (
    "{incoming} r join ref_vpr_scale s on s.cal_year = r.cal_year and s.season = r.season "
    "and s.programme_grade = r.programme_grade and s.subject = r.subject"
)
_MARKS = ("pct_2", "pct_3", "pct_4", "pct_5")
_REPORTS = ("vpr_marks", "vpr_journal", "vpr_score_distribution", "vpr_task_result")


def _whole_pupils(columns: tuple[str, ...]) -> str:
    """By how much a percent of participants misses a whole number of pupils.

    Rounding is forgiven as far as the row itself was rounded: to whole percents, to tenths or
    to hundredths. At most 0 is right.
    """
    percents = [f"r.{column}" for column in columns]
    miss = ", ".join(f"abs({p} * r.n_part / 100 - round({p} * r.n_part / 100))" for p in percents)
    rounded = {
        digits: " and ".join(f"{p} = round({p}, {digits})" for p in percents) for digits in (0, 1)
    }
    unit = f"case when {rounded[0]} then 0.5 when {rounded[1]} then 0.05 else 0.005 end"
    return f"round(greatest({miss}) - {unit} * r.n_part / 100 - 0.02, 4)"


def _within_maximum(table: str, where: str) -> tuple[Rule, Rule]:
    return by_confidence(
        table, "primary_within_maximum", "Первичный балл не выше наибольшего по шкале",
        between(None, 0), value="r.primary_score - s.max_score", source=_SCALE, where=where,
        confirmed="s.confirmed",
        protects="средний балл и долю выполнения",
        when="если файл другой работы или балл записан с ошибкой", resolve=_RESEND,
    )  # fmt: skip


# Works that all schools write; of a year's two seasons each school writes in one.
_FOR_ALL = (
    "semi join (select cal_year, programme_grade, subject from ref_calendar "
    "where procedure = 'VPR' and held and selection = 'all') c "
    "using (cal_year, programme_grade, subject)"
)
_YEAR = "cal_year, programme_grade, subject"
_YEAR_LABEL = (
    "'ВПР ' || x.cal_year || ', программа ' || x.programme_grade || ' класса, ' || x.subject"
)


def _coverage(table: str) -> Rule:
    return Rule(
        table=table,
        name="coverage_of_register",
        title="Работу писали не менее 80 % школ реестра, где есть этот класс",
        severity="warning",
        expectation=between(0.8, None),
        frame=f"select x.n_schools / e.n_schools as value, 1 as n, {_YEAR_LABEL} as label "
        f"from (select {_YEAR}, max(grade_label) as grade_label, "
        f"count(distinct school_id) as n_schools from {{{table}}} group by all) x "
        f"semi join {{incoming}} r using ({_YEAR}) {_FOR_ALL} "
        "cross join lateral (select count(*) as n_schools from {school} s "
        "where s.school_kind not in ('special', 'evening') "
        "and (x.grade_label <= 4 or s.school_kind <> 'nosh') "
        "and (x.grade_label <= 9 or s.school_kind <> 'oosh') "
        "and (s.opened_on is null or year(s.opened_on) <= x.cal_year) "
        "and (s.closed_on is null or year(s.closed_on) > x.cal_year)) e where e.n_schools > 0",
        protects="показатель муниципалитета: он считается по тем школам, что прислали файлы",
        when="если пришли файлы не всех школ",
        resolve="Запросите результаты недостающих школ: они видны в отчёте о качестве.",
    )


def _volume(table: str, count: str, where: str) -> Rule:
    return Rule(
        table=table,
        name="volume_against_last_year",
        title="Участников работы столько же, сколько в прошлый раз (от 70 до 140 %)",
        severity="warning",
        expectation=between(0.7, 1.4),
        frame=f"select x.n / x.before as value, 1 as n, {_YEAR_LABEL} as label from ("
        "select *, lag(n) over (partition by programme_grade, subject order by cal_year) as before "
        # A school that wrote in both seasons of a year counts once.
        f"from (select {_YEAR}, sum(n) as n from (select {_YEAR}, school_id, max(n) as n from "
        f"(select {_YEAR}, school_id, season, {count} as n from {{{table}}} where {where} "
        "group by all) group by all) group by all) x "
        f"{_FOR_ALL}) x semi join {{incoming}} r using ({_YEAR}) where x.before > 0",
        protects="полноту: потерянный, удвоенный или прошлогодний файл",
        when="если пришли не все файлы работы",
        resolve="Сверьте число участников с ФИС ОКО.",
    )


def _against_pupils(name: str, title: str, value: str, protects: str, report: str) -> Rule:
    """A report of the ФИС ОКО against pupil rows of the same school and paper."""
    return Rule(
        table=report,
        name=name,
        title=title,
        severity="warning",
        expectation=between(None, 0),
        frame=f"select {value} as value, 1 as n, 'школа ' || x.school_id || ', ' || {_PAPER_LABEL} "
        f"as label from {{{report}}} x join (select school_id, {_PAPER}, count(*) as n_listed, "
        f"count(*) filter (where is_present) as n_part from {{vpr_pupil}} "
        f"group by all) p using (school_id, {_PAPER}) "
        f"semi join {{incoming}} r using (school_id, {_PAPER}) "
        "where x.unit_level = 'school'",
        protects=protects,
        when="если есть и отчёт, и построчные результаты; в показатели идут построчные",
        resolve="Выясните, какой из двух файлов неполон, и замените его.",
    )


_F3_AGAINST_PUPILS = _against_pupils(
    "report_agrees_with_pupils", "Участников в Ф3 столько же, сколько построчных результатов",
    "abs(x.n_part - p.n_part)", "согласие двух источников одного показателя", "vpr_marks",
)  # fmt: skip
_LISTED = _against_pupils(
    "participants_within_listed", "Участников в Ф3 не больше, чем обучающихся в списке",
    "x.n_part - p.n_listed", "долю участия", "vpr_marks",
)  # fmt: skip
_COMPARED = _against_pupils(
    "compared_within_participants", "С журналом сравнено не больше отметок, чем участников",
    "x.n_compared - p.n_part", "доли понизивших и повысивших", "vpr_journal",
)  # fmt: skip

RULES = (
    *held_rules("vpr_pupil", level=False, season=True),
    *(rule for table in _REPORTS for rule in held_rules(table, level=False, season=True)),
    row_rule(
        "vpr_pupil", "absent_has_no_score", "У отсутствовавшего нет балла и отметки", "critical",
        in_set(("нет",)),
        value="case when coalesce(r.primary_score, r.mark) is null then 'нет' else 'есть' end",
        where="not r.is_present",
        protects="число участников и средний балл",
        when="если пустые строки шаблона приняты за участников", resolve=_RESEND,
    ),
    row_rule(
        "vpr_pupil", "present_has_score", "У участника есть первичный балл", "warning",
        in_set(("есть",)),
        value="case when r.primary_score is null then 'нет' else 'есть' end",
        where="r.is_present",
        protects="средний балл: участник без балла в него не входит",
        when="если итог не посчитан в файле", resolve=_RESEND,
    ),
    *_within_maximum("vpr_pupil", "r.primary_score is not null"),
    *_within_maximum("vpr_score_distribution", "r.pct > 0"),
    *by_confidence(
        "vpr_pupil", "mark_follows_scale", "Отметка соответствует баллу по шкале работы",
        between(0, 0),
        value="r.mark - case when r.primary_score >= s.cut5 then 5 "
        "when r.primary_score >= s.cut4 then 4 when r.primary_score >= s.cut3 then 3 else 2 end",
        source=_SCALE,
        where="r.mark is not null and r.primary_score is not null and s.cut3 is not null "
        "and s.cut4 is not null and s.cut5 is not null",
        confirmed="s.confirmed",
        protects="успеваемость и качество обучения",
        when="если отметки и баллы из разных работ", resolve=_RESEND,
    ),
    row_rule(
        "vpr_pupil", "total_is_sum_of_tasks", "Итог равен сумме баллов за задания", "warning",
        between(0, 0),
        value="r.primary_score - cast(coalesce(list_sum(list_transform(r.scores, "
        "lambda x: greatest(x, 0))), 0) as integer)",
        where="r.primary_score is not null and len(r.scores) > 0",
        protects="выполнение заданий", when="если итог исправлен вручную",
        resolve="Сверьте строки с протоколом школы.",
    ),
    row_rule(
        "vpr_pupil", "scores_match_tasks", "Баллов столько же, сколько заданий в заголовке",
        "critical", between(0, 0), value="len(r.scores) - t.n_tasks",
        source="{incoming} r join (select delivery_id, part_no, count(*) as n_tasks "
        "from {vpr_paper_task} group by all) t using (delivery_id, part_no)",
        where="r.is_present and len(r.scores) > 0",
        protects="выполнение заданий: балл приписывается не тому заданию",
        when="если столбцы строки сдвинуты", resolve=_RESEND,
    ),
    Rule(
        table="vpr_pupil",
        name="journal_mark_known",
        title="Отметка по журналу есть не менее чем у 95 % участников работы",
        severity="warning",
        expectation=between(0.95, None),
        frame="select x.value, 1 as n, " + _PAPER_LABEL + " as label from (select "
        + _PAPER + ", count(journal_mark) / count(*) as value from {incoming} "
        "where is_present group by all) x",
        protects="сравнение отметок за работу и по журналу",
        when="если школы не заполнили столбец", resolve="Запросите отметки у школ.",
    ),
    Rule(
        table="vpr_pupil",
        name="declared_participants",
        title="Строк столько же, сколько участников заявлено в отчёте Ф1",
        severity="warning",
        expectation=between(0, 0),
        frame="select x.n_schools_differ as value, 1 as n, 'поставка ' || x.delivery_id || "
        "', школ с расхождением: ' || x.n_schools_differ as label from meta.declared_count x "
        "semi join {incoming} r using (delivery_id, part_no)",
        protects="полноту: часть строк могла потеряться до отправки",
        when="если отчёт обрезан или строки из него удалены",
        resolve="Выгрузите отчёт из ФИС ОКО ещё раз.",
    ),
    row_rule(
        "vpr_paper_task", "tasks_without_gaps", "Места заданий идут подряд с первого", "critical",
        between(0, 0), value="r.k",
        source="(select *, max(task_position) over (partition by delivery_id, part_no) - count(*) "
        "over (partition by delivery_id, part_no) as k from {incoming}) r",
        protects="выполнение заданий: место балла связывает его с заданием",
        when="если заголовок прочитан не полностью", resolve=_RESEND,
    ),
    row_rule(
        "vpr_marks", "percents_sum_to_100", "Доли отметок в сумме дают 100 ± 0,5 %", "critical",
        between(99.5, 100.5), value="round(r.pct_2 + r.pct_3 + r.pct_4 + r.pct_5, 3)",
        where="r.n_part > 0",
        protects="успеваемость и качество обучения",
        when="если столбцы отчёта сдвинуты", resolve=_RESEND,
    ),
    row_rule(
        "vpr_marks", "percents_are_pupils", "Доля отметки — целое число участников", "critical",
        between(None, 0), value=_whole_pupils(_MARKS), where="r.n_part > 0",
        protects="число участников с каждой отметкой: сумма отметок равна числу участников",
        when="если доля или число участников записаны неверно", resolve=_RESEND,
    ),
    row_rule(
        "vpr_journal", "marks_sum_to_participants",
        "Понизили, подтвердили и повысили в сумме все участники", "critical", between(0, 0),
        value="r.n_lowered + r.n_confirmed + r.n_raised - r.n_compared",
        where="r.n_compared is not null",
        protects="доли понизивших и повысивших отметку", when="если столбцы отчёта сдвинуты",
        resolve=_RESEND,
    ),
    row_rule(
        "vpr_journal", "percents_follow_counts", "Проценты соответствуют числу участников",
        "critical", between(0, 0.51),
        value="round(greatest(" + ", ".join(
            f"abs(coalesce(r.pct_{kind} - 100.0 * r.n_{kind} / r.n_compared, 0))"
            for kind in ("lowered", "confirmed", "raised")
        ) + "), 4)",
        where="r.n_compared > 0",
        protects="доли понизивших и повысивших отметку", when="если столбцы отчёта сдвинуты",
        resolve=_RESEND,
    ),
    row_rule(
        "vpr_score_distribution", "percents_sum_to_100",
        "Доли баллов строки отчёта в сумме дают 100 ± 0,5 %", "critical", between(99.5, 100.5),
        value="r.k",
        source="(select *, round(sum(pct) over (partition by delivery_id, part_no, sheet, "
        "row_no), 3) as k from {incoming}) r",
        where="r.n_part > 0",
        protects="распределение баллов и средний балл", when="если столбцы отчёта сдвинуты",
        resolve=_RESEND,
    ),
    row_rule(
        "vpr_score_distribution", "percents_are_pupils", "Доля балла — целое число участников",
        "warning", between(None, 0), value=_whole_pupils(("pct",)), where="r.n_part > 0",
        protects="распределение баллов", when="если доли округлены грубо", resolve=_RESEND,
    ),
    _F3_AGAINST_PUPILS,
    also(_F3_AGAINST_PUPILS, "vpr_pupil"),
    _LISTED,
    _COMPARED,
    _coverage("vpr_pupil"),
    _coverage("vpr_marks"),
    _volume("vpr_pupil", "count(*)", "is_present"),
    _volume("vpr_marks", "sum(n_part)", "unit_level = 'school'"),
)  # fmt: skip
