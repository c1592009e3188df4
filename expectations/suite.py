"""Rules as data, and the rules that follow from a contract.

Belongs here: what a rule is, the ways to build one, contract → suite. Not here: rules that a
contract cannot say (`expectations.suites`), their evaluation (`expectations.gate`).

A rule is one SELECT that makes a small frame and one Great Expectations expectation on its
column `value`. The SELECT only gathers; right or wrong is decided by the expectation alone.
Rules about single rows look at distinct values with their counts: for a bound, a vocabulary,
a pattern or a null this is the same judgement as on every row, at a thousandth of the cost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ingestion.contracts import SYSTEM_COLUMNS, Column, Contract

Severity = Literal["critical", "warning"]
Argument = float | str | tuple[str, ...] | None

# `Pseudonymiser.pid`: 26 base32 characters. Anything else could be a name.
PID_PATTERN = "[a-z2-7]{26}"
SCHOOL_LEVEL = "school"
SCHOOL_MATCHES = ("id", "login", "rcoi_code", "inn", "ogrn", "name")
_NUMBER_TYPES = ("int", "number")
# Columns of the envelope without which a row cannot be placed in any cut. An exam's grade
# follows from its procedure, and a list of changed scores may span the seasons.
_ENVELOPE_REQUIRED = ("procedure", "cal_year", "school_year", "subject")
_ENVELOPE_REQUIRED_VPR = ("season", "grade_label", "programme_grade")


@dataclass(frozen=True)
class Expectation:
    """One expectation of Great Expectations on a column, by its name and arguments."""

    type: str
    arguments: tuple[tuple[str, Argument], ...] = ()

    @property
    def numeric(self) -> bool:
        """Whether the values are numbers; else they are text."""
        return self.type == "expect_column_values_to_be_between"


def not_null() -> Expectation:
    """Every cell is filled."""
    return Expectation("expect_column_values_to_not_be_null")


def between(minimum: float | None, maximum: float | None) -> Expectation:
    """Closed bounds; None leaves a side open."""
    return Expectation(
        "expect_column_values_to_be_between", (("min_value", minimum), ("max_value", maximum))
    )


def in_set(values: Sequence[str]) -> Expectation:
    """Every value is one of these."""
    return Expectation("expect_column_values_to_be_in_set", (("value_set", tuple(values)),))


def matches(pattern: str) -> Expectation:
    """The whole text matches, ASCII digits only, no line feed at the end."""
    ascii_pattern = pattern.replace(r"\d", "[0-9]")
    return Expectation(
        "expect_column_values_to_match_regex", (("regex", rf"^(?:{ascii_pattern})\Z"),)
    )


@dataclass(frozen=True)
class Rule:
    """One check of one table.

    In the SQL, `{incoming}` is the table's new rows, `{raw}` its rows in force before,
    `{<table>}` any table as it will stand if everything passes, `{today}` the local date;
    `ref_*` are the reference seeds.

    Attributes:
        table: the table that a critical failure holds, also when the rule reads others.
        name: stable name, unique in the table.
        title: Russian sentence: what ought to be so.
        severity: critical only where a wrong figure would result.
        expectation: what Great Expectations demands of `value`.
        frame: SELECT of value, n (rows or groups that have it), label (Russian, names a group).
        rows: SELECT of delivery_id, sheet, row_no, value: finds the rows of a failed value.
        protects: what the rule protects (Russian).
        when: when it matters (Russian).
        resolve: how to resolve a failure (Russian).
    """

    table: str
    name: str
    title: str
    severity: Severity
    expectation: Expectation
    frame: str
    protects: str
    when: str
    resolve: str
    rows: str | None = None


def row_rule(
    table: str,
    name: str,
    title: str,
    severity: Severity,
    expectation: Expectation,
    *,
    value: str,
    protects: str,
    when: str,
    resolve: str,
    source: str = "{incoming} r",
    where: str = "true",
) -> Rule:
    """A rule about single rows: an expression over `r`, the new rows of the table."""
    return Rule(
        table=table,
        name=name,
        title=title,
        severity=severity,
        expectation=expectation,
        frame=f"select {value} as value, count(*) as n, cast(null as varchar) as label "
        f"from {source} where {where} group by all",
        rows=f"select r.delivery_id, r.sheet, r.row_no, {value} as value "
        f"from {source} where {where}",
        protects=protects,
        when=when,
        resolve=resolve,
    )


def contract_rules(contract: Contract, subjects: Sequence[str]) -> list[Rule]:
    """The suite of a contract.

    Args:
        contract: one table.
        subjects: codes of the subject seed.
    """
    rules: list[Rule] = []
    for column in contract.all_columns:
        rules += _column_rules(contract, column)
    if "procedure" in contract.envelope:
        rules += _envelope_rules(contract, subjects)
    if contract.school:
        rules += _school_rules(contract)
    rules += [_provenance_rule(contract), *_key_rules(contract)]
    return rules


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
    if _is_required(contract, column):
        # One representative of the filled and one of the empty cells is enough for this rule.
        rules.append(_required_rule(contract, column))
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


def _is_required(contract: Contract, column: Column) -> bool:
    if column in SYSTEM_COLUMNS:
        return column.name != "source_text"
    if column.name in contract.envelope:
        return column.name in _ENVELOPE_REQUIRED or (
            contract.table.startswith("vpr_") and column.name in _ENVELOPE_REQUIRED_VPR
        )
    return column.required


def _required_rule(contract: Contract, column: Column) -> Rule:
    name = f"r.{column.name}"
    return Rule(
        table=contract.table,
        name=f"required_{column.name}",
        title=f"{column.title}: заполнено",
        severity="critical",
        expectation=not_null(),
        frame=f"select cast(any_value({name}) as varchar) as value, count(*) as n, "
        f"cast(null as varchar) as label from {{incoming}} r group by {name} is null",
        rows=f"select r.delivery_id, r.sheet, r.row_no, cast({name} as varchar) as value "
        f"from {{incoming}} r where {name} is null",
        protects=f"столбец «{column.title}»: без него строку нельзя посчитать",
        when="при каждой поставке этой таблицы",
        resolve="Заполните столбец в файле отправителя и пришлите файл снова.",
    )


def _bounds(column: Column) -> str:
    low = "" if column.minimum is None else f" от {column.minimum:g}"
    high = "" if column.maximum is None else f" до {column.maximum:g}"
    return f"число{low}{high}"


def _number(column: Column) -> str:
    """The column as SQL; a NaN, which pandas would take for an empty cell, becomes infinite."""
    if column.type == "number":
        return (
            f"case when isnan(r.{column.name}) then cast('inf' as double) else r.{column.name} end"
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


def _school_rules(contract: Contract) -> list[Rule]:
    hierarchical = any(column.name == "unit_level" for column in contract.columns)
    of_schools = f"r.unit_level = '{SCHOOL_LEVEL}'" if hierarchical else "true"
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
            **texts,
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
        "unique_key",
        f"Строки не повторяются внутри поставки ({titles})",
        "critical",
        "Пришлите файл без повторов.",
    )
    if "delivery_id" in contract.key:
        return [within]
    across = _key_rule(
        contract,
        contract.key,
        "unique_across_deliveries",
        f"Строки не повторяются в разных поставках ({titles})",
        "warning" if contract.table in _OVERLAP_RESOLVED else "critical",
        "Отзовите лишнюю поставку (msoko withdraw).",
    )
    return [within, across]


def _key_rule(
    contract: Contract,
    key: Sequence[str],
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
