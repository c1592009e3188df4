"""Run a command and say what it cost: wall seconds, CPU seconds, peak memory of its tree.

Belongs here: the stop-watch. Not here: what is run.
"""

from __future__ import annotations

import os
import resource
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

_SAMPLE_SECONDS = 0.05


@dataclass(frozen=True)
class Cost:
    """What one run of a command cost.

    Attributes:
        wall, cpu: seconds; cpu counts all descendants that ended before the command did.
        peak_mb: largest sum of resident memory over the process tree, sampled every 50 ms.
    """

    wall: float
    cpu: float
    peak_mb: float
    output: str


def run(command: Sequence[str], environment: Mapping[str, str], log: Path) -> Cost:
    """Run a command to its end.

    Raises:
        RuntimeError: it failed; the text names the log.
    """
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    with log.open("w", encoding="utf-8") as stream:
        process = subprocess.Popen(
            command, env={**os.environ, **environment}, stdout=stream, stderr=subprocess.STDOUT
        )
        peak = _Peak(process.pid)
        peak.start()
        code = process.wait()
        wall = time.perf_counter() - start
        peak.stop()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    output = log.read_text(encoding="utf-8", errors="replace")
    if code != 0:
        raise RuntimeError(f"{command[0]} ended with {code}: see {log}")
    cpu = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return Cost(wall=wall, cpu=cpu, peak_mb=peak.bytes / 1e6, output=output)


class _Peak(threading.Thread):
    """Samples the resident memory of a process tree until stopped."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid = pid
        self._done = threading.Event()
        self.bytes = 0

    def run(self) -> None:
        while not self._done.wait(_SAMPLE_SECONDS):
            self.bytes = max(self.bytes, _tree_bytes(self._pid))

    def stop(self) -> None:
        self._done.set()
        self.join()


def _tree_bytes(pid: int) -> int:
    total = 0
    try:
        root = psutil.Process(pid)
        for process in (root, *root.children(recursive=True)):
            try:
                total += process.memory_info().rss
            except psutil.NoSuchProcess:
                continue
    except psutil.NoSuchProcess:
        return total
    return total
