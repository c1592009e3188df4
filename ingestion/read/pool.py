"""Reading many files in limited child processes; one bad file costs only itself.

Belongs here: starting, feeding, watching and replacing workers. Not here: what a worker does
(`worker`), what was read (`cache`).
"""

from __future__ import annotations

import json
import mmap
import os
import selectors
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from ingestion.pseudonym import load_key
from ingestion.read import cache
from ingestion.read.model import Reading
from ingestion.read.protocol import FLUSHING, IDLE, STATE, Task
from warehouse.settings import PROJECT, ReaderLimits, Settings

READER = "ingestion.read.layout:read_file"
BATCH_FILES = 64
BATCH_BYTES = 4 * 2**20
_POLL_SECONDS = 0.2
_ENVIRONMENT = {
    # Threads and arenas of native libraries would eat the address space.
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "MALLOC_ARENA_MAX": "1",
    "OMP_NUM_THREADS": "1",
    "PYTHONUNBUFFERED": "1",
}


class ReadError(Exception):
    """Reading as such failed (no worker starts, the disk is full); no file is to blame."""


@dataclass(frozen=True)
class ToRead:
    """One delivery to read.

    Attributes:
        name: path below the inbox.
        told: envelope fields that a person gave.
    """

    delivery_id: str
    sha256: str
    name: str
    told: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return cache.read_key(self.delivery_id, self.name, self.told)


@dataclass(frozen=True)
class ReadBatch:
    """Readings that are in the cache now, and the segments that hold their rows by table."""

    readings: list[Reading]
    segments: dict[str, list[Path]]


@dataclass
class _Batch:
    files: list[ToRead]
    flush: bool = False


@dataclass
class _Worker:
    process: subprocess.Popen[bytes]
    state: mmap.mmap
    batch: _Batch | None = None
    unflushed: list[ToRead] = field(default_factory=list)

    @property
    def progress(self) -> tuple[int, float]:
        """Number of the file being read, or IDLE or FLUSHING; since when."""
        number, since = STATE.unpack_from(self.state)
        return number, since

    def is_older(self, seconds: float) -> bool:
        """Whether it has been reading one file for longer than that."""
        number, since = self.progress
        return number >= 0 and time.monotonic() - since > seconds

    def send(self, batch: _Batch) -> None:
        self.batch = batch
        files = [(item.sha256, item.name, dict(item.told)) for item in batch.files]
        self.write({"files": files, "flush": batch.flush})

    def write(self, document: object) -> None:
        assert self.process.stdin
        with suppress(BrokenPipeError):  # its death is noticed where its answer is awaited
            self.process.stdin.write(json.dumps(document).encode() + b"\n")
            self.process.stdin.flush()

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe
            with suppress(BrokenPipeError):
                pipe.close()
        self.state.close()


def read_deliveries(
    settings: Settings,
    todo: Sequence[ToRead],
    on_progress: Callable[[int, int], None] | None = None,
    *,
    reader: str = READER,
) -> Iterator[ReadBatch]:
    """Read deliveries from the vault into the cache.

    Args:
        settings: the installation.
        todo: what to read; each delivery once.
        on_progress: told how many of how many are read, a few times a second.
        reader: dotted name of the function that reads one file.

    Yields:
        Groups of readings as they become durable; every delivery is in one of them.

    Raises:
        KeyProblem: the pseudonym key cannot be used.
        ReadError: the workers cannot work at all.
    """
    if not todo:
        return
    pseudonymiser = load_key(settings)
    generation = cache.generation_of(settings, pseudonymiser.key_id)
    folder = cache.folder_of(settings, generation)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    cache.remove_leftovers(settings, generation)
    task = Task(
        vault=str(settings.vault),
        folder=str(folder),
        region_code=settings.region_code,
        restricted_rows=settings.restricted_rows,
        key=pseudonymiser.key.hex(),
        key_id=pseudonymiser.key_id,
        reader=reader,
        memory_mb=settings.readers.memory_mb,
        parent=os.getpid(),
    )
    pool = _Pool(settings.readers, task, todo, on_progress)
    try:
        yield from pool.run()
    finally:
        pool.close()


class _Pool:
    def __init__(
        self,
        limits: ReaderLimits,
        task: Task,
        todo: Sequence[ToRead],
        on_progress: Callable[[int, int], None] | None,
    ) -> None:
        self._limits = limits
        self._task = task
        self._folder = Path(task.folder)
        self._total = len(todo)
        self._done = 0
        self._told = -1
        self._on_progress = on_progress
        self._waiting = deque(_batches(task.vault, todo, limits.workers))
        self._selector = selectors.DefaultSelector()
        self._workers: list[_Worker] = []

    def run(self) -> Iterator[ReadBatch]:
        for _ in range(min(self._limits.workers, len(self._waiting))):
            self._feed(self._start())
        while self._workers:
            for key, _ in self._selector.select(_POLL_SECONDS):
                yield from self._hear(key.data)
            for worker in list(self._workers):
                if self._is_overdue(worker):
                    yield from self._death(worker, "PARSE_TIMEOUT")
            self._tell()

    def close(self) -> None:
        for worker in list(self._workers):
            self._remove(worker)
        self._selector.close()

    def _start(self) -> _Worker:
        descriptor = os.memfd_create("reader-state")
        try:
            os.ftruncate(descriptor, STATE.size)
            state = mmap.mmap(descriptor, STATE.size)
            STATE.pack_into(state, 0, IDLE, 0.0)
            path = os.pathsep.join(filter(None, (str(PROJECT), os.environ.get("PYTHONPATH"))))
            process = subprocess.Popen(
                [sys.executable, "-m", "ingestion.read.worker", str(descriptor)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                pass_fds=(descriptor,),
                env={**os.environ, **_ENVIRONMENT, "PYTHONPATH": path},
            )
        finally:
            os.close(descriptor)
        worker = _Worker(process, state)
        worker.write(asdict(self._task))
        assert process.stdout
        self._selector.register(process.stdout, selectors.EVENT_READ, worker)
        self._workers.append(worker)
        return worker

    def _feed(self, worker: _Worker) -> None:
        """Give a worker its next batch; without one, let it write what it has and go."""
        if self._waiting:
            worker.send(self._waiting.popleft())
        elif worker.unflushed:
            worker.send(_Batch([], flush=True))
        else:
            self._remove(worker)

    def _hear(self, worker: _Worker) -> list[ReadBatch]:
        """What a worker answered, or its death. It has its next batch when this returns."""
        assert worker.process.stdout
        line = worker.process.stdout.readline()
        if not line.endswith(b"\n"):
            return self._death(worker, "PARSE_KILLED")
        answer = json.loads(line)
        assert worker.batch
        worker.unflushed += worker.batch.files
        self._done += len(worker.batch.files)
        worker.batch = None
        results = []
        damaged = frozenset(answer["damaged"])
        if damaged:  # not cached: the vault may be restored
            gone = [Reading(delivery, "refused", "VAULT_DAMAGED") for delivery in sorted(damaged)]
            worker.unflushed = [x for x in worker.unflushed if x.delivery_id not in damaged]
            results.append(ReadBatch(gone, {}))
        segment = answer["segment"]
        if segment:
            worker.unflushed = []
        self._feed(worker)
        if segment:
            results.append(self._batch_of(segment))
        return results

    def _batch_of(self, segment: str) -> ReadBatch:
        readings = [reading for _, reading in cache.load_readings(self._folder, segment)]
        found: dict[str, list[Path]] = {}
        for path in self._folder.glob(f"seg-{segment}-*.parquet"):
            found[path.stem.split("-", 2)[2]] = [path]
        return ReadBatch(readings, found)

    def _is_overdue(self, worker: _Worker) -> bool:
        """Whether a worker reads one file for too long; if so, it stands still now."""
        if not worker.is_older(self._limits.seconds):
            return False
        worker.process.send_signal(signal.SIGSTOP)  # it may just have gone on to its next file
        if worker.is_older(self._limits.seconds):
            return True
        worker.process.send_signal(signal.SIGCONT)
        return False

    def _death(self, worker: _Worker, code: str) -> list[ReadBatch]:
        """Replace a worker; only the file that it was reading may be refused."""
        number, _ = worker.progress
        batch = worker.batch
        self._remove(worker)
        if batch is None or number < 0:
            what = "записывал прочитанное" if number == FLUSHING else "не читал файлов"
            raise ReadError(
                f"Процесс чтения завершился (код {worker.process.returncode}), когда {what}. "
                "Проверьте место на диске и память."
            )
        culprit = batch.files[number]
        again = worker.unflushed + batch.files[:number] + batch.files[number + 1 :]
        self._done -= len(worker.unflushed)
        for start in range(0, len(again), BATCH_FILES):
            self._waiting.appendleft(_Batch(again[start : start + BATCH_FILES]))
        results = []
        if code == "PARSE_KILLED" and not batch.flush:
            # Somebody else may have killed it: the file gets a second chance, alone.
            self._waiting.appendleft(_Batch([culprit], flush=True))
        else:
            results.append(self._refuse(culprit, code))
        if self._waiting:
            self._feed(self._start())
        return results

    def _refuse(self, culprit: ToRead, code: str) -> ReadBatch:
        params = {"seconds": self._limits.seconds} if code == "PARSE_TIMEOUT" else {}
        segment = cache.new_segment()
        reading = Reading(culprit.delivery_id, "refused", code, {**params})
        cache.write_readings(self._folder, segment, [(culprit.key, reading)])
        self._done += 1
        return ReadBatch([reading], {})

    def _remove(self, worker: _Worker) -> None:
        assert worker.process.stdout
        self._selector.unregister(worker.process.stdout)
        self._workers.remove(worker)
        worker.end()

    def _tell(self) -> None:
        numbers = (worker.progress[0] for worker in self._workers)
        done = self._done + sum(max(number, 0) for number in numbers)
        if self._on_progress and done > self._told:
            self._told = done
            self._on_progress(done, self._total)


def _batches(vault: str, todo: Sequence[ToRead], workers: int) -> Iterator[_Batch]:
    """Batches small enough that the workers finish together."""
    most = max(1, min(BATCH_FILES, len(todo) // (4 * workers)))
    files: list[ToRead] = []
    size = 0
    for item in todo:
        with suppress(OSError):  # the worker says that the vault is damaged
            size += Path(vault, item.sha256[:2], item.sha256).stat().st_size
        files.append(item)
        if len(files) >= most or size >= BATCH_BYTES:
            yield _Batch(files)
            files, size = [], 0
    if files:
        yield _Batch(files)
