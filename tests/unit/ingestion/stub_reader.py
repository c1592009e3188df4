"""A stand-in for the layout engine: does to the process what the file's text says."""

from __future__ import annotations

import ctypes
import os
import time
from pathlib import Path

from ingestion.read.model import Reading, TableRows
from ingestion.reasons import Refusal


def read_file(data, name, told, delivery_id, context):
    command, _, argument = data.decode().partition(" ")
    if command == "abort":
        os.abort()
    if command == "abort-once" and not Path(argument).exists():
        Path(argument).touch()
        os.abort()
    if command == "hang":
        while True:
            time.sleep(0.05)
    if command == "segfault":
        ctypes.string_at(0)
    if command == "eat":
        return Reading(delivery_id, "read", envelope={"size": len(bytearray(8 * 2**30))})
    if command == "refuse":
        raise Refusal("UNKNOWN_LAYOUT", nearest="никаких")
    if command == "defect":
        raise ValueError(argument)
    number = int(argument) if command == "rows" else 1
    columns = {
        "part_no": [1] * number,
        "sheet": ["Лист"] * number,
        "row_no": list(range(1, number + 1)),
        "pupil_code": [context.pseudonymiser.pid("pupil", argument)] * number,
        "is_present": [True] * number,
        "scores": [[1, -1, None]] * number,
        "cal_year": ["2021" if command == "mistyped" else 2021] * number,
    }
    return Reading(
        delivery_id,
        "read",
        layout=name,
        table="vpr_pupil",
        tables=[TableRows("vpr_pupil", columns)],
        rows_read=number,
        rows_accepted=number,
        structure=[("Лист", "title", 2)],
        envelope=dict(told),
    )
