"""Rules within a row of forms and registers: parts and wholes, sums, order of dates.

Belongs here: what the cells of one row say of each other, as data by table. Not here: bounds of
one cell (contracts), what other rows and tables say (`counts`, `people`, `copies`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from expectations.rule import Rule, Severity, between, cells_rule, in_set, row_rule
from ingestion.contracts import load_contracts

_MEND = "Исправьте числа этой строки в файле и пришлите его снова."
_MEND_DATE = "Исправьте даты этой строки в файле и пришлите его снова."

# Table → (part, whole): the part counts a subset of the whole. A part may be a sum.
PARTS: Mapping[str, Sequence[tuple[str, str]]] = {
    "attendance": [("missed_excused + missed_unexcused", "lessons_due")],
    "burnout_survey": [("n_high", "n_respondents")],
    "consumer_survey": [("n_satisfied", "n_respondents")],
    "diagnostic_count": [
        ("n_diagnosed", "n_pupils"), ("n_below", "n_diagnosed"), ("n_route", "n_below"),
        ("n_retook", "n_below"), ("n_reached", "n_retook"), ("n_readiness", "n_pupils"),
    ],
    "gifted_count": [("n_with_support", "n_gifted")],
    "holiday_count": [
        ("n_occupied", "n_pupils"), ("n_at_risk", "n_pupils"),
        ("n_at_risk_occupied", "n_at_risk"), ("n_at_risk_occupied", "n_occupied"),
    ],
    "kdr_result": [("n_part", "n_listed")],
    "language_count": [
        ("n_non_native", "n_pupils"), ("n_supported", "n_non_native"),
        ("n_took", "n_non_native"), ("n_basic", "n_took"),
    ],
    "low_result_attendance": [
        ("n_low", "n_pupils"), ("missed", "lessons_due"), ("missed_unexcused", "missed"),
        ("n_truants", "n_pupils"),
    ],
    "municipal_test": [("n_part", "n_listed"), ("n_pass", "n_part"), ("n_high", "n_part")],
    "observation": [("n_rooms_observed", "n_rooms"), ("n_independent", "n_observers")],
    "prevention_count": [
        ("n_accounted", "n_pupils"), ("n_at_risk", "n_pupils"), ("n_at_risk_plan", "n_at_risk"),
        ("n_at_risk_extra", "n_at_risk"), ("n_at_risk_took", "n_at_risk"),
        ("n_at_risk_basic", "n_at_risk_took"), ("n_ipr_closed", "n_ipr_before"),
        ("n_offences_repeat", "n_offences"),
    ],
    "school_document": [("n_items_done", "n_items_due")],
    "sen_count": [
        ("n_aop", "n_pmpk"), ("n_supported", "n_prescribed"), ("n_extra", "n_sen"),
        ("n_skills", "n_sen"), ("n_leavers9_continued", "n_leavers9"),
        ("n_leavers11_continued", "n_leavers11"),
    ],
    "social_passport": [
        ("n_low_income", "n_pupils"), ("n_parents_no_higher + n_parents_higher", "n_pupils"),
        ("n_ovz", "n_pupils"), ("n_accounted", "n_pupils"), ("n_large_family", "n_pupils"),
        ("n_guardianship", "n_pupils"),
    ],
    "staff_post": [("posts_vacant", "posts_total")],
    "volunteer_count": [("n_volunteers", "n_pupils8")],
    "vsosh_result": [("points", "max_points")],
}  # fmt: skip

# Table → (all the parts, whole): the parts make the whole where all are given.
SUMS: Mapping[str, Sequence[tuple[str, str]]] = {
    "kdr_result": [("n2 + n3 + n4 + n5", "n_part"), ("n_low + n_base + n_high", "n_part")],
}

# Table → (earlier, later): a period; turned round it would never be counted.
PERIODS: Mapping[str, tuple[str, str]] = {
    "agreement": ("valid_from", "valid_to"),
    "attestation": ("decided_on", "valid_to"),
    "expert": ("trained_on", "valid_to"),
    "extra_enrolment": ("enrolled_on", "left_on"),
    "head_appointment": ("appointed_on", "left_on"),
    "mentor_pair": ("started_on", "ended_on"),
    "prevention_pupil": ("on_from", "on_to"),
    "pupil_year": ("enrolled_on", "left_on"),
}

# Table → (earlier, later): an order that a document or a plan has as a rule.
ORDERS: Mapping[str, Sequence[tuple[str, str]]] = {
    "accreditation": [("issued_on", "valid_to")],
    "decision": [("results_on", "document_date")],
    "external_audit": [("audited_on", "due_on"), ("audited_on", "done_on")],
    "recommendation": [("issued_on", "due_on"), ("issued_on", "done_on")],
    "school_document": [("results_on", "approved_on")],
    "teacher_diagnostics": [("diagnosed_on", "plan_on")],
}

# Table → dates of what has happened; a later one counts in a year in which it did not happen.
EVENTS: Mapping[str, Sequence[str]] = {
    "attestation": ["decided_on"],
    "cpd_course": ["finished_on"],
    "essay_result": ["exam_date"],
    "external_audit": ["audited_on", "done_on"],
    "extra_enrolment": ["enrolled_on"],
    "head_appointment": ["appointed_on"],
    "interview_result": ["exam_date"],
    "kdr_result": ["test_date"],
    "mentor_pair": ["started_on"],
    "meth_event": ["event_date"],
    "municipal_test": ["test_date"],
    "observation": ["held_on"],
    "prevention_pupil": ["on_from", "on_to"],
    "procedure_check": ["checked_on"],
    "recommendation": ["issued_on", "done_on"],
    "sen_pupil": ["pmpk_on"],
    "site_check": ["checked_on"],
    "teacher_diagnostics": ["diagnosed_on"],
}

# Table → dates of documents.
DOCUMENTS: Mapping[str, Sequence[str]] = {
    "accreditation": ["issued_on"],
    "cycle_step": ["document_date"],
    "decision": ["document_date", "results_on"],
    "expert": ["trained_on"],
    "leaver": ["confirmed_on"],
    "programme_target": ["document_date"],
    "pupil_year": ["enrolled_on"],
    "reserve_post": ["included_on"],
    "school_document": ["approved_on"],
    "shnor_decision": ["document_date"],
    "shnor_official": ["document_date"],
    "staff": ["post_since"],
}

# Table → date that lies in the school year of its row, and what a wrong one does to figures.
WITHIN_YEAR: Mapping[str, tuple[str, Severity]] = {
    "cpd_course": ("finished_on", "warning"),
    "kdr_result": ("test_date", "critical"),
    "meth_event": ("event_date", "warning"),
    "municipal_test": ("test_date", "critical"),
    "observation": ("held_on", "critical"),
    "procedure_check": ("checked_on", "critical"),
    "site_check": ("checked_on", "warning"),
    "teacher_diagnostics": ("diagnosed_on", "warning"),
}


def _title(table: str, expression: str) -> str:
    """Titles of the columns of a sum."""
    contract = load_contracts()[table]
    titles = (contract.column(name.strip()).title.strip("«»") for name in expression.split("+"))
    return " и ".join(f"«{title}»" for title in titles)


def _of_row(expression: str) -> str:
    return " + ".join(f"r.{name.strip()}" for name in expression.split("+"))


def _parts(table: str) -> Rule:
    return cells_rule(
        table, "parts_within_whole", "Часть не больше целого", "critical", between(None, 0),
        cells=[
            (f"{_title(table, part)} больше, чем {_title(table, whole)}",
             f"{_of_row(part)} - r.{whole}")
            for part, whole in PARTS[table]
        ],
        protects="доли: часть больше целого даёт больше 100 %",
        when="если столбцы перепутаны или число записано с ошибкой", resolve=_MEND,
        acceptable=False,
    )  # fmt: skip


def _sums(table: str) -> Rule:
    return cells_rule(
        table, "parts_make_whole", "Части в сумме дают целое", "critical", between(0, 0),
        cells=[
            (f"{_title(table, parts)} в сумме не равны {_title(table, whole)}",
             f"{_of_row(parts)} - r.{whole}")
            for parts, whole in SUMS[table]
        ],
        protects="успеваемость, качество и доли уровней",
        when="если потерян столбец или число записано с ошибкой", resolve=_MEND,
        acceptable=False,
    )  # fmt: skip


def _order(table: str, name: str, severity: Severity, pairs: Sequence[tuple[str, str]]) -> Rule:
    return cells_rule(
        table, name, "Даты идут по порядку", severity, between(0, None),
        cells=[
            (f"{_title(table, later)} раньше, чем {_title(table, earlier)}",
             f"date_diff('day', r.{earlier}, r.{later})")
            for earlier, later in pairs
        ],
        protects="срок, в который строка действует",
        when="если даты переставлены или в году опечатка", resolve=_MEND_DATE,
    )  # fmt: skip


def _not_in_future(table: str, name: str, severity: Severity, columns: Sequence[str]) -> Rule:
    return cells_rule(
        table, name, "Дата не позже сегодняшней", severity, between(None, 0),
        cells=[
            (f"{_title(table, column)} ещё не наступила",
             f"date_diff('day', {{today}}, r.{column})")
            for column in columns
        ],
        protects="год, в котором строка считается",
        when="если в дате опечатка или внесено то, чего ещё не было", resolve=_MEND_DATE,
    )  # fmt: skip


def _within_year(table: str) -> Rule:
    column, severity = WITHIN_YEAR[table]
    return row_rule(
        table, "date_within_school_year",
        f"{_title(table, column)}: в пределах учебного года строки", severity, between(0, 0),
        value=f"year(r.{column}) - case when month(r.{column}) < 9 then 1 else 0 end "
        "- try_cast(left(r.school_year, 4) as integer)",
        where=f"r.{column} is not null",
        protects="учебный год строки: по дате и по году она попала бы в разные годы",
        when="если прислан прошлогодний файл или в дате опечатка",
        resolve="Исправьте учебный год или дату и пришлите файл снова.",
    )  # fmt: skip


_CRITERIA = [f"k{n}" for n in range(1, 6)]

RULES = (
    *(_parts(table) for table in PARTS),
    *(_sums(table) for table in SUMS),
    *(_order(table, "period_in_order", "critical", [pair]) for table, pair in PERIODS.items()),
    *(_order(table, "dates_in_order", "warning", pairs) for table, pairs in ORDERS.items()),
    *(_not_in_future(t, "event_not_in_future", "critical", c) for t, c in EVENTS.items()),
    *(_not_in_future(t, "document_not_in_future", "warning", c) for t, c in DOCUMENTS.items()),
    *(_within_year(table) for table in WITHIN_YEAR),
    row_rule(
        "interview_result", "pass_follows_points", "Набравший 10 баллов и больше получил зачёт",
        "critical", in_set(("да",)), value="case when r.passed then 'да' else 'нет' end",
        where="r.points >= 10",
        protects="долю получивших зачёт за собеседование",
        when="если столбцы протокола сдвинуты",
        resolve="Сверьте балл и зачёт этой строки с протоколом.",
    ),
    row_rule(
        "interview_result", "points_reach_pass", "Получивший зачёт набрал не меньше 10 баллов",
        "warning", between(10, None), value="r.points", where="r.passed",
        protects="долю получивших зачёт за собеседование",
        when="если столбцы протокола сдвинуты; у участников с ОВЗ порог может быть ниже",
        resolve="Сверьте балл и зачёт этой строки с протоколом.",
    ),
    row_rule(
        "vsosh_result", "winner_beyond_half", "Победитель набрал больше половины баллов",
        "warning", between(0.5001, None), value="round(r.points / r.max_points, 4)",
        where="r.result_status = 'winner' and r.max_points > 0",
        protects="число победителей", when="если статусы проставлены до утверждения квоты",
        resolve="Сверьте статусы с итоговым протоколом жюри.",
    ),
    row_rule(
        "vsosh_result", "stage_has_grade",
        "Участвуют 5–11 классы, на школьном этапе по русскому языку и математике и 4 класс",
        "warning", in_set(("да",)),
        value="case when r.grade_label >= 5 or (r.grade_label = 4 and r.stage = 'school' "
        "and r.subject in ('RU', 'MA')) then 'да' else 'нет' end",
        protects="долю участников: знаменатель — обучающиеся этих классов",
        when="если класс или предмет записаны неверно", resolve=_MEND,
    ),
    row_rule(
        "vsosh_result", "task_not_below_grade", "Класс участия не ниже класса обучения",
        "warning", between(0, None), value="r.grade_of_task - r.grade_label",
        where="r.grade_of_task is not null",
        protects="число участников по классам", when="если столбцы классов перепутаны",
        resolve=_MEND,
    ),
    row_rule(
        "leaver", "destination_fits_grade", "Путь выпускника возможен после его класса",
        "critical", in_set(("да",)),
        value="case when r.grade_label < 11 and r.destination = 'university' "
        "or r.grade_label >= 11 and r.destination = 'grade10' then 'нет' else 'да' end",
        protects="доли поступивших", when="если перепутаны класс или столбец пути",
        resolve="Исправьте класс или путь выпускника и пришлите файл снова.",
    ),
    row_rule(
        "leaver", "certificate_before_university", "В вузе учатся с аттестатом", "warning",
        in_set(("yes", "honours")), value="r.certificate",
        where="r.destination = 'university'",
        protects="доли поступивших и получивших аттестат",
        when="если столбец аттестата не заполнен", resolve=_MEND,
    ),
    row_rule(
        "noko_score", "total_is_mean", "Итог НОКО — среднее пяти критериев", "critical",
        between(0, 0.5),
        value=f"round(abs(r.total - ({' + '.join(f'r.{k}' for k in _CRITERIA)}) / 5), 2)",
        where="r.total is not null",
        protects="итоговый балл независимой оценки", when="если столбцы сдвинуты",
        resolve="Сверьте строку с публикацией на bus.gov.ru.",
    ),
    row_rule(
        "staff", "experience_fits_age", "Педагогический стаж возможен при этом годе рождения",
        "warning", between(15, None),
        value="try_cast(left(r.school_year, 4) as integer) + 1 - r.birth_year - r.ped_experience",
        where="r.birth_year is not null and r.ped_experience is not null",
        protects="долю молодых педагогов и средний стаж",
        when="если стаж записан годом или месяцами", resolve=_MEND,
    ),
    row_rule(
        "custom_indicator", "value_is_given",
        "Заданы числитель и знаменатель или само значение", "critical", in_set(("да",)),
        value="case when r.given_value is not null or (r.numerator is not null "
        "and r.denominator > 0) then 'да' else 'нет' end",
        protects="значение иного показателя", when="если строка заполнена не до конца",
        resolve="Дополните строку: числитель и знаменатель больше нуля либо значение.",
    ),
)  # fmt: skip
