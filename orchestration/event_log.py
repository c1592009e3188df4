"""Dagster's event log in SQLite, with its connections kept and events stored together.

Belongs here: one override of the storage that Dagster ships. That storage opens and closes a file
for every event, and closing folds SQLite's journal into it, which costs ten times more than
storing the event; and it asks for the schema of the file with each. A refresh writes some fifteen
hundred events. Everything else, the files included, is Dagster's own, so the web interface and its
daemon read the same log with or without this class.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, Self

import sqlalchemy
from dagster import DagsterInstance, EventLogEntry
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._serdes import ConfigurableClassData

_BUSY_TIMEOUT_SECONDS = 20


class KeptSqliteEventLogStorage(SqliteEventLogStorage):
    """The event log of an installation; one connection pool for each file of it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._engines: dict[str, sqlalchemy.Engine] = {}
        self._is_together = False
        self._open: dict[str, sqlalchemy.Connection] = {}
        self._known_tables: set[str] = set()
        super().__init__(*args, **kwargs)

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> Self:
        """What Dagster calls to make the storage that `dagster.yaml` names."""
        return cls(inst_data=inst_data, **config_value)

    @contextmanager
    def together(self) -> Iterator[None]:
        """Store the events of a block with one commit a file, when it ends.

        This process sees them at once, others then; so nothing slow belongs into the block. What
        was stored is kept however the block ends.
        """
        if self._is_together:
            yield
            return
        self._is_together = True
        try:
            yield
        finally:
            with self._db_lock:
                self._is_together = False
                for connection in self._open.values():
                    connection.commit()
                    connection.close()
                self._open.clear()

    def store_event_batch(self, events: Sequence[EventLogEntry]) -> None:
        """What Dagster calls with the plan of a run."""
        with self.together():
            super().store_event_batch(events)

    def has_table(self, table_name: str) -> bool:
        """Whether the file has a table; once it has, it keeps it."""
        if table_name not in self._known_tables and super().has_table(table_name):
            self._known_tables.add(table_name)
        return table_name in self._known_tables

    def _has_asset_key_col_on_connection(
        self, _conn: sqlalchemy.Connection, _column_name: str
    ) -> bool:
        """The files are made by this version of Dagster, so no column lacks."""
        return True

    @contextmanager
    def _connect(self, shard: str) -> Iterator[sqlalchemy.Connection]:
        with self._db_lock:
            if not self._is_together:
                with self._engine(shard).connect() as connection, connection.begin():
                    yield connection
                return
            if shard not in self._open:
                self._open[shard] = self._engine(shard).connect()
                self._open[shard].begin()
            yield self._open[shard]

    def _engine(self, shard: str) -> sqlalchemy.Engine:
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
        return engine

    def dispose(self) -> None:
        """Close the files; Dagster calls this when the instance is closed."""
        for engine in self._engines.values():
            engine.dispose()
        self._engines.clear()
        super().dispose()


def together(instance: DagsterInstance) -> AbstractContextManager[None]:
    """`KeptSqliteEventLogStorage.together` of an instance; nothing special with another storage."""
    storage = instance.event_log_storage
    return storage.together() if isinstance(storage, KeptSqliteEventLogStorage) else nullcontext()


def _relax(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA synchronous = NORMAL")
