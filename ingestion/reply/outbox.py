"""Replies to senders: which are due, and their files in the outbox.

Belongs here: the sender's folder, names and modes of files, what was written already. Not here:
words (`receipt`), workbooks (`marking`).

    outbox/<sender>/<day>_квитанции.txt                all that came from him on a day
    outbox/<sender>/<day>_<delivery>_исправить.xlsx    the marked copy, or the list alone
    outbox/<sender>/<day>_<delivery>_оригинал.csv      beside the list of a text file
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple
from zoneinfo import ZoneInfo

import duckdb

from ingestion import senders, vault
from ingestion.reply.harmless import without_formulas
from ingestion.reply.marking import MOST_BYTES, Job, mark, write_list
from ingestion.reply.receipt import Receipt, local_time, receipts
from warehouse.database import transaction
from warehouse.settings import RESTRICTED_MODE, Settings

NO_SENDER = "bez-otpravitelya"
_FILE_MODE = 0o600
_UNSAFE = re.compile(r"[^\w\-]+")
_TEXTS = frozenset({".csv", ".txt", ".tsv"})
# Data that should never have come are not multiplied.
_NEVER_COPIED = frozenset({"RESTRICTED_ROWS", "EXTRA_PERSONAL_DATA"})
_TABLE = """
create table if not exists meta.receipt (
    delivery_id varchar primary key, digest varchar not null, folder varchar not null
)
"""
_DUE = """
    with failed as (
        select table_name, string_agg(check_name || n_failed, ',' order by check_name) as checks
        from meta.check_result as result
        where not success and severity = 'critical' and checked_at = (
            select max(checked_at) from meta.check_result where table_name = result.table_name
        )
        group by table_name
    ),
    now as (
        select
            delivery.delivery_id,
            md5(
                concat_ws(
                    '|', status, reason, rows_accepted, rows_rejected, rows_outside_register,
                    superseded_by, case when status = 'held' then failed.checks end
                )
            ) as digest
        from meta.delivery
        left join failed on failed.table_name = delivery.table_name
    )
    select now.delivery_id, now.digest, told.folder
    from now
    left join meta.receipt as told on told.delivery_id = now.delivery_id
    where told.digest is distinct from now.digest
"""


class Address(NamedTuple):
    """Where the receipt of a delivery stands."""

    folder: str
    day: str

    def path(self, settings: Settings) -> Path:
        """The file of that sender's receipts of that day."""
        return settings.outbox / self.folder / f"{self.day}_квитанции.txt"


class Reply(NamedTuple):
    """What a delivery is answered with."""

    receipt: Receipt
    address: Address
    outbox: Path

    @property
    def to_mend(self) -> Path:
        return self._path("исправить.xlsx")

    @property
    def original(self) -> Path:
        return self._path("оригинал" + PurePosixPath(self.receipt.name).suffix.lower())

    def _path(self, ending: str) -> Path:
        name = f"{self.address.day}_{self.receipt.delivery_id}_{ending}"
        return self.outbox / self.address.folder / name


def write_due(settings: Settings, con: duckdb.DuckDBPyConnection) -> int:
    """Write the replies of deliveries that are new or whose state has changed.

    Args:
        settings: the installation.
        con: the build database, after the gate and `refresh_deliveries`.

    Returns:
        The number of deliveries that were answered.

    Raises:
        OSError: the outbox cannot be written.
    """
    con.execute(_TABLE)
    due = con.execute(_DUE).fetchall()
    if not due:
        return 0
    ids = [delivery for delivery, _, _ in due]
    addresses = _addresses(con, settings)
    moved = {
        delivery: Address(folder, addresses[delivery].day)
        for delivery, _, folder in due
        if folder not in (None, addresses[delivery].folder)
    }
    _write(settings, con, addresses, ids, moved)
    with transaction(con):
        con.execute(
            "insert or replace into meta.receipt"
            " select unnest($ids), unnest($digests), unnest($folders)",
            {
                "ids": ids,
                "digests": [digest for _, digest, _ in due],
                "folders": [addresses[delivery].folder for delivery in ids],
            },
        )
    return len(ids)


def write(
    settings: Settings, con: duckdb.DuckDBPyConnection, delivery_id: str
) -> tuple[Receipt, list[Path]]:
    """Write the reply of one delivery again; returns it with its files.

    Raises:
        KeyError: there is no such delivery.
    """
    addresses = _addresses(con, settings)
    address = addresses[delivery_id]
    [reply] = _write(settings, con, addresses, [delivery_id], {})
    files = (address.path(settings), reply.to_mend, reply.original)
    return reply.receipt, [path for path in files if path.exists()]


def _write(
    settings: Settings,
    con: duckdb.DuckDBPyConnection,
    addresses: Mapping[str, Address],
    asked: Collection[str],
    moved: Mapping[str, Address],
) -> list[Reply]:
    """Files of the asked deliveries; those that say the same already stay as they are.

    Receipts come last: where one stands, the other files of its delivery stand too.
    """
    days = {addresses[delivery] for delivery in asked} | set(moved.values())
    members = [delivery for delivery, address in addresses.items() if address in days]
    said: dict[Address, list[Receipt]] = {address: [] for address in days}
    replies = []
    asked = frozenset(asked)
    for receipt in receipts(con, members, settings.time_zone):
        address = addresses[receipt.delivery_id]
        said[address].append(receipt)
        if receipt.delivery_id in asked:
            replies.append(Reply(receipt, address, settings.outbox))
    for folder in {address.folder for address in days}:
        (settings.outbox / folder).mkdir(mode=RESTRICTED_MODE, parents=True, exist_ok=True)
    before = {address: _text(address.path(settings)) for address in days}
    _write_workbooks(settings, replies, before)
    _remove_stale(settings, replies, moved)
    for address, found in said.items():
        path = address.path(settings)
        text = "\n".join(receipt.text for receipt in found)
        if not found:
            path.unlink(missing_ok=True)
        elif text != before[address]:
            _replace(path, text.encode())
    return replies


def _write_workbooks(
    settings: Settings, replies: Sequence[Reply], before: Mapping[Address, str]
) -> None:
    to_mend = [reply for reply in replies if reply.receipt.places]
    there = [reply for reply in to_mend if reply.to_mend.exists()]
    same = {r.receipt.delivery_id for r in there if r.receipt.text in before[r.address]}
    changed = [reply for reply in to_mend if reply.receipt.delivery_id not in same]
    jobs = [
        Job(
            str(vault.path_of(settings, reply.receipt.sha256)),
            reply.receipt.sha256,
            reply.receipt.name,
            str(reply.to_mend),
            reply.receipt.places,
        )
        for reply in changed
        if _is_workbook(reply.receipt)
    ]
    marked = mark(jobs, settings.readers) if jobs else set()
    for reply in changed:
        if str(reply.to_mend) not in marked:
            stream = io.BytesIO()
            write_list(stream, reply.receipt.places)
            _replace(reply.to_mend, stream.getvalue())
            if _is_text(reply.receipt):
                content = vault.path_of(settings, reply.receipt.sha256)
                if content.stat().st_size <= MOST_BYTES:
                    _replace(reply.original, without_formulas(content.read_bytes()))


def _remove_stale(
    settings: Settings, replies: Sequence[Reply], moved: Mapping[str, Address]
) -> None:
    """Workbooks of deliveries with nothing to mend now, or with another sender."""
    folders = {reply.address.folder for reply in replies} | {a.folder for a in moved.values()}
    there = [path for folder in folders for path in (settings.outbox / folder).glob("*_*_*")]
    if not there:
        return
    stale = {reply.receipt.delivery_id for reply in replies if not reply.receipt.places}
    at = {reply.receipt.delivery_id: reply.address.folder for reply in replies}
    for path in there:
        delivery = path.name.split("_")[1]
        if delivery in stale or at.get(delivery, path.parent.name) != path.parent.name:
            path.unlink()


def _may_be_copied(receipt: Receipt) -> bool:
    """Whether it lies in the vault and should have come at all."""
    return bool(receipt.kind) and receipt.reason_code not in _NEVER_COPIED


def _is_workbook(receipt: Receipt) -> bool:
    return _may_be_copied(receipt) and _suffix(receipt) == ".xlsx"


def _is_text(receipt: Receipt) -> bool:
    return _may_be_copied(receipt) and _suffix(receipt) in _TEXTS


def _suffix(receipt: Receipt) -> str:
    return PurePosixPath(receipt.name).suffix.lower()


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def _replace(path: Path, data: bytes) -> None:
    """Write a file whole or not at all, closed to others before anything stands in it."""
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    with os.fdopen(os.open(temporary, flags, _FILE_MODE), "wb") as file:
        file.write(data)
    temporary.replace(path)


def _addresses(con: duckdb.DuckDBPyConnection, settings: Settings) -> dict[str, Address]:
    """Delivery → its sender's folder and day: the school that sent it, else the inbox folder."""
    senders.note_schools(con)
    schools = senders.schools_of(con)
    rows = con.execute(
        "select delivery_id, received_at, original_name, sender from meta.delivery"
    ).fetchall()
    zone = ZoneInfo(settings.time_zone)
    days = {at: f"{local_time(at, zone):%Y-%m-%d}" for at in {row[1] for row in rows}}
    return {
        delivery: Address(_folder_name(name, schools.get(delivery, sender)), days[at])
        for delivery, at, name, sender in rows
    }


def _folder_name(name: str, sender: str | None) -> str:
    folders = PurePosixPath(name).parts[:-1]
    return _safe(sender or "") or _safe(folders[0] if folders else "") or NO_SENDER


def _safe(text: str) -> str:
    return _UNSAFE.sub("_", text).strip("_")[:60]
