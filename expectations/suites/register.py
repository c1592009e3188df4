"""Rules of the school register: every other table resolves its schools by it.

Belongs here: rules of table `school`. A failure of a critical one stops every promotion.
"""

from __future__ import annotations

from expectations.rule import Rule, Severity, between, in_set, row_rule

_WHEN = "когда реестр школ изменён"


def _unique(column: str, what: str, severity: Severity, expression: str) -> Rule:
    return row_rule(
        "school",
        f"unique_{column}",
        f"{what}: не повторяется у двух школ",
        severity,
        between(1, 1),
        value="r.k",
        source="(select c.delivery_id, c.sheet, c.row_no, c."
        f"{column} as own, count(*) over (partition by {expression}) as k from {{school}} c) r",
        where="r.own is not null",
        protects="привязку результатов к школе: один код двух школ смешивает их результаты",
        when=_WHEN,
        resolve="Исправьте код одной из школ в реестре; закрытой школе укажите дату закрытия "
        "и правопреемника, а код оставьте действующей.",
    )


# A school that the federal registry knows under another number is not found in other sources.
_ACCREDITED = row_rule(
    "school", "registered_as_accredited",
    "ИНН и ОГРН школы совпадают с реестром аккредитованных организаций", "warning",
    in_set(("да",)),
    value="case when a.ogrn is null or (r.inn is not null and a.inn <> r.inn) then 'нет' "
    "else 'да' end",
    source="{incoming} r left join (select ogrn, max(inn) as inn from {accreditation} "
    "where is_active group by ogrn) a on a.ogrn = r.ogrn",
    where="r.ogrn is not null and r.closed_on is null and exists (select 1 from {accreditation})",
    protects="поиск школы по ИНН и ОГРН в выгрузках ведомств", when=_WHEN,
    resolve="Сверьте ИНН и ОГРН с выпиской из ЕГРЮЛ и исправьте реестр школ.",
)  # fmt: skip


RULES = (
    _ACCREDITED,
    # sch… and edu… with the same digits are one school; ksh…, spo… are organisations of their own
    _unique("fis_login", "Логин ФИС ОКО", "critical", "regexp_replace(c.fis_login, '^sch', 'edu')"),
    _unique("rcoi_code", "Код ОО в РЦОИ", "critical", "c.rcoi_code"),
    _unique("inn", "ИНН", "warning", "c.inn"),
    _unique("ogrn", "ОГРН", "warning", "c.ogrn"),
    Rule(
        table="school",
        name="register_not_empty",
        title="Реестр школ не пуст",
        severity="critical",
        expectation=between(1, None),
        frame="select count(*) as value, 1 as n, 'реестр школ' as label from {school}",
        protects="всё: без реестра ни один результат не относится ни к одной школе",
        when="если отозвана единственная поставка реестра",
        resolve="Пришлите реестр школ по шаблону (msoko template school).",
    ),
    Rule(
        table="school",
        name="register_keeps_schools",
        title="В новом реестре остались не менее 80 % прежних школ",
        severity="critical",
        expectation=between(0.8, None),
        frame="select avg(case when n.school_id is null then 0 else 1 end) as value, 1 as n, "
        "'прежний реестр' as label from {raw} o left join {school} n using (school_id) "
        "having count(*) > 0",
        protects="показатели прошлых лет: школа, исчезнувшая из реестра, теряет свои результаты",
        when="если вместо полного реестра прислана его часть",
        resolve="Пришлите полный реестр; закрытые школы в нём остаются с датой закрытия.",
    ),
    row_rule(
        "school", "opened_before_closed", "Школа открыта раньше, чем закрыта", "warning",
        between(0, None), value="date_diff('day', r.opened_on, r.closed_on)",
        where="r.opened_on is not null and r.closed_on is not null",
        protects="охват: сколько школ должно было участвовать", when=_WHEN,
        resolve="Исправьте даты в реестре.",
    ),
    row_rule(
        "school", "known_successor", "Правопреемник есть в реестре", "warning", in_set(("да",)),
        value="case when s.school_id is null then 'нет' else 'да' end",
        source="{incoming} r left join {school} s on s.school_id = r.successor_school_id",
        where="r.successor_school_id is not null",
        protects="связь рядов реорганизованных школ", when=_WHEN,
        resolve="Укажите код правопреемника из реестра.",
    ),
)  # fmt: skip
