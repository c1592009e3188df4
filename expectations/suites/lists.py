"""Rules of the official lists: bias list, ШНОР list, decisions.

Belongs here: rules of `bias_list`, `shnor_official`, `shnor_decision`.
"""

from __future__ import annotations

from expectations.rule import between, in_set, row_rule

RULES = (
    row_rule(
        "bias_list", "markers_counted", "Маркеров не меньше, чем отмечено по предметам",
        "critical", between(0, None),
        value="r.n_markers - coalesce(r.m_4ru, 0) - coalesce(r.m_4ma, 0) "
        "- coalesce(r.m_5ru, 0) - coalesce(r.m_5ma, 0)",
        where="r.n_markers is not null",
        protects="долю школ с признаками необъективности",
        when="если столбцы списка сдвинуты", resolve="Сверьте строку со списком министерства.",
    ),
    row_rule(
        "bias_list", "listed_school_took_part", "Школа списка участвовала в ВПР этого года",
        "warning", in_set(("да",)),
        value="case when p.school_id is null then 'нет' else 'да' end",
        source="{incoming} r join (select distinct cal_year from {vpr_pupil}) y "
        "on y.cal_year = r.list_year left join (select distinct school_id, cal_year "
        "from {vpr_pupil}) p on p.school_id = r.school_id and p.cal_year = r.list_year",
        where="r.school_id is not null",
        protects="сопоставление списка с результатами",
        when="если школа списка определена неверно или её результатов нет",
        resolve="Проверьте школу в списке и наличие её результатов ВПР.",
    ),
)  # fmt: skip
