"""Dagster's event log in SQLite, with its connections kept.

Belongs here: one override of the storage that Dagster ships. That storage opens and closes a file
for every event, and closing folds SQLite's journal into it, which costs ten times more than
storing the event: a refresh writes some four hundred. Everything else, the files included, is
Dagster's own, so the web interface and its daemon read the same log with or without this class.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

import sqlalchemy
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._serdes import ConfigurableClassData

_BUSY_TIMEOUT_SECONDS = 20


class KeptSqliteEventLogStorage(SqliteEventLogStorage):
    """The event log of an installation; one connection pool for each file of it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._engines: dict[str, sqlalchemy.Engine] = {}
        super().__init__(*args, **kwargs)

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> Self:
        """What Dagster calls to make the storage that `dagster.yaml` names."""
        return cls(inst_data=inst_data, **config_value)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[sqlalchemy.Connection]:
        with self._db_lock:
            engine = self._engines.get(shard)
            if engine is None:
                engine = sqlalchemy.create_engine(
                    self.conn_string_for_shard(shard),
                    connect_args={"timeout": _BUSY_TIMEOUT_SECONDS},
                )
                # With the write-ahead log a lost power supply may cost the last events, never
                # the file; the vault, not this log, is the truth.
                sqlalchemy.event.listen(engine, "connect", _relax)
                self._initdb(engine)
                self._initialized_dbs.add(shard)
                self._engines[shard] = engine
            with engine.connect() as connection, connection.begin():
                yield connection

    def dispose(self) -> None:
        """Close the files; Dagster calls this when the instance is closed."""
        for engine in self._engines.values():
            engine.dispose()
        self._engines.clear()
        super().dispose()


def _relax(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA synchronous = NORMAL")
