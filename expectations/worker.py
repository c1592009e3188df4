"""The child process that judges, and the handle that its parent holds.

Belongs here: starting the child early (importing the library takes three seconds that then
overlap with other work), the messages on its pipes, its end. Not here: the judgement
(`expectations.validate`).

A message is two blocks, each behind its length: JSON, and for requests a frame as Arrow IPC.
The child ends when its input ends or its parent is gone.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import selectors
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, BinaryIO, Self

from expectations.rule import Expectation
from expectations.validate import Outcome, prepare, validate
from warehouse.settings import PROJECT

if TYPE_CHECKING:
    import pyarrow as pa

_LENGTH = struct.Struct(">Q")
_ANSWER_SECONDS = 300.0
_PARENT_POLL_SECONDS = 0.5


class GateError(Exception):
    """The judging process failed; nothing was judged, so nothing may be promoted."""


class GateProcess:
    """A child that judges frames, one at a time; a context manager."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "expectations.worker", str(os.getpid())],
            cwd=PROJECT,
            env={**os.environ, "GX_ANALYTICS_ENABLED": "false"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def pid(self) -> int:
        return self._process.pid

    def validate(self, frame: pa.Table, suite: Sequence[tuple[str, Expectation]]) -> list[Outcome]:
        """`expectations.validate.validate` in the child.

        Raises:
            GateError: the child died or did not answer in time.
        """
        request = [[column, item.type, item.arguments] for column, item in suite]
        try:
            _write(self._pipe_in, json.dumps(request).encode(), _to_ipc(frame))
            answer = json.loads(self._answer())
        except (OSError, EOFError, ValueError) as error:
            self.close()
            raise GateError("процесс проверки данных прервался") from error
        return [Outcome(success, tuple(failed), broken) for success, failed, broken in answer]

    def close(self) -> None:
        """End the child; safe to call twice."""
        self._process.kill()
        self._process.wait()
        with contextlib.suppress(BrokenPipeError):  # what it has not read is of no use now
            self._pipe_in.close()
        self._pipe_out.close()

    @property
    def _pipe_in(self) -> BinaryIO:
        assert self._process.stdin is not None
        return self._process.stdin  # type: ignore[return-value]

    @property
    def _pipe_out(self) -> BinaryIO:
        assert self._process.stdout is not None
        return self._process.stdout  # type: ignore[return-value]

    def _answer(self) -> bytes:
        with selectors.DefaultSelector() as selector:
            selector.register(self._pipe_out, selectors.EVENT_READ)
            if not selector.select(_ANSWER_SECONDS):
                raise EOFError("no answer")
        return _read(self._pipe_out)


def _write(pipe: BinaryIO, *blocks: bytes) -> None:
    for block in blocks:
        pipe.write(_LENGTH.pack(len(block)))
        pipe.write(block)
    pipe.flush()


def _read(pipe: BinaryIO) -> bytes:
    head = pipe.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise EOFError("pipe ended")
    (length,) = _LENGTH.unpack(head)
    block = pipe.read(length)
    if len(block) < length:
        raise EOFError("pipe ended")
    return block


def _to_ipc(frame: pa.Table) -> bytes:
    import pyarrow as pa

    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, frame.schema) as writer:
        writer.write_table(frame)
    return sink.getvalue().to_pybytes()


def _expectation(kind: str, arguments: list[tuple[str, Any]]) -> Expectation:
    return Expectation(
        kind,
        tuple((k, tuple(v) if isinstance(v, list) else v) for k, v in arguments),
    )


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_PARENT_POLL_SECONDS)
    os._exit(1)


def main() -> None:
    """Serve requests until the input ends."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    threading.Thread(target=_end_with, args=(int(sys.argv[1]),), daemon=True).start()
    # Whatever a library prints must not get between the messages.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    prepare()
    import pyarrow as pa

    while True:
        try:
            request = json.loads(_read(sys.stdin.buffer))
        except EOFError:
            return
        frame = pa.ipc.open_stream(_read(sys.stdin.buffer)).read_all().to_pandas()
        suite = [(column, _expectation(kind, arguments)) for column, kind, arguments in request]
        outcomes = validate(frame, suite)
        _write(
            answers,
            json.dumps([[item.success, item.failed, item.broken] for item in outcomes]).encode(),
        )


if __name__ == "__main__":
    main()
