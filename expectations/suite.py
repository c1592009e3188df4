"""Contract → suite: the rules that follow from a contract.

Belongs here: what columns, envelope, school identity and key of a contract demand. Not here:
rules that a contract cannot say (`expectations.suites`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from expectations.rule import (
    Expectation,
    Rule,
    Severity,
    between,
    in_set,
    matches,
    not_null,
    row_rule,
)
from ingestion.contracts import SYSTEM_COLUMNS, Column, Contract

# `Pseudonymiser.pid`: 26 base32 characters. Anything else could be a name.
PID_PATTERN = "[a-z2-7]{26}"
SCHOOL_LEVEL = "school"
SCHOOL_MATCHES = ("id", "login", "rcoi_code", "inn", "ogrn", "name")
# Columns of the envelope without which a row cannot be placed in any cut. An exam's grade
# follows from its procedure, and a list of changed scores may span the seasons.
_ENVELOPE_REQUIRED = ("procedure", "cal_year", "school_year", "subject")
_ENVELOPE_REQUIRED_VPR = ("season", "grade_label", "programme_grade")


def contract_rules(contract: Contract, subjects: Sequence[str]) -> list[Rule]:
    """The suite of a contract.

    Args:
        contract: one table.
        subjects: codes of the subject seed.
    """
    rules = [_required_rule(contract)]
    for column in contract.all_columns:
        rules += _column_rules(contract, column)
    rules += _year_rules(contract)
    if "procedure" in contract.envelope:
        rules += _envelope_rules(contract, subjects)
    else:
        rules += _code_rules(contract, subjects)
    if contract.school:
        rules += _school_rules(contract)
    rules += [_provenance_rule(contract), *_key_rules(contract)]
    return [replace(rule, acceptable=False) for rule in rules]


def _column_rules(contract: Contract, column: Column) -> list[Rule]:
    rules: list[Rule] = []

    def add(kind: str, title: str, expectation: Expectation, **sql: str) -> None:
        rules.append(
            row_rule(
                contract.table,
                f"{kind}_{column.name}",
                f"{column.title}: {title}",
                "critical",
                expectation,
                protects=f"столбец «{column.title}» ({column.description})",
                when="при каждой поставке этой таблицы",
                resolve="Исправьте файл у отправителя и пришлите его снова; если файл верен, "
                "ошибается чтение: сообщите разработчику.",
                **sql,
            )
        )

    name = f"r.{column.name}"
    filled = f"{name} is not null"
    if column.vocabulary is not None:
        add("vocabulary", "значение из словаря", in_set(tuple(column.vocabulary)),
            value=name, where=filled)  # fmt: skip
    if column.minimum is not None or column.maximum is not None:
        add("range", _bounds(column), between(column.minimum, column.maximum),
            value=_number(column), where=filled)  # fmt: skip
    pattern = PID_PATTERN if column.type == "pid" else column.pattern
    if pattern is not None:
        title = "псевдоним, а не имя" if column.type == "pid" else "запись по образцу"
        add("pattern", title, matches(pattern), value=name, where=filled)
    if column.type == "scores":
        for side in ("min", "max"):
            add(f"range_{side}", "каждый балл от -2 до 20", between(-2, 20),
                value=f"list_{side}({name})", where=f"len({name}) > 0")  # fmt: skip
    return rules


def required_columns(contract: Contract) -> list[Column]:
    """Columns without which a row is of no use; the school has a rule of its own."""
    envelope = set(_ENVELOPE_REQUIRED)
    if contract.table.startswith("vpr_"):
        envelope |= set(_ENVELOPE_REQUIRED_VPR)
    return [
        column
        for column in contract.all_columns
        if column.required
        or (column in SYSTEM_COLUMNS and column.name != "source_text")
        or (column.name in contract.envelope and column.name in envelope)
    ]


def _required_rule(contract: Contract) -> Rule:
    """One scan for all columns: of each, one filled cell and one empty one speak for the rest."""
    columns = required_columns(contract)
    cells = ", ".join(
        f"struct_pack(label := '{column.title}', "
        f"value := cast(any_value(r.{column.name}) as varchar), n := count(r.{column.name})), "
        f"struct_pack(label := '{column.title}', value := cast(null as varchar), "
        f"n := count(*) - count(r.{column.name}))"
        for column in columns
    )
    empty = " or ".join(f"r.{column.name} is null" for column in columns)
    return Rule(
        table=contract.table,
        name="required_columns",
        title="Обязательные столбцы заполнены",
        severity="critical",
        expectation=not_null(),
        frame=f"select value, n, label from (select unnest([{cells}], max_depth := 2) "
        "from {incoming} r) where n > 0",
        rows="select r.delivery_id, r.sheet, r.row_no, cast(null as varchar) as value "
        f"from {{incoming}} r where {empty}",
        protects="полноту строк: без этих столбцов строку нельзя посчитать",
        when="при каждой поставке этой таблицы",
        resolve="Заполните столбцы в файле отправителя и пришлите файл снова.",
    )


def _bounds(column: Column) -> str:
    low = "" if column.minimum is None else f" от {column.minimum:g}"
    high = "" if column.maximum is None else f" до {column.maximum:g}"
    return f"число{low}{high}"


def _number(column: Column) -> str:
    """The column as SQL; a NaN, which pandas would take for an empty cell, is out of bounds."""
    if column.type == "number":
        beyond = "inf" if column.minimum is None else "-inf"
        return (
            f"case when isnan(r.{column.name}) then cast('{beyond}' as double) "
            f"else r.{column.name} end"
        )
    return f"r.{column.name}"


_PROCEDURES = {
    "ege_result": ("EGE", "GVE11"),
    "oge_result": ("OGE", "GVE9"),
    "exam_change": ("EGE", "GVE11", "OGE", "GVE9"),
}


def _envelope_rules(contract: Contract, subjects: Sequence[str]) -> list[Rule]:
    is_vpr = contract.table.startswith("vpr_")
    table = contract.table

    def rule(name: str, title: str, expectation: Expectation, value: str, where: str) -> Rule:
        return row_rule(
            table, name, title, "critical", expectation, value=value, where=where,
            protects="разрез, в который попадёт строка: процедура, год, сезон, предмет",
            when="если имя файла, папка или заголовок названы неверно",
            resolve="Назовите или разложите файл правильно либо передайте его командой "
            "msoko deliver с верными сведениями; неверную поставку отзовите (msoko withdraw).",
        )  # fmt: skip

    seasons = ("spring", "autumn") if is_vpr else ("early", "main", "reserve", "september")
    # Spring and the exams close a school year, autumn opens one.
    starts = "case when r.season = 'autumn' then 0 else 1 end"
    rules = [
        rule("source_procedure", "Процедура принадлежит этому источнику",
             in_set(("VPR",) if is_vpr else _PROCEDURES[table]), "r.procedure",
             "r.procedure is not null"),
        rule("source_season", "Сезон бывает у этой процедуры", in_set(seasons), "r.season",
             "r.season is not null"),
        rule("source_subject", "Предмет есть в справочнике", in_set(tuple(subjects)), "r.subject",
             "r.subject is not null"),
        rule("school_year_fits", "Учебный год соответствует году и сезону проведения",
             between(0, 0),
             f"coalesce(try_cast(left(r.school_year, 4) as integer), 0) - (r.cal_year - {starts})",
             "r.school_year is not null and r.cal_year is not null"),
    ]  # fmt: skip
    if is_vpr:
        rules.append(
            rule("programme_grade_fits",
                 "Весной класс программы равен классу, осенью — на единицу меньше",
                 between(0, 0),
                 "r.grade_label - r.programme_grade"
                 " - case when r.season = 'autumn' then 1 else 0 end",
                 "r.grade_label is not null and r.programme_grade is not null"))  # fmt: skip
    return rules


# The school year that has begun; forms of a new one are filled in from August on.
SCHOOL_YEAR_NOW = "(year({today}) - case when month({today}) < 8 then 1 else 0 end)"
_PLANNED_AHEAD = ("programme_target", "reserve_post")


def _year_rules(contract: Contract) -> list[Rule]:
    """A year is a year and has begun."""
    rules = []
    for column in contract.all_columns:
        name = f"r.{column.name}"
        if column.name.endswith("school_year"):
            year, now = f"try_cast(left({name}, 4) as integer)", SCHOOL_YEAR_NOW
            rules.append(
                _code_rule(contract, f"two_years_{column.name}",
                           f"{column.title}: два года подряд, как 2020/21", between(0, 0),
                           value=f"coalesce(({year} + 1) % 100 - try_cast(right({name}, 2) as integer), "
                           "1)", filled=name))  # fmt: skip
        elif column.name in ("cal_year", "form_year", "list_year"):
            year, now = name, "year({today})"
        else:
            continue
        latest = 1 if contract.table in _PLANNED_AHEAD else 0
        rules.append(
            _code_rule(contract, f"begun_{column.name}", f"{column.title}: уже начался",
                       between(None, latest), value=f"{year} - {now}", filled=year))  # fmt: skip
    return rules


def _code_rules(contract: Contract, subjects: Sequence[str]) -> list[Rule]:
    """Codes that models join by."""
    rules = []
    names = {column.name for column in contract.columns}
    if "subject" in names:
        rules.append(
            _code_rule(contract, "source_subject", "Предмет есть в справочнике",
                       in_set(tuple(subjects)), value="r.subject", filled="r.subject"))  # fmt: skip
    if "direction_code" in names:
        rules.append(
            _code_rule(contract, "source_direction", "Направление — от D1 до D9",
                       matches(r"D[1-9]"), value="r.direction_code",
                       filled="r.direction_code"))  # fmt: skip
    return rules


def _code_rule(
    contract: Contract, name: str, title: str, expectation: Expectation, *, value: str, filled: str
) -> Rule:
    return row_rule(
        contract.table, name, title, "critical", expectation, value=value,
        where=f"{filled} is not null",
        protects="разрез, в который попадёт строка: учебный год, предмет, направление",
        when="если в файле опечатка или он взят за другой год",
        resolve="Исправьте эту ячейку в файле и пришлите его снова.",
    )  # fmt: skip


def _school_rules(contract: Contract) -> list[Rule]:
    hierarchical = any(column.name == "unit_level" for column in contract.columns)
    of_schools = "true"
    if hierarchical:
        of_schools = f"r.unit_level = '{SCHOOL_LEVEL}'"
    elif not contract.school_required:
        of_schools = "coalesce(r.school_code, r.school_name_given) is not null"
    texts = {
        "protects": "принадлежность результата школе",
        "when": "если школа не найдена в реестре или реестр изменён",
        "resolve": "Дополните реестр школ (код, логин, код РЦОИ) и запустите обновление.",
    }
    return [
        Rule(
            table=contract.table,
            name="required_school_id",
            title="Школа: найдена в реестре",
            severity="critical",
            expectation=not_null(),
            frame="select any_value(r.school_id) as value, count(*) as n, "
            "cast(null as varchar) as label "
            f"from {{incoming}} r where {of_schools} group by r.school_id is null",
            rows="select r.delivery_id, r.sheet, r.row_no, r.school_id as value "
            f"from {{incoming}} r where {of_schools} and r.school_id is null",
            protects=texts["protects"], when=texts["when"], resolve=texts["resolve"],
        ),
        row_rule(
            contract.table, "known_school", "Школа: код есть в реестре", "critical",
            in_set(("да",)),
            value="case when s.school_id is null then 'нет' else 'да' end",
            source="{incoming} r left join {school} s on s.school_id = r.school_id",
            where="r.school_id is not null", **texts,
        ),
        row_rule(
            contract.table, "vocabulary_school_match", "Школа: известно, чем она найдена",
            "critical", in_set(SCHOOL_MATCHES), value="r.school_match",
            where="r.school_match is not null", **texts,
        ),
        row_rule(
            contract.table, "school_found_by_name", "Школа: найдена по коду, а не по названию",
            "warning", in_set(tuple(m for m in SCHOOL_MATCHES if m != "name")),
            value="r.school_match", where="r.school_match is not null",
            protects="принадлежность результата школе",
            when="если отправитель не дал кода школы",
            resolve="Проверьте соответствие и внесите код отправителя в реестр школ.",
        ),
    ]  # fmt: skip


def _provenance_rule(contract: Contract) -> Rule:
    return row_rule(
        contract.table, "known_delivery", "Строка принадлежит известной части поставки",
        "critical", in_set(("да",)),
        value="case when p.delivery_id is null then 'нет' else 'да' end",
        source="{incoming} r left join meta.delivery_part p on p.delivery_id = r.delivery_id"
        " and p.part_no = r.part_no"
        f" and p.table_name = '{contract.derived_from or contract.table}'",
        protects="прослеживаемость: от показателя к файлу, листу и строке",
        when="если строки попали в базу не через приём файлов",
        resolve="Удалите посторонние строки: запустите msoko rebuild.",
    )  # fmt: skip


# Where two deliveries in force may hold the same result (the export of the region and the form
# of a school): the models take the one of the more authoritative or later sender.
_OVERLAP_RESOLVED = (
    "vpr_pupil", "vpr_paper_task", "vpr_marks", "vpr_journal", "vpr_score_distribution",
    "vpr_task_result", "ege_result", "oge_result", "exam_change",
)  # fmt: skip


def _key_rules(contract: Contract) -> list[Rule]:
    own = ("delivery_id", *(name for name in contract.key if name != "delivery_id"))
    titles = ", ".join(
        contract.column(name).title for name in contract.key if name != "delivery_id"
    )
    within = _key_rule(
        contract,
        own,
        name="unique_key",
        title=f"Строки не повторяются внутри поставки ({titles})",
        severity="critical",
        resolve="Пришлите файл без повторов.",
    )
    if "delivery_id" in contract.key:
        return [within]
    across = _key_rule(
        contract,
        contract.key,
        name="unique_across_deliveries",
        title=f"Строки не повторяются в разных поставках ({titles})",
        severity="warning" if contract.table in _OVERLAP_RESOLVED else "critical",
        resolve="Отзовите лишнюю поставку (msoko withdraw).",
    )
    return [within, across]


def _key_rule(
    contract: Contract,
    key: Sequence[str],
    *,
    name: str,
    title: str,
    severity: Severity,
    resolve: str,
) -> Rule:
    own = f"{{{contract.table}}}"
    columns = ", ".join(f"c.{column}" for column in key)
    return Rule(
        table=contract.table,
        name=name,
        title=title,
        severity=severity,
        expectation=between(1, 1),
        # Only keys that the new rows touch; an equal hash only adds keys to look at.
        frame="select k as value, count(*) as n, cast(null as varchar) as label from ("
        f"select count(*) as k from {own} c where hash({columns}) in "
        f"(select hash({columns}) from {{incoming}} c) group by {columns}) group by k",
        rows="select c.delivery_id, c.sheet, c.row_no, "
        f"count(*) over (partition by {columns}) as value from {own} c",
        protects="счёт участников: повтор считается дважды",
        when="если один и тот же результат пришёл двумя файлами или строка скопирована",
        resolve=resolve,
    )
