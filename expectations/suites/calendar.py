"""The calendar rule, shared by ВПР and exams, and rules that depend on a seed's confidence.

Belongs here: builders that several suites use. Not here: rules of one source.
"""

from __future__ import annotations

from dataclasses import replace

from expectations.rule import Expectation, Rule, in_set, row_rule

# Works of these subjects stand in the calendar under a wider name.
WIDER = (
    "case e.subject when 'MU' then 'MA' when 'FU' then 'FI' when 'EN' then 'FL' "
    "when 'DE' then 'FL' when 'FR' then 'FL' when 'ES' then 'FL' when 'ZH' then 'FL' end"
)


def by_confidence(
    table: str,
    name: str,
    title: str,
    expectation: Expectation,
    *,
    value: str,
    source: str,
    where: str,
    confirmed: str,
    protects: str,
    when: str,
    resolve: str,
) -> tuple[Rule, Rule]:
    """One rule twice: critical where the row of the seed is `confirmed` (SQL), else a warning."""
    firm = row_rule(
        table, name, title, "critical", expectation, value=value, source=source,
        where=f"{where} and {confirmed}", protects=protects, when=when, resolve=resolve,
    )  # fmt: skip
    loose = row_rule(
        table, f"{name}_unconfirmed", f"{title} (строка справочника не подтверждена)", "warning",
        expectation, value=value, source=source, where=f"{where} and not {confirmed}",
        protects=protects, when=when,
        resolve=f"{resolve} Сначала сверьте строку справочника с документом.",
    )  # fmt: skip
    return firm, loose


def held_rules(table: str, *, level: bool, season: bool) -> tuple[Rule, Rule]:
    """The work or exam took place according to the assessment calendar.

    The most special row of the calendar decides: level before subject before all subjects.

    Args:
        table: a table with an envelope.
        level: whether its rows have an exam level.
        season: whether the calendar knows its seasons; for exams it knows years only.
    """
    own_level = "level" if level else "cast(null as varchar)"
    envelope = f"procedure, cal_year, season, programme_grade, subject, {own_level} as level"
    window = "and c.season = e.season and c.programme_grade = e.programme_grade" if season else ""
    source = (
        "{incoming} r join (select e.procedure, e.cal_year, e.season, e.programme_grade, "
        "e.subject, e.level, arg_max(c.held, weight) as held, "
        "arg_max(c.confirmed, weight) as confirmed "
        f"from (select distinct {envelope} from {{incoming}}) e join (select *, "
        "case when level is not null then 3 when subject <> '*' then 2 else 1 end as weight "
        "from ref_calendar) c on c.procedure = e.procedure and c.cal_year = e.cal_year "
        f"{window} and c.subject in (e.subject, {WIDER}, '*') "
        "and (c.level is null or c.level = e.level) group by all) h "
        "on h.procedure = r.procedure and h.cal_year = r.cal_year and h.season = r.season "
        "and h.programme_grade is not distinct from r.programme_grade and h.subject = r.subject "
        f"and h.level is not distinct from {'r.level' if level else 'null'}"
    )
    return by_confidence(
        table,
        "held_by_calendar",
        "Работа или экзамен проводились по календарю процедур",
        in_set(("да",)),
        value="case when h.held then 'да' else 'нет' end",
        source=source,
        where="true",
        confirmed="h.confirmed",
        protects="год, класс и предмет результата: в 2020 году не было ОГЭ, в 2020 и 2021 годах — "
        "базовой математики, весной 2020 года — ВПР в 4–8 классах",
        when="если файл назван или разложен не по тому году, классу или предмету",
        resolve="Проверьте год, класс и предмет в имени файла и папки; если процедура была, "
        "исправьте справочник assessment_calendar.",
    )


def also(rule: Rule, table: str) -> Rule:
    """The same rule for another table that it reads."""
    return replace(rule, table=table)
