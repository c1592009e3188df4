"""What a sender is told of one delivery: facts of schema `meta` as Russian text and places.

Belongs here: questions to the build database, words of the receipt. Not here: files of the
outbox (`outbox`), the marked copy (`marking`). A receipt names files, headings, row numbers and
reasons, never what stands in a cell.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import duckdb

from ingestion.contracts import load_contracts
from ingestion.contracts.form import form_columns
from ingestion.reasons import REASONS
from ingestion.reply.template import hint

SHOWN = 40
_UTC = ZoneInfo("UTC")
_STATUS = {
    "accepted": "принята",
    "same_rows": "те же строки уже приняты из другого файла",
    "superseded": "заменена более новой",
    "refused": "не принята",
    "held": "задержана проверкой",
    "conflict": "спорная: другой файл говорит о том же иначе",
    "withdrawn": "отозвана",
}
_NEXT = {
    "accepted": "Ничего делать не нужно.",
    "same_rows": "Ничего делать не нужно.",
    "superseded": "Ничего делать не нужно: действует более новый файл.",
    "withdrawn": "Исправленный файл пришлите как обычно. Тот же файл сам не вернётся: если отзыв был "
    "ошибкой, напишите об этом в управление образования.",
}
_PARTLY = "Исправьте отмеченные места и пришлите файл целиком ещё раз: новый заменит этот."
_OUTSIDE = "Школ вне реестра не присылайте заново: их внесёт в реестр управление образования."
_HELD = (
    "Исправьте названное и пришлите файл целиком ещё раз: новый заменит этот. Если в файле всё "
    "верно, напишите об этом в управление образования: такие данные может принять человек."
)
_WAIT = "Ничего делать не нужно: файл войдёт в расчёт, когда отправитель исправит другой."
_BY_OTHERS = "В вашем файле нарушений не найдено: таблица ждёт исправления другого файла"
# What an operator is told → what a sender can do.
_WORDS = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (
            r"Получите новую форму \(msoko template \w+\)",
            "Попросите у управления образования новую форму",
        ),
        (r"заполните шаблон \(msoko template\)", "заполните форму: её даёт управление образования"),
        (r"\(msoko template(?: \w+)?\)", "(её даёт управление образования)"),
        (
            r"(?:или )?передайте его: msoko deliver .*",
            "или напишите в управление образования, к чему он относится",
        ),
        (
            r"Передайте файл ещё раз: msoko deliver ФАЙЛ; .*",
            "Напишите в управление образования, к чему относится файл",
        ),
        (r"передайте файл командой msoko deliver", "напишите об этом в управление образования"),
        (
            r"Решите, какой из двух верный, и отзовите другой \(msoko withdraw\)",
            "Напишите в управление образования, какой из двух верный",
        ),
        (r"отзовите неверный \(msoko withdraw\)", "напишите в управление образования"),
        (
            r"разрешение — restricted_rows: true в файле msoko.yml",
            "разрешение даёт управление образования",
        ),
        (
            r"Очистите хранилище командой msoko reset и запустите обработку ещё раз",
            "Напишите в управление образования",
        ),
        (r"другой версии: \w+, действует \w+", "прежней версии"),
    )
)
_TABLE = re.compile(r"(?<=«)[a-z_0-9]+(?=»)")


def for_sender(text: str) -> str:
    """A sentence of a reason without commands, settings and names of tables."""
    for pattern, words in _WORDS:
        text = pattern.sub(words, text)
    contracts = load_contracts()
    return _TABLE.sub(
        lambda found: contracts[found[0]].title if found[0] in contracts else found[0], text
    )


class Place(NamedTuple):
    """One thing to mend in the sender's file.

    Attributes:
        sheet, row, heading: where; row 0 and no heading stand for the whole file.
        what, expected, remedy: Russian sentences.
    """

    sheet: str
    row: int
    heading: str
    what: str
    expected: str
    remedy: str


@dataclass(frozen=True)
class Receipt:
    """All that a sender is told of one delivery."""

    delivery_id: str
    sha256: str
    name: str
    reason_code: str | None
    kind: str
    text: str
    places: tuple[Place, ...]


class _Facts(NamedTuple):
    delivery_id: str
    sha256: str
    name: str
    received_at: dt.datetime
    source: str | None
    table: str | None
    status: str
    reason_code: str | None
    reason: str | None
    kind: str
    read: int
    accepted: int
    rejected: int
    outside: int
    superseded_by: str | None


def receipts(
    con: duckdb.DuckDBPyConnection, delivery_ids: Collection[str], time_zone: str
) -> list[Receipt]:
    """Receipts of deliveries, in the order of their arrival."""
    con.execute("create or replace temp table _told (delivery_id varchar)")
    if delivery_ids:
        con.execute("insert into _told select unnest($ids)", {"ids": sorted(set(delivery_ids))})
    facts = con.execute(
        """
        select delivery_id, file_sha256, original_name, received_at, source, table_name, status,
               reason_code, reason, kind, coalesce(rows_read, 0), coalesce(rows_accepted, 0),
               coalesce(rows_rejected, 0), coalesce(rows_outside_register, 0), superseded_by
        from meta.delivery semi join _told using (delivery_id)
        order by seq, delivery_id
        """
    ).fetchall()
    details = _Details(con)
    return [_receipt(_Facts(*row), details, ZoneInfo(time_zone)) for row in facts]


def local_time(moment: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """A time of the database, which is UTC, as people of the place read it."""
    return moment.replace(tzinfo=_UTC).astimezone(zone)


class _Details:
    """Facts beside `meta.delivery`, by delivery."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self.rejections = _grouped(
            con,
            "select delivery_id, sheet, row_no, column_name, code, sentence from meta.rejection"
            " semi join _told using (delivery_id) order by all",
        )
        self.old_forms = _grouped(
            con,
            "select delivery_id, sheet from meta.delivery_structure semi join _told"
            " using (delivery_id) where kind = 'old_form' order by all",
        )
        self.schools = _grouped(
            con,
            "select delivery_id, coalesce(school_code, school_name_given, 'не названа'), sum(n)"
            " from meta.school_resolution semi join _told using (delivery_id)"
            " where school_id is null group by all order by all",
        )
        self.replaced = _grouped(
            con,
            "select old.superseded_by, old.original_name from meta.delivery as old"
            " semi join _told on _told.delivery_id = old.superseded_by order by old.seq",
        )
        self.replacing = _grouped(
            con,
            "select old.delivery_id, new.original_name from meta.delivery as old"
            " inner join meta.delivery as new on new.delivery_id = old.superseded_by"
            " semi join _told on _told.delivery_id = old.delivery_id",
        )
        self.checks = _grouped(
            con,
            "select failure.delivery_id, result.title, coalesce(result.detail, ''),"
            " failure.sheet, failure.row_no from meta.check_failure as failure"
            " semi join _told on _told.delivery_id = failure.delivery_id"
            " inner join meta.check_result as result"
            " on result.table_name = failure.table_name and result.run_id = failure.run_id"
            " and result.check_name = failure.check_name"
            " where not success and severity = 'critical' order by all",
        )


def _grouped(con: duckdb.DuckDBPyConnection, query: str) -> Mapping[str, list[tuple[Any, ...]]]:
    found: dict[str, list[tuple[Any, ...]]] = {}
    for first, *rest in con.execute(query).fetchall():
        found.setdefault(first, []).append(tuple(rest))
    return found


def _receipt(facts: _Facts, details: _Details, zone: ZoneInfo) -> Receipt:
    checks = details.checks.get(facts.delivery_id, ()) if facts.status == "held" else ()
    places = _places(facts, details.rejections.get(facts.delivery_id, ()), checks)
    received = local_time(facts.received_at, zone)
    lines = [
        f"Квитанция о поставке {facts.delivery_id}",
        f"Файл: {facts.name}",
        f"Получен: {received:%d.%m.%Y %H:%M}",
        *_what_came(facts),
        f"Итог: {_verdict(facts)}",
    ]
    if facts.reason:
        what = _split(facts.reason_code or "", for_sender(facts.reason))[0]
        lines.append(f"Причина: {what}.")
    if facts.read:
        lines.append(
            f"Строк прочитано {facts.read}: принято {facts.accepted}, отклонено {facts.rejected}, "
            f"школ вне реестра {facts.outside}"
        )
    lines += [f"Школа вне реестра: {school} (строк {n})"
              for school, n in details.schools.get(facts.delivery_id, ())[:SHOWN]]  # fmt: skip
    lines += [f"Заменяет файл: {name}" for (name,) in details.replaced.get(facts.delivery_id, ())]
    lines += [f"Заменена файлом: {name}"
              for (name,) in details.replacing.get(facts.delivery_id, ())]  # fmt: skip
    if facts.delivery_id in details.old_forms:
        lines.append(
            "Замечание: форма прежней версии; она прочитана, но новых столбцов в ней нет. "
            "Новую форму даёт управление образования"
        )
    if facts.status == "held":
        lines += _failed_rules(facts, checks)
    lines.append(f"Что делать: {_next(facts, has_faults=bool(checks))}")
    if places:
        lines.append(f"Отмечено в файле: {received:%Y-%m-%d}_{facts.delivery_id}_исправить.xlsx")
    in_rows = [place for place in places if place.row]
    if in_rows:
        wrong_rows = {(place.sheet, place.row) for place in in_rows}
        word = "Строки с нарушениями" if checks else "Отклонённые строки"
        lines += [f"{word}: {len(wrong_rows)}, ошибок в них: {len(in_rows)}"]
        lines += [
            f"  лист «{p.sheet}», строка {p.row}"
            + (f", столбец «{p.heading}»" if p.heading else "")
            + f": {p.what}. {p.remedy}"
            for p in in_rows[:SHOWN]
        ]
        if len(in_rows) > SHOWN:
            lines.append(f"  … и ещё {len(in_rows) - SHOWN}: все — в отмеченном файле")
    return Receipt(
        facts.delivery_id,
        facts.sha256,
        facts.name,
        facts.reason_code,
        facts.kind,
        "\n".join(lines) + "\n",
        places,
    )


def _what_came(facts: _Facts) -> list[str]:
    contract = load_contracts().get(facts.table or "")
    if contract is None:
        return []
    return [f"Таблица: {contract.title} ({facts.source or contract.source})"]


def _verdict(facts: _Facts) -> str:
    verdict = _STATUS.get(facts.status, facts.status)
    if facts.status == "accepted" and (facts.rejected or facts.outside):
        verdict += " частично"
    return verdict


def _failed_rules(facts: _Facts, checks: Sequence[tuple[Any, ...]]) -> list[str]:
    """Rules that the delivery itself breaks: what others' rows break is none of its business."""
    if not checks and facts.reason_code == "HELD":
        return [_BY_OTHERS]
    rules: dict[tuple[str, str], dict[str, list[int]]] = {}
    for title, detail, sheet, row in checks:
        of_sheet = rules.setdefault((title, _remedy(detail)), {})
        if sheet is not None:
            of_sheet.setdefault(sheet, []).append(row)
    lines = []
    for (title, remedy), places in rules.items():
        where = [f"лист «{sheet}», строки {_numbers(rows)}" for sheet, rows in places.items()]
        line = "; ".join([f"Не выполнено правило: {title}", *where])
        lines.append(f"{line}. Что делать: {remedy}" if remedy else line)
    return lines


def _remedy(detail: str) -> str:
    return detail.partition("Что делать: ")[2]


def _numbers(rows: Sequence[int]) -> str:
    shown = ", ".join(map(str, rows[:SHOWN]))
    return f"{shown} и ещё {len(rows) - SHOWN}" if len(rows) > SHOWN else shown


def _next(facts: _Facts, *, has_faults: bool) -> str:
    if facts.status in ("accepted", "same_rows") and (facts.rejected or facts.outside):
        steps = [_PARTLY] * bool(facts.rejected) + [_OUTSIDE] * bool(facts.outside)
        return " ".join(steps)
    if facts.status == "held" and facts.reason_code == "HELD":
        return _HELD if has_faults else _WAIT
    if facts.status in _NEXT:
        return _NEXT[facts.status]
    reason = REASONS.get(facts.reason_code or "")
    remedy = _split(reason.code, facts.reason or "")[1] if reason else ""
    return f"{for_sender(remedy)}." if remedy else _PARTLY


def _places(
    facts: _Facts, rejections: Sequence[tuple[Any, ...]], checks: Sequence[tuple[Any, ...]]
) -> tuple[Place, ...]:
    contract = load_contracts().get(facts.table or "")
    columns = {column.title: column for column in form_columns(contract)} if contract else {}
    places = []
    if facts.status == "refused" and facts.reason_code:
        what, remedy = _split(facts.reason_code, facts.reason or "")
        places.append(Place("", 0, "", for_sender(what), "", for_sender(remedy)))
    for sheet, row, heading, code, said in rejections:
        column = columns.get(heading)
        expected = hint(contract, column) if contract and column else ""
        what, remedy = _split(code, said)
        places.append(Place(sheet, row, heading or "", what, expected, remedy))
    for title, detail, sheet, row in checks:
        what = f"Не выполнено правило: {title}"
        remedy = _remedy(detail).removesuffix(".")
        places.append(Place(sheet or "", row or 0, "", what, "", remedy))
    return tuple(places)


def _split(code: str, said: str) -> tuple[str, str]:
    """The sentence of a reason as what is wrong and what to do."""
    reason = REASONS.get(code)
    if reason is None:
        return said.removesuffix("."), ""
    beginning = reason.remedy.partition("{")[0]
    what, found, rest = said.rpartition(f". {beginning}") if beginning else ("", "", "")
    if not found:
        return said.removesuffix("."), ""
    return what, (beginning + rest).removesuffix(".")
