"""Rules of ЕГЭ and ОГЭ.

Belongs here: rules of `ege_result`, `oge_result`, `exam_change`.
"""

from __future__ import annotations

from expectations.rule import Rule, between, in_set, row_rule
from expectations.suites.calendar import by_confidence, held_rules

_RESEND = "Запросите в РЦОИ верный протокол и пришлите его снова."


def _result_present(table: str, result: str) -> Rule:
    return row_rule(
        table, "present_has_result", "У явившегося есть результат, у неявившегося нет",
        "critical", between(0, 0),
        value=f"cast(r.is_present as integer) - cast({result} is not null as integer)",
        where="r.is_present is not null",
        protects="знаменатель: участниками считаются явившиеся",
        when="если столбец с баллом сдвинут или пуст", resolve=_RESEND,
    )  # fmt: skip


def _date_in_year(table: str) -> Rule:
    return row_rule(
        table, "exam_date_in_year", "Дата экзамена приходится на год проведения", "critical",
        between(0, 0), value="cast(year(r.exam_date) as integer) - r.cal_year",
        where="r.exam_date is not null and r.cal_year is not null",
        protects="год, в который попадёт результат", when="если протокол назван другим годом",
        resolve="Проверьте год в имени файла и дату в заголовке протокола.",
    )  # fmt: skip


def _level_fits(table: str) -> Rule:
    return row_rule(
        table, "level_fits_subject", "Уровень есть у математики ЕГЭ и только у неё", "critical",
        in_set(("да",)),
        value="case when (r.procedure = 'EGE' and r.subject = 'MA') = (r.level <> 'none') "
        "then 'да' else 'нет' end",
        where="r.level is not null and r.subject is not null",
        protects="разделение базовой и профильной математики: их баллы несравнимы",
        when="если в заголовке протокола не распознан уровень", resolve=_RESEND,
    )  # fmt: skip


def _volume(table: str) -> Rule:
    return Rule(
        table=table,
        name="volume_against_last_year",
        title="Участников по предмету столько же, сколько год назад (от 60 до 160 %)",
        severity="warning",
        expectation=between(0.6, 1.6),
        frame="select v.n / v.before as value, 1 as n, "
        "case v.procedure when 'EGE' then 'ЕГЭ' when 'OGE' then 'ОГЭ' else v.procedure end || ' ' "
        "|| v.cal_year || ', ' || v.subject || case v.level when 'base' then ' (базовый)' "
        "when 'profile' then ' (профильный)' else '' end as label from ("
        "select *, lag(n) over w as before, lag(cal_year) over w as year_before from ("
        f"select procedure, cal_year, subject, level, count(*) as n from {{{table}}} "
        "where is_present group by all) window w as "
        "(partition by procedure, subject, level order by cal_year)) v "
        "semi join {incoming} r using (procedure, cal_year, subject, level) "
        "where v.year_before = v.cal_year - 1 and v.before >= 50",
        protects="полноту: потерянный или удвоенный протокол",
        when="если пришли не все протоколы предмета или файл прошлого года",
        resolve="Сверьте число участников с РЦОИ; при изменении правил допуска расхождение верно.",
    )


RULES = (
    *held_rules("ege_result", level=True, season=False),
    *held_rules("oge_result", level=True, season=False),
    _result_present("ege_result", "coalesce(r.test_score, r.mark)"),
    _result_present("oge_result", "coalesce(r.mark, r.primary_score)"),
    _date_in_year("ege_result"),
    _date_in_year("oge_result"),
    _level_fits("ege_result"),
    _level_fits("oge_result"),
    row_rule(
        "ege_result", "base_has_mark", "Базовая математика: отметка, а не тестовый балл",
        "critical", between(0, 0),
        value="cast(r.mark is null as integer) + cast(r.test_score is not null as integer)",
        where="r.level = 'base' and r.is_present",
        protects="средний тестовый балл: отметка 5 не тестовый балл 5",
        when="если столбец протокола распознан неверно", resolve=_RESEND,
    ),
    *by_confidence(
        "ege_result", "primary_within_maximum", "Первичный балл не выше наибольшего",
        between(None, 0), value="r.primary_score - m.max_score",
        source="{incoming} r join ref_exam_max m on m.procedure = r.procedure "
        "and m.cal_year = r.cal_year and m.subject = r.subject "
        "and (m.level = r.level or m.level is null)",
        where="r.primary_score is not null", confirmed="m.confirmed",
        protects="балл участника", when="если столбцы протокола сдвинуты", resolve=_RESEND,
    ),
    *by_confidence(
        "oge_result", "primary_within_maximum", "Первичный балл не выше наибольшего",
        between(None, 0), value="r.primary_score - s.max_score",
        source="{incoming} r join ref_oge_scale s on s.cal_year = r.cal_year "
        "and s.subject = r.subject",
        where="r.procedure = 'OGE' and r.primary_score is not null and s.max_score is not null",
        confirmed="s.confirmed",
        protects="балл участника", when="если столбцы протокола сдвинуты", resolve=_RESEND,
    ),
    row_rule(
        "oge_result", "mark_follows_scale", "Отметка соответствует баллу по шкале ОГЭ", "warning",
        between(0, 0),
        value="r.mark - case when r.primary_score >= s.cut5 then 5 "
        "when r.primary_score >= s.cut4 then 4 when r.primary_score >= s.cut3 then 3 else 2 end",
        source="{incoming} r join ref_oge_scale s on s.cal_year = r.cal_year "
        "and s.subject = r.subject",
        where="r.procedure = 'OGE' and r.mark is not null and r.primary_score is not null "
        "and s.cut3 is not null and coalesce(s.extra_condition, '') = ''",
        protects="отметку участника",
        when="регион вправе установить свою шкалу, поэтому только предупреждение",
        resolve="Сверьте шкалу с приказом министерства и внесите её в справочник oge_scale.",
    ),
    row_rule(
        "exam_change", "changed_mark_is_mark", "После изменения отметка от 2 до 5", "critical",
        between(2, 5), value="r.score_after",
        where="(r.procedure <> 'EGE' or r.level = 'base') and r.score_after is not null",
        protects="итоговую отметку: изменение заменяет результат",
        when="если вместо отметки взят первичный балл", resolve=_RESEND,
    ),
    row_rule(
        "exam_change", "change_has_result", "Изменённый результат есть среди результатов",
        "warning", in_set(("да",)),
        value="case when exists (select 1 from (select participant_pid, name_pid, subject, "
        "cal_year from {ege_result} union all select participant_pid, name_pid, subject, "
        "cal_year from {oge_result}) e where e.subject = r.subject and e.cal_year = r.cal_year "
        "and (e.participant_pid = r.participant_pid or e.name_pid = r.name_pid)) "
        "then 'да' else 'нет' end",
        protects="учёт апелляций", when="если протокол экзамена ещё не пришёл",
        resolve="Дождитесь протокола экзамена или проверьте предмет и год изменения.",
    ),
    _volume("ege_result"),
    _volume("oge_result"),
)  # fmt: skip
