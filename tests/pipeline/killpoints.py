"""`msoko` with its durable calls counted, and killed (-9) at a chosen one.

Belongs here: the harness only. Every fsync, rename, replace and symlink that Python makes and
every commit and checkpoint that DuckDB is told to make is a kill point; nothing is chosen by
hand. Run as `python -m tests.pipeline.killpoints <arguments of msoko>`:

* `MSOKO_KILL_LOG=file`: append one line for each point that is passed;
* `MSOKO_KILL_AT=k`: kill the process just before the k-th point (from 1).
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import duckdb

_STATEMENTS = ("commit", "checkpoint", "force checkpoint")


class _Counter:
    def __init__(self) -> None:
        self.passed = 0
        self.kill_at = int(os.environ.get("MSOKO_KILL_AT", "0"))
        self.log = os.environ.get("MSOKO_KILL_LOG")

    def point(self, name: str) -> None:
        self.passed += 1
        if self.log:
            with Path(self.log).open("a", encoding="utf-8") as stream:
                stream.write(f"{self.passed} {name}\n")
        if self.passed == self.kill_at:
            os.kill(os.getpid(), signal.SIGKILL)


_counter = _Counter()


def _counted(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        _counter.point(name)
        return call(*args, **kwargs)

    return wrapper


class _Connection:
    """A DuckDB connection that counts commits and checkpoints."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._inner.close()

    def execute(self, query: Any, *args: Any, **kwargs: Any) -> _Connection:
        text = str(query).strip().rstrip(";").lower()
        if text.startswith(_STATEMENTS):
            _counter.point(f"duckdb {text.split()[0]}")
        self._inner.execute(query, *args, **kwargs)
        return self

    def commit(self) -> _Connection:
        _counter.point("duckdb commit")
        self._inner.commit()
        return self

    def cursor(self) -> _Connection:
        return _Connection(self._inner.cursor())


def main() -> None:
    """Patch the durable calls, then hand over to the command line."""
    for name in ("fsync", "fdatasync", "rename", "replace", "symlink"):
        setattr(os, name, _counted(f"os.{name}", getattr(os, name)))
    connect = duckdb.connect
    duckdb.connect = lambda *args, **kwargs: _Connection(connect(*args, **kwargs))  # type: ignore[assignment,return-value]

    from orchestration.cli import main as msoko

    msoko()


if __name__ == "__main__":
    main()
