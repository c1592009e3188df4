"""Telling a person how far a run is: into the run's log and, from the command line, the terminal.

Belongs here: one function for both and its throttle. Texts carry counts and names of tables,
never values of cells.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_listeners: list[Callable[[str], None]] = []


def say(log: logging.Logger, text: str) -> None:
    """Write a sentence into the run's log and to whoever listens in this process."""
    log.info(text)
    for listener in _listeners:
        listener(text)


@contextmanager
def listening(listener: Callable[[str], None]) -> Iterator[None]:
    """Hear everything that runs of this process say."""
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)


class Counter:
    """A count that is told at most once in `seconds`, and when it is complete.

    Args:
        log: the run's log.
        text: sentence with `{done}` and `{total}`.
        seconds: shortest time between two sentences.
    """

    def __init__(self, log: logging.Logger, text: str, seconds: float = 2.0) -> None:
        self._log = log
        self._text = text
        self._seconds = seconds
        self._told_at = time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if done < total and now - self._told_at < self._seconds:
            return
        self._told_at = now
        say(self._log, self._text.format(done=done, total=total))
