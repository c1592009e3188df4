"""What the pool and its workers agree on.

One JSON document a line: first the `Task`; then batches `{"files": […], "flush": bool}`, each
answered by `{"segment": name or null, "damaged": [delivery ids]}`. An answer with a segment says
that all files since the one before are in the cache. JSON and not pickle: a worker that a hostile
file took over must not be able to run code in the parent. Which file is being read stands in
shared memory, which survives the death of the worker.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

STATE = struct.Struct("<qd")  # number of the file in its batch or one of these, and since when
IDLE, FLUSHING = -1, -2


@dataclass(frozen=True)
class Task:
    """What a worker is told first.

    Attributes:
        folder: of the cache's generation.
        key: secret key of the pseudonyms, in hex digits.
        reader: dotted name of the function that reads one file.
        parent: process id; the worker ends with it.
    """

    vault: str
    folder: str
    region_code: str
    restricted_rows: bool
    key: str
    key_id: str
    reader: str
    memory_mb: int
    parent: int
