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
    "ошибкой, оператор передаст его командой msoko deliver ФАЙЛ.",
}
_PARTLY = "Исправьте отмеченные места и пришлите файл целиком ещё раз: новый заменит этот."
_OUTSIDE = "Школ вне реестра не присылайте заново: их внесёт в реестр управление образования."


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
            "select table_name, title, coalesce(detail, '') from meta.check_result as result"
            " where not success and severity = 'critical' and checked_at = (select max(checked_at)"
            " from meta.check_result where table_name = result.table_name)"
            " order by table_name, title",
        )


def _grouped(con: duckdb.DuckDBPyConnection, query: str) -> Mapping[str, list[tuple[Any, ...]]]:
    found: dict[str, list[tuple[Any, ...]]] = {}
    for first, *rest in con.execute(query).fetchall():
        found.setdefault(first, []).append(tuple(rest))
    return found


def _receipt(facts: _Facts, details: _Details, zone: ZoneInfo) -> Receipt:
    places = _places(facts, details.rejections.get(facts.delivery_id, ()))
    received = local_time(facts.received_at, zone)
    lines = [
        f"Квитанция о поставке {facts.delivery_id}",
        f"Файл: {facts.name}",
        f"Получен: {received:%d.%m.%Y %H:%M}",
        *_what_came(facts),
        f"Итог: {_verdict(facts)}",
    ]
    if facts.reason:
        lines.append(f"Причина: {facts.reason}")
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
            f"Новую форму даёт команда msoko template {facts.table}"
        )
    if facts.status == "held":
        lines += _failed_rules(facts.delivery_id, details.checks.get(facts.table or "", ()))
    lines.append(f"Что делать: {_next(facts)}")
    if places:
        lines.append(f"Отмечено в файле: {received:%Y-%m-%d}_{facts.delivery_id}_исправить.xlsx")
    in_rows = [place for place in places if place.row]
    if in_rows:
        wrong_rows = {(place.sheet, place.row) for place in in_rows}
        lines += [f"Отклонённые строки: {len(wrong_rows)}, ошибок в них: {len(in_rows)}"]
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


def _failed_rules(delivery_id: str, checks: Sequence[tuple[Any, ...]]) -> list[str]:
    """Rules that keep the delivery's table, with the places of this delivery alone.

    A result tells the places of the whole table. A rule that names others' places only, and all of
    them, is none of this sender's business.
    """
    lines = []
    for title, detail in checks:
        found, _, remedy = detail.partition("Что делать: ")
        own = re.findall(rf"поставка {delivery_id}, (лист «.*?», строки [\d, ]*\d)", found)
        if not own and "поставка " in found and not found.rstrip(". ").endswith(" и далее"):
            continue
        line = "; ".join([f"Не выполнено правило: {title}", *own])
        lines.append(f"{line}. Что делать: {remedy}" if remedy else line)
    return lines


def _next(facts: _Facts) -> str:
    if facts.status in ("accepted", "same_rows") and (facts.rejected or facts.outside):
        steps = [_PARTLY] * bool(facts.rejected) + [_OUTSIDE] * bool(facts.outside)
        return " ".join(steps)
    if facts.status in _NEXT:
        return _NEXT[facts.status]
    reason = REASONS.get(facts.reason_code or "")
    remedy = _split(reason.code, facts.reason or "")[1] if reason else ""
    return f"{remedy}." if remedy else _PARTLY


def _places(facts: _Facts, rejections: Sequence[tuple[Any, ...]]) -> tuple[Place, ...]:
    contract = load_contracts().get(facts.table or "")
    columns = {column.title: column for column in form_columns(contract)} if contract else {}
    places = []
    if facts.status == "refused" and facts.reason_code:
        what, remedy = _split(facts.reason_code, facts.reason or "")
        places.append(Place("", 0, "", what, "", remedy))
    for sheet, row, heading, code, said in rejections:
        column = columns.get(heading)
        expected = hint(contract, column) if contract and column else ""
        what, remedy = _split(code, said)
        places.append(Place(sheet, row, heading or "", what, expected, remedy))
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
