"""Replies to senders: which are due, and their files in the outbox.

Belongs here: the sender's folder, names and modes of files, what was written already. Not here:
words (`receipt`), workbooks (`marking`).

    outbox/<sender>/<day>_<delivery>_квитанция.txt     of every delivery
    outbox/<sender>/<day>_<delivery>_исправить.xlsx    the marked copy, or the list alone
    outbox/<sender>/<day>_<delivery>_оригинал.csv      beside the list of a text file
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import duckdb

from ingestion import identity, vault
from ingestion.contracts import load_contracts
from ingestion.reply.marking import MOST_BYTES, Job, mark, write_list
from ingestion.reply.receipt import Receipt, receipts
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


@dataclass(frozen=True)
class Reply:
    """The files of one delivery."""

    receipt: Receipt
    folder: Path

    def path(self, ending: str) -> Path:
        """One of its files."""
        day = f"{self.receipt.received_at:%Y-%m-%d}"
        return self.folder / f"{day}_{self.receipt.delivery_id}_{ending}"

    @property
    def text(self) -> Path:
        return self.path("квитанция.txt")

    @property
    def to_mend(self) -> Path:
        return self.path("исправить.xlsx")

    @property
    def original(self) -> Path:
        return self.path("оригинал" + PurePosixPath(self.receipt.name).suffix.lower())

    def existing(self) -> list[Path]:
        """The files that are there."""
        return [path for path in (self.text, self.to_mend, self.original) if path.exists()]


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
    folders = {delivery: folder for delivery, _, folder in due if folder}
    replies = write(settings, con, [delivery for delivery, _, _ in due])
    for reply in replies:
        before = folders.get(reply.receipt.delivery_id)
        if before and before != reply.folder.name:
            for path in Reply(reply.receipt, settings.outbox / before).existing():
                path.unlink()
    folder_of = {reply.receipt.delivery_id: reply.folder.name for reply in replies}
    with transaction(con):
        con.execute(
            "insert or replace into meta.receipt"
            " select unnest($ids), unnest($digests), unnest($folders)",
            {
                "ids": [delivery for delivery, _, _ in due],
                "digests": [digest for _, digest, _ in due],
                "folders": [folder_of[delivery] for delivery, _, _ in due],
            },
        )
    return len(replies)


def write(
    settings: Settings, con: duckdb.DuckDBPyConnection, delivery_ids: Collection[str]
) -> list[Reply]:
    """Write the replies of these deliveries; a file that says the same already stays."""
    senders = _senders(con, delivery_ids)
    replies = [
        Reply(receipt, settings.outbox / senders[receipt.delivery_id])
        for receipt in receipts(con, delivery_ids, settings.time_zone)
    ]
    for folder in {reply.folder for reply in replies}:
        folder.mkdir(mode=RESTRICTED_MODE, parents=True, exist_ok=True)
    changed = [reply for reply in replies if not _says_the_same(reply)]
    jobs = [_job(settings, reply) for reply in changed if _may_be_marked(reply)]
    marked = mark(jobs, settings.readers) if jobs else set()
    for reply in changed:
        _write(settings, reply, is_marked=str(reply.to_mend) in marked)
    return replies


def _says_the_same(reply: Reply) -> bool:
    try:
        same = reply.text.read_text(encoding="utf-8") == reply.receipt.text
    except (OSError, UnicodeDecodeError):
        return False
    return same and reply.to_mend.exists() == reply.receipt.is_to_mend


def _may_be_marked(reply: Reply) -> bool:
    receipt = reply.receipt
    return (
        receipt.is_to_mend
        and bool(receipt.kind)  # it lies in the vault
        and receipt.reason_code not in _NEVER_COPIED
        and PurePosixPath(receipt.name).suffix.lower() == ".xlsx"
    )


def _job(settings: Settings, reply: Reply) -> Job:
    receipt = reply.receipt
    content = vault.path_of(settings, receipt.sha256)
    return Job(str(content), receipt.sha256, receipt.name, str(reply.to_mend), receipt.places)


def _write(settings: Settings, reply: Reply, *, is_marked: bool) -> None:
    """The receipt comes last: where it stands, the other files stand too."""
    receipt = reply.receipt
    if receipt.is_to_mend and not is_marked:
        temporary = _temporary(reply.to_mend)
        write_list(temporary, receipt.places)
        temporary.replace(reply.to_mend)
        _copy_text(settings, reply)
    elif not receipt.is_to_mend:
        reply.to_mend.unlink(missing_ok=True)
    temporary = _temporary(reply.text)
    temporary.write_text(receipt.text, encoding="utf-8")
    temporary.replace(reply.text)


def _copy_text(settings: Settings, reply: Reply) -> None:
    """A text file as it came, beside the list of its wrong lines."""
    receipt = reply.receipt
    suffix = PurePosixPath(receipt.name).suffix.lower()
    if suffix not in _TEXTS or not receipt.kind or receipt.reason_code in _NEVER_COPIED:
        return
    content = vault.path_of(settings, receipt.sha256)
    if content.stat().st_size <= MOST_BYTES:
        temporary = _temporary(reply.original)
        temporary.write_bytes(content.read_bytes())
        temporary.replace(reply.original)


def _temporary(path: Path) -> Path:
    """An empty file beside the target, closed to others before anything stands in it."""
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    os.close(os.open(temporary, flags, _FILE_MODE))
    return temporary


def _senders(con: duckdb.DuckDBPyConnection, delivery_ids: Collection[str]) -> Mapping[str, str]:
    """Delivery → folder: the school that sent it, else its folder of the inbox."""
    of_many = [
        contract.table
        for contract in load_contracts().values()
        if any(_is_of_many(layout.spec) for layout in contract.layouts)
    ]
    con.execute("create or replace temp table _reply_to (delivery_id varchar)")
    con.execute("insert into _reply_to select unnest($ids)", {"ids": list(delivery_ids)})
    con.execute(
        """
        create or replace temp table _sender_code as
        select
            delivery.delivery_id, delivery.original_name, delivery.sender,
            coalesce(delivery.sender, part.code) as code
        from meta.delivery
        semi join _reply_to on _reply_to.delivery_id = delivery.delivery_id
        left join (
            select delivery_id, min(split_part(logical_key, '|', 2)) as code
            from meta.delivery_part
            where not list_contains($of_many, table_name)
            group by delivery_id
            having count(distinct split_part(logical_key, '|', 2)) = 1
        ) as part on part.delivery_id = delivery.delivery_id
        """,
        {"of_many": of_many},
    )
    con.execute(
        "create or replace temp table _school_given as select distinct code as school_code,"
        " cast(null as varchar) as school_name_given from _sender_code where code is not null"
    )
    identity.resolve(con, "raw.school", "")
    rows = con.execute(
        "select delivery_id, original_name, sender, school_id from _sender_code"
        " left join _school_found on _school_found.school_code = _sender_code.code"
    ).fetchall()
    return {
        delivery: _folder_name(str(name), school or sender)
        for delivery, name, sender, school in rows
    }


def _is_of_many(spec: Mapping[str, object]) -> bool:
    """Whether the parts of such files are something else than schools."""
    names = spec.get("part_by")
    return bool(names) and not (isinstance(names, list) and names[0] == "school_code")


def _folder_name(name: str, sender: str | None) -> str:
    folders = PurePosixPath(name).parts[:-1]
    return _safe(sender or "") or _safe(folders[0] if folders else "") or NO_SENDER


def _safe(text: str) -> str:
    return _UNSAFE.sub("_", text).strip("_")[:60]
