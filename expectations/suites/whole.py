"""Rules about a report or a list as a whole: another year's, in other units, of another school.

Belongs here: what shows only when all rows of a delivery or paper are looked at together. Not here:
the file of one school (`copies`), sizes (`counts`), single persons (`people`).
"""

from __future__ import annotations

from expectations.rule import Rule, between, group_rule, in_set, row_rule
from expectations.suites.calendar import WIDER
from ingestion.contracts import Contract, load_contracts

# Reports of the ФИС ОКО with the numbers that make their content.
_REPORTS = {
    "vpr_marks": ("n_part", "pct_2", "pct_3", "pct_4", "pct_5"),
    "vpr_journal": ("n_compared", "n_lowered", "n_confirmed", "n_raised"),
    "vpr_task_result": ("n_part", "task_label", "pct_done"),
    "vpr_score_distribution": ("n_part", "primary_score", "pct"),
}
_OF_VPR = (*_REPORTS, "vpr_pupil")
_NEXT_YEAR = (
    "printf('%d/%02d', try_cast(left(r.school_year, 4) as integer) + 1, "
    "(try_cast(left(r.school_year, 4) as integer) + 2) % 100)"
)
_OF_SCHOOL = "'школа ' || x.school_id || ', ' || x.school_year"


def _of_another_year(table: str) -> Rule:
    paper = "cal_year, season, subject, grade_label"
    return group_rule(
        table, "report_of_another_year", "Отчёт не повторяет отчёт за другой год", "critical",
        between(1, 1),
        groups=f"select {paper}, count(*) over (partition by subject, grade_label, n, signature) "
        f"as value from (select {paper}, count(*) as n, sum(cast(hash(school_id, "
        f"{', '.join(_REPORTS[table])}) as hugeint)) as signature from {{{table}}} "
        "where unit_level = 'school' and school_id is not null group by all having count(*) >= 3)",
        keys=("cal_year", "season", "subject", "grade_label"),
        label="'ВПР ' || x.cal_year || ', ' || x.grade_label || ' класс, ' || x.subject",
        protects="результаты года: посчитаны прошлогодние числа",
        when="если прошлогодний отчёт переименован или выгружен снова",
        resolve="Выгрузите из ФИС ОКО отчёт этого года; неверную поставку отзовите "
        "(msoko withdraw).",
    )  # fmt: skip


def _subject_of_grade(table: str) -> Rule:
    return row_rule(
        table, "subject_of_grade", "По этому предмету в этом классе бывает ВПР", "warning",
        in_set(("да",)), value="k.known",
        source="{incoming} r join (select e.programme_grade, e.subject, max(case when c.subject "
        "is null then 'нет' else 'да' end) as known from (select distinct programme_grade, "
        "subject from {incoming}) e left join ref_calendar c on c.procedure = 'VPR' "
        f"and c.programme_grade = e.programme_grade and c.subject in (e.subject, {WIDER}, '*') "
        "group by all) k on k.programme_grade = r.programme_grade and k.subject = r.subject",
        where="r.programme_grade in (select programme_grade from ref_calendar "
        "where procedure = 'VPR')",
        protects="предмет и класс результата",
        when="если в имени файла назван не тот предмет или класс",
        resolve="Проверьте предмет и класс в имени файла; если такая работа была, внесите её в "
        "справочник assessment_calendar.",
    )  # fmt: skip


def _percents(contract: Contract) -> list[str]:
    return [
        f"cast({column.name} as double)"
        for column in contract.columns
        if column.unit == "%" and column.type in ("int", "number") and column.maximum == 100
    ]


def _not_fractions(contract: Contract) -> Rule:
    return group_rule(
        contract.table, "percents_not_fractions", "Проценты записаны от 0 до 100, а не долями",
        "warning", between(1.0001, None),
        groups="select delivery_id, max(v) as value from (select delivery_id, "
        f"unnest([{', '.join(_percents(contract))}]) as v from {{incoming}}) "
        "where v is not null group by delivery_id having count(*) >= 4 and max(v) > 0",
        keys=("delivery_id",), label="'поставка ' || x.delivery_id",
        protects="средние проценты: доля 0,62 посчитана как 0,62 %",
        when="если столбец выгружен в виде долей",
        resolve="Запишите проценты числами от 0 до 100 и пришлите файл снова.",
    )  # fmt: skip


def _works_here(table: str) -> Rule:
    return group_rule(
        table, "persons_work_here", "Не менее 40 % людей файла работают в этой школе", "warning",
        between(0.4, None),
        groups="select r.school_id, r.school_year, round(count(s.person_pid) / count(*), 3) as "
        f"value from {{{table}}} r left join (select distinct school_id, school_year, person_pid "
        "from {staff}) s on s.school_id = r.school_id and s.school_year = r.school_year "
        "and s.person_pid = r.person_pid where (r.school_id, r.school_year) in "
        "(select (school_id, school_year) from {staff}) group by all having count(*) >= 5",
        keys=("school_id", "school_year"), label=_OF_SCHOOL,
        protects="принадлежность работников школе",
        when="если у файла код другой школы или год другого списка",
        resolve="Проверьте код школы и учебный год файла; если они верны, обновите список "
        "работников.",
    )  # fmt: skip


def _exam_of_another_year(table: str) -> Rule:
    """Hardly anybody gets the same score in the same subject in two years."""
    exam = "procedure, cal_year, subject, level"
    return group_rule(
        table, "protocol_of_another_year", "Протокол не повторяет протокол за другой год",
        "critical", between(None, 0.5),
        groups=f"select {exam}, round(avg(case when years > 1 then 1 else 0 end), 3) as value "
        f"from (select {exam}, count(*) over (partition by procedure, subject, level, "
        f"participant_pid, primary_score) as years from (select distinct {exam}, participant_pid, "
        f"primary_score from {{{table}}} where is_present)) group by all having count(*) >= 3",
        keys=("procedure", "cal_year", "subject", "level"),
        label="'протокол ' || x.cal_year || ', ' || x.subject",
        protects="результаты года: посчитаны прошлогодние протоколы",
        when="если прошлогодний протокол переименован",
        resolve="Запросите в РЦОИ протокол этого года; неверную поставку отзовите "
        "(msoko withdraw).",
    )  # fmt: skip


RULES = (
    *(_exam_of_another_year(table) for table in ("ege_result", "oge_result")),
    *(_of_another_year(table) for table in _REPORTS),
    *(_subject_of_grade(table) for table in _OF_VPR),
    *(_not_fractions(c) for t, c in load_contracts().items() if t not in _OF_VPR and _percents(c)),
    *(_works_here(table) for table in ("cpd_course", "teacher_diagnostics")),
    group_rule(
        "vsosh_result", "winners_named", "В протоколе есть победители или призёры", "warning",
        between(1, None),
        groups="select school_year, stage, subject, count(*) filter (where result_status in "
        "('winner', 'prize')) as value from {vsosh_result} group by all having count(*) >= 20",
        keys=("school_year", "stage", "subject"),
        label="'олимпиада ' || x.school_year || ', ' || x.subject",
        protects="число победителей и призёров",
        when="если в файле нет столбца статусов или он ещё не заполнен",
        resolve="Пришлите итоговый протокол жюри со статусами участников.",
    ),
    group_rule(
        "leaver", "tenth_graders_continue",
        "Выпускники с путём «10 класс» есть в контингенте следующего года", "warning",
        between(0.5, None),
        groups="select r.school_id, r.school_year, round(count(p.person_pid) / count(*), 3) as "
        "value from {leaver} r left join (select distinct school_year, person_pid from "
        f"{{pupil_year}} where grade_label >= 10) p on p.school_year = {_NEXT_YEAR} "
        "and p.person_pid = r.person_pid where r.destination = 'grade10' "
        f"and {_NEXT_YEAR} in (select school_year from {{pupil_year}}) "
        "group by all having count(*) >= 5",
        keys=("school_id", "school_year"), label=_OF_SCHOOL,
        protects="доли поступивших в 10 класс",
        when="если путь внесён по намерению, а не по зачислению",
        resolve="Сверьте пути выпускников с зачислением в 10 класс и пришлите файл снова.",
    ),
    row_rule(
        "accreditation", "tax_number_agrees", "ИНН организации тот же, что в реестре школ",
        "warning", in_set(("да",)),
        value="case when s.inn = r.inn then 'да' else 'нет' end",
        source="{incoming} r join {school} s on s.ogrn = r.ogrn",
        where="r.is_active and r.inn is not null and s.inn is not null",
        protects="поиск школы по ИНН и ОГРН в выгрузках ведомств",
        when="если в одном из реестров опечатка",
        resolve="Сверьте ИНН и ОГРН с выпиской из ЕГРЮЛ и исправьте реестр школ.",
    ),
)  # fmt: skip
