"""The child process in which files are read: `python -m ingestion.read.worker`.

Belongs here: limits of the process, one file after the other, segments. Not here: who gets which
file (`pool`), how a file is read (`layout`). Names and documents of pupils exist only in this
process; what leaves it is segments, readings and one JSON line for each batch.
"""

from __future__ import annotations

import ctypes
import datetime as dt
import hashlib
import importlib
import json
import mmap
import os
import resource
import signal
import sys
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from importlib.abc import MetaPathFinder
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.contracts import Contract, load_contracts
from ingestion.pseudonym import Pseudonymiser
from ingestion.read import cache
from ingestion.read.model import ReadContext, Reading, TableRows
from ingestion.read.protocol import FLUSHING, IDLE, STATE, Task
from ingestion.reasons import Refusal
from ingestion.reference import load_reference

ReadFile = Callable[[bytes, str, Mapping[str, str], str, ReadContext], Reading]

BATCH_ROWS = 8_192
SEGMENT_ROWS = 100_000
# What a column of a reading may hold, by Arrow type.
_PYTHON_TYPES: Mapping[Any, frozenset[type]] = {
    pa.string(): frozenset({str, type(None)}),
    pa.int32(): frozenset({int, type(None)}),
    pa.float64(): frozenset({float, int, type(None)}),
    pa.bool_(): frozenset({bool, type(None)}),
    pa.date32(): frozenset({dt.date, type(None)}),
    pa.timestamp("us"): frozenset({dt.datetime, type(None)}),
    pa.list_(pa.int8()): frozenset({list, tuple, type(None)}),
}
_PR_SET_PDEATHSIG = 1


class _NoPandas(MetaPathFinder):
    """Arrow imports pandas, if it is there, to see whether a list is one of its series."""

    def find_spec(self, fullname: str, _path: Any, _target: Any = None) -> None:
        """No such module for whoever asks for pandas."""
        if fullname == "pandas":
            raise ModuleNotFoundError(fullname)


class Segment:
    """Rows and readings since the last flush."""

    def __init__(self, folder: Path, contracts: Mapping[str, Contract]) -> None:
        self._folder = folder
        self._schemas = {name: cache.segment_schema(item) for name, item in contracts.items()}
        self._start()

    def _start(self) -> None:
        self._columns: dict[str, dict[str, list[Any]]] = {}
        self._batches: dict[str, list[pa.RecordBatch]] = {}
        self._readings: list[tuple[str, Reading]] = []
        self.rows = 0

    def add(self, key: str, reading: Reading) -> None:
        """Take the rows of a reading.

        Raises:
            TypeError, KeyError: they do not fit the contract; nothing is taken.
        """
        fitting = [self._fit(reading.delivery_id, rows) for rows in reading.tables]
        for table, columns in fitting:
            waiting = self._columns.setdefault(table, {name: [] for name in columns})
            for name, values in columns.items():
                waiting[name].extend(values)
            self.rows += len(columns["delivery_id"])
            if len(waiting["delivery_id"]) >= BATCH_ROWS:
                self._batch(table)
        reading.tables = []
        self._readings.append((key, reading))

    def _fit(self, delivery_id: str, rows: TableRows) -> tuple[str, dict[str, list[Any]]]:
        """Check rows of one file here, or Arrow would complain of the rows of many."""
        schema = self._schemas[rows.table]
        length = len(rows.columns["sheet"])
        unknown = rows.columns.keys() - set(schema.names)
        if unknown:
            raise KeyError(*sorted(unknown))
        columns: dict[str, list[Any]] = {"delivery_id": [delivery_id] * length}
        for field in schema:
            values = rows.columns.get(field.name)
            if values is None:
                columns.setdefault(field.name, [None] * length)
                continue
            if len(values) != length or not _PYTHON_TYPES[field.type].issuperset(map(type, values)):
                raise TypeError(field.name)
            if field.type == pa.int32() and _is_too_wide(values):
                raise TypeError(field.name)
            columns[field.name] = values
        return rows.table, columns

    def _batch(self, table: str) -> None:
        columns = self._columns.pop(table)
        schema = self._schemas[table]
        arrays = [pa.array(columns[field.name], field.type) for field in schema]
        self._batches.setdefault(table, []).append(pa.record_batch(arrays, schema=schema))

    def flush(self) -> str | None:
        """Write everything taken; name of the segment, None if there is nothing."""
        if not self._readings:
            return None
        segment = cache.new_segment()
        for table in list(self._columns):
            self._batch(table)
        for table, batches in self._batches.items():
            path = cache.segment_path(self._folder, segment, table)
            temporary = path.with_name(f".{path.name}.tmp")
            pq.write_table(pa.Table.from_batches(batches), temporary)
            temporary.replace(path)
        cache.write_readings(self._folder, segment, self._readings)
        self._start()
        return segment


def _is_too_wide(values: Sequence[int | None]) -> bool:
    """Whether a number does not fit; Arrow would say so of the rows of many files."""
    numbers = [value for value in values if value is not None]
    return bool(numbers) and not -(2**31) <= min(numbers) <= max(numbers) < 2**31


def main() -> None:
    """Serve batches until the parent closes the pipe."""
    sys.meta_path.insert(0, _NoPandas())
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    task = Task(**json.loads(requests.readline()))
    _limit(task)
    state = mmap.mmap(int(sys.argv[1]), STATE.size)
    contracts = load_contracts()
    segment = Segment(Path(task.folder), contracts)
    module, name = task.reader.split(":")
    read_file: ReadFile = getattr(importlib.import_module(module), name)
    context = ReadContext(
        contracts,
        load_reference(),
        Pseudonymiser(bytes.fromhex(task.key), task.key_id),
        task.region_code,
        task.restricted_rows,
    )
    _silence()
    for line in requests:
        batch = json.loads(line)
        damaged = []
        for number, (sha256, file_name, told) in enumerate(batch["files"]):
            STATE.pack_into(state, 0, number, time.monotonic())
            delivery_id = sha256[:16]
            data = _content(task.vault, sha256)
            if data is None:
                damaged.append(delivery_id)
                continue
            key = cache.read_key(delivery_id, file_name, told)
            start = time.perf_counter()
            reading = _read(read_file, context, data, file_name, told)
            try:
                segment.add(key, reading)
            except (TypeError, KeyError) as error:
                reading = _failed(delivery_id, error)
                segment.add(key, reading)
            reading.seconds = time.perf_counter() - start
            reading.bytes = len(data)
        STATE.pack_into(state, 0, FLUSHING, time.monotonic())
        due = batch["flush"] or segment.rows >= SEGMENT_ROWS
        answer = {"segment": segment.flush() if due else None, "damaged": damaged}
        STATE.pack_into(state, 0, IDLE, time.monotonic())
        answers.write(json.dumps(answer).encode() + b"\n")
        answers.flush()


def _limit(task: Task) -> None:
    """Die with the parent, dump no memory, stay within the address space."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != task.parent:  # it died before this process asked to follow
        sys.exit(1)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    size = task.memory_mb * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)


def _silence() -> None:
    """Point the standard streams nowhere: native code may print parts of cells when it fails."""
    own = os.dup(2)
    sys.stderr = os.fdopen(own, "w", buffering=1)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)


def _content(vault: str, sha256: str) -> bytes | None:
    """Bytes of a delivery from the vault, None if they are missing or not what they were."""
    try:
        descriptor = os.open(
            f"{vault}/{sha256[:2]}/{sha256}", os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC
        )
    except OSError:
        return None
    with os.fdopen(descriptor, "rb") as file:
        data = file.read()
    return data if hashlib.sha256(data).hexdigest() == sha256 else None


def _read(
    read_file: ReadFile, context: ReadContext, data: bytes, name: str, told: Mapping[str, str]
) -> Reading:
    delivery_id = hashlib.sha256(data).hexdigest()[:16]
    try:
        return read_file(data, name, told, delivery_id, context)
    except Refusal as refusal:
        return Reading(delivery_id, "refused", refusal.code, refusal.params)
    except MemoryError:
        return Reading(delivery_id, "refused", "PARSE_KILLED")
    except Exception as error:  # noqa: BLE001  one file must not cost the others
        return _failed(delivery_id, error)


def _failed(delivery_id: str, error: Exception) -> Reading:
    """A defect of ours: say where, without the message, which may hold values."""
    name = type(error).__name__
    places = "".join(traceback.format_tb(error.__traceback__))
    print(f"delivery {delivery_id}: {name}\n{places}", file=sys.stderr)
    return Reading(delivery_id, "refused", "READER_FAILED", {"error": name})


if __name__ == "__main__":
    main()
