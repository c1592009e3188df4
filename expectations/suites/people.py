"""Rules about persons in several sources: are they in the list where they have to be.

Belongs here: pseudonyms of one table against those of another; `pupil_of_school` and
`pupil_in_two_schools` are temporary tables of `expectations.sizes`. Not here: numbers (`counts`),
whole files (`copies`). A rule names places, never a person.
"""

from __future__ import annotations

from dataclasses import dataclass

from expectations.rule import Rule, between, group_rule, in_set, row_rule

_LABEL = "'школа ' || x.school_id || ', ' || x.school_year"
_KNOWN = in_set(("да",))


@dataclass(frozen=True)
class Person:
    """A column whose persons ought to be in the list of staff or pupils.

    Attributes:
        table, column: the pseudonyms.
        who: Russian, who they are.
        where: which rows, SQL over `r`.
        yearly: whether the row has a school year, for which a list has to be there.
    """

    table: str
    column: str
    who: str
    where: str = "true"
    yearly: bool = True


STAFF = (
    Person("attestation", "person_pid", "Аттестованный работник", yearly=False),
    Person("contest_result", "person_pid", "Педагог — участник конкурса",
           "r.participant_role = 'teacher'"),
    Person("cpd_course", "person_pid", "Слушатель курсов"),
    Person("expert", "person_pid", "Эксперт"),
    Person("head_appointment", "person_pid", "Назначенный руководитель", yearly=False),
    Person("mentor_pair", "mentor_pid", "Наставник"),
    Person("mentor_pair", "mentee_pid", "Молодой педагог"),
    Person("meth_event", "person_pid", "Участник события"),
    Person("network_member", "person_pid", "Участник сообщества"),
    Person("reserve_post", "person_pid", "Кандидат резерва"),
    Person("teacher_diagnostics", "person_pid", "Участник диагностики"),
)  # fmt: skip
PUPILS = (
    Person("contest_result", "person_pid", "Участник конкурса", "r.participant_role = 'pupil'"),
    Person("extra_enrolment", "person_pid", "Ребёнок дополнительного образования",
           "r.grade_label is not null"),
    Person("leaver", "person_pid", "Выпускник"),
    Person("prevention_pupil", "person_pid", "Обучающийся на учёте"),
    Person("sen_pupil", "person_pid", "Обучающийся с ОВЗ"),
    Person("vsosh_result", "person_pid", "Участник олимпиады"),
)  # fmt: skip


def _employee(person: Person) -> Rule:
    """The person is in some list of staff: people change schools, but not unnoticed."""
    listed = "exists (select 1 from {staff})"
    if person.yearly:
        listed = "r.school_year in (select school_year from {staff})"
    return row_rule(
        person.table,
        f"{person.column.removesuffix('_pid')}_in_staff",
        f"{person.who} есть в списке работников",
        "warning",
        _KNOWN,
        value="case when s.person_pid is null then 'нет' else 'да' end",
        source="{incoming} r left join (select distinct person_pid from {staff}) s "
        f"on s.person_pid = r.{person.column}",
        where=f"r.{person.column} is not null and {listed} and {person.where}",
        protects="доли работников: человек, которого нет в списке, в числителе лишний",
        when="если ФИО или дата рождения записаны иначе, чем в списке работников",
        resolve="Сверьте ФИО и дату рождения с формой «Кадры школы»; нового работника внесите "
        "в неё.",
    )


_OF_SCHOOL = (
    "left join pupil_of_school s on "
    "s.school_id = r.school_id and s.school_year = r.school_year and s.person_pid = r.{column}"
)
_HAS_LIST = "(r.school_id, r.school_year) in (select (school_id, school_year) from school_grade)"


def _pupil(person: Person) -> tuple[Rule, Rule]:
    """The pupil is in the contingent of this school; if hardly any is, the school is another."""
    name = person.column.removesuffix("_pid")
    join = _OF_SCHOOL.format(column=person.column)
    single = row_rule(
        person.table, f"{name}_in_contingent", f"{person.who} есть в контингенте школы",
        "warning", _KNOWN,
        value="case when s.person_pid is null then 'нет' else 'да' end",
        source=f"{{incoming}} r {join}",
        where=f"r.{person.column} is not null and {person.where} and {_HAS_LIST}",
        protects="доли обучающихся: кого нет в контингенте, того не с чем сопоставить",
        when="если ФИО или дата рождения записаны иначе, чем в контингенте, или строка под кодом "
        "другой школы",
        resolve="Сверьте ФИО, дату рождения и код школы с контингентом.",
    )  # fmt: skip
    whole = group_rule(
        person.table, f"{name}_of_this_school",
        "Не менее 40 % людей файла учатся в этой школе", "critical", between(0.4, None),
        groups="select r.school_id, r.school_year, r.delivery_id, round(count(s.person_pid) / "
        f"count(*), 3) as value from {{{person.table}}} r {join} where r.{person.column} is not "
        f"null and {person.where} and {_HAS_LIST} group by all having count(*) >= 5",
        keys=("school_id", "school_year", "delivery_id"), label=_LABEL,
        protects="принадлежность результатов школе",
        when="если у файла код другой школы или год другого списка",
        resolve="Проверьте код школы и учебный год файла; если они верны, обновите контингент.",
    )  # fmt: skip
    return single, whole


_STAGES = (
    "{incoming} r join (values ('municipal', 'school'), ('region', 'municipal'), "
    "('final', 'region')) o(stage, before) on o.stage = r.stage "
    "join (select distinct school_year, subject, stage from {vsosh_result}) y "
    "on y.school_year = r.school_year and y.subject = r.subject and y.stage = o.before "
    "left join (select distinct person_pid, school_year, subject, stage from {vsosh_result}) p "
    "on p.person_pid = r.person_pid and p.school_year = r.school_year "
    "and p.subject = r.subject and p.stage = o.before "
    "left join (select distinct person_pid, subject, stage, try_cast(left(school_year, 4) as "
    "integer) + 1 as next_year from {vsosh_result} where result_status in ('winner', 'prize')) w "
    "on w.person_pid = r.person_pid and w.subject = r.subject and w.stage = r.stage "
    "and w.next_year = try_cast(left(r.school_year, 4) as integer)"
)

RULES = (
    *(_employee(person) for person in STAFF),
    *(rule for person in PUPILS for rule in _pupil(person)),
    row_rule(
        "pupil_year", "in_one_school", "Обучающийся не числится в двух школах одновременно",
        "warning", in_set(("нет",)),
        value="case when t.person_pid is null then 'нет' else 'да' end",
        source="{incoming} r left join pupil_in_two_schools t "
        "using (school_id, school_year, person_pid)",
        protects="число обучающихся: один человек считается дважды",
        when="если выбытие не внесено прежней школой",
        resolve="Внесите дату выбытия в прежней школе или уберите лишнюю строку.",
    ),
    group_rule(
        "pupil_year", "not_list_of_another_school",
        "Не более половины обучающихся числится одновременно в другой школе", "critical",
        between(None, 0.5),
        groups="select p.school_id, p.school_year, round(count(distinct t.person_pid) / "
        "count(distinct p.person_pid), 3) as value from {pupil_year} p "
        "left join pupil_in_two_schools t using (school_id, school_year, person_pid) group by all "
        "having count(distinct p.person_pid) >= 5",
        keys=("school_id", "school_year"), label=_LABEL,
        protects="число обучающихся обеих школ",
        when="если список одной школы прислан под кодом другой",
        resolve="Проверьте код школы в файле; неверную поставку отзовите (msoko withdraw).",
    ),
    row_rule(
        "leaver", "leaves_one_school", "Выпускник значится в одной школе", "warning",
        in_set(("да",)),
        value="case when t.one then 'да' else 'нет' end",
        source="{incoming} r join (select person_pid, school_year, min(school_id) = "
        "max(school_id) as one from {leaver} group by all) t using (person_pid, school_year)",
        protects="число выпускников", when="если выпускник сменил школу в течение года",
        resolve="Оставьте выпускника в той школе, которая выдала аттестат.",
    ),
    row_rule(
        "vsosh_result", "passed_earlier_stage",
        "Участник был на предыдущем этапе или призёром прошлого года", "warning", _KNOWN,
        value="case when p.person_pid is null and w.person_pid is null then 'нет' else 'да' end",
        source=_STAGES,
        protects="доли участников этапов: этап не может быть шире предыдущего",
        when="если протокол предыдущего этапа неполон или предмет указан неверно",
        resolve="Сверьте предмет и ФИО с протоколом предыдущего этапа.",
    ),
    group_rule(
        "staff", "not_list_of_another_school",
        "Не более половины работников школы числится и в другой школе", "warning",
        between(None, 0.5),
        groups="select s.school_id, s.school_year, round(avg(case when o.n > 1 then 1 else 0 end), "
        "3) as value from (select distinct school_id, school_year, person_pid from {staff}) s "
        "join (select person_pid, school_year, count(distinct school_id) as n from {staff} "
        "group by all) o using (person_pid, school_year) group by all having count(*) >= 5",
        keys=("school_id", "school_year"), label=_LABEL,
        protects="число и состав работников обеих школ",
        when="если список одной школы прислан под кодом другой",
        resolve="Проверьте код школы в файле; неверную поставку отзовите (msoko withdraw).",
    ),
    row_rule(
        "staff", "hours_of_person", "Нагрузка работника во всех школах не больше 54 часов",
        "warning", between(None, 54),
        value="t.hours",
        source="{incoming} r join (select person_pid, school_year, sum(weekly_hours) as hours "
        "from {staff} group by all) t using (person_pid, school_year)",
        where="t.hours is not null",
        protects="среднюю нагрузку", when="если часы внесены дважды",
        resolve="Проверьте часы этого работника во всех его строках.",
    ),
)  # fmt: skip
