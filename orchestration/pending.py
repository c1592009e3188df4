"""Is there anything to do? The question that every start of a refresh asks first.

Belongs here: comparing the inbox, the vault's journal and the product with what the last
completed run stood on. Imports neither dagster nor dbt nor Great Expectations: the answer "no"
must cost a fraction of a second.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from ingestion.inbox import Scan, scan
from ingestion.journal import open_journal
from ingestion.receive import receive
from orchestration.fingerprints import product_hashes
from warehouse.settings import Settings
from warehouse.state import State, read_state

_CHANGED = {
    "contracts": "изменились описания таблиц",
    "code": "изменился код приёма или проверок",
    "dbt": "изменились модели или справочники",
    "config": "изменился файл настроек",
}


@dataclass(frozen=True)
class Pending:
    """What a refresh would have to do.

    Attributes:
        reasons: Russian phrases; empty if there is nothing to do.
        state: the last completed run.
        published: the release that readers see; a person may have rolled back to it.
        scan: what the inbox holds.
    """

    reasons: tuple[str, ...]
    state: State | None
    published: str | None
    scan: Scan

    @property
    def nothing_new(self) -> str:
        """What to say when there is nothing to do."""
        text = "нового нет"
        if self.state:
            completed = datetime.fromisoformat(self.state.completed_at).astimezone()
            text += f"; выпуск {self.state.release_id} от {completed:%d.%m.%Y %H:%M}"
            if self.published and self.published != self.state.release_id:
                text += f"; читатели видят возвращённый вручную выпуск {self.published}"
            if self.state.held:
                text += f"; на прежней поставке стоят таблицы: {', '.join(self.state.held)}"
        if self.scan.waiting:
            text += f"; ещё копируются файлы: {len(self.scan.waiting)}"
        return text


def look(settings: Settings, *, wait: bool = False) -> Pending:
    """Compare what is with what the last completed run saw; changes nothing.

    Args:
        settings: the installation.
        wait: give files that have just changed the time to settle.
    """
    return _compare(settings, scan(settings, wait=wait))


def look_closely(settings: Settings) -> Pending:
    """Like `look`, but files that only look changed are hashed: a touched file is no news.

    Receives such files (under the warehouse's lock), so call it where writing is allowed.
    """
    pending = look(settings, wait=True)
    names = {seen.name for seen in pending.scan.candidates}
    if names and names <= open_journal(settings).content_of.keys():
        receive(settings, pending.scan)
        pending = look(settings)
    return pending


def _compare(settings: Settings, found: Scan) -> Pending:
    state = read_state(settings)
    reasons = []
    if found.candidates:
        reasons.append(f"новых или изменённых файлов во входной папке: {len(found.candidates)}")
    if state is None or not settings.database.exists():
        reasons.append("завершённого прогона ещё не было")
    else:
        if len(open_journal(settings).events) != state.journal_seq:
            reasons.append("есть поставки, которых последний прогон не видел")
        hashes = product_hashes()
        reasons += [
            phrase for part, phrase in _CHANGED.items() if hashes[part] != state.hashes.get(part)
        ]
        today = datetime.now(ZoneInfo(settings.time_zone)).date().isoformat()
        if state.accepted_until and state.accepted_until < today:
            reasons.append("истёк срок, до которого была принята задержанная поставка")
        if not settings.published.exists():
            reasons.append("нет опубликованного выпуска")
    published = settings.current.resolve().name if settings.published.exists() else None
    return Pending(reasons=tuple(reasons), state=state, published=published, scan=found)
