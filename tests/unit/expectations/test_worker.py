"""The judging process: answers, survives nothing it should not, leaves no orphan."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from expectations import worker
from expectations.rule import between, in_set, matches, not_null
from expectations.validate import Outcome
from expectations.worker import GateError, GateProcess
from warehouse.settings import PROJECT

FRAME = pa.table(
    {
        "text": ["7А", "нет", None, "7А\n"],
        "number": [2.0, None, 6.0, float("inf")],
    }
)
SUITE = [
    ("text", not_null()),
    ("text", in_set(("7А", "нет"))),
    ("text", matches(r"\d.")),
    ("number", between(2, 5)),
    ("text", between(1, 2)),
]


def test_outcomes_are_positions_without_values(judge):
    assert judge.validate(FRAME, SUITE[:4]) == [
        Outcome(False, (2,)),
        Outcome(False, (3,)),
        Outcome(False, (1, 3)),
        Outcome(False, (2, 3)),
    ]


def test_what_cannot_be_evaluated_is_broken_and_not_passed(judge):
    outcomes = judge.validate(FRAME, [*SUITE[4:], *SUITE[:1]])
    assert outcomes == [Outcome(False, (), broken=True), Outcome(False, (2,))]


def test_positions_are_complete_beyond_the_limits_of_the_library(judge):
    frame = pa.table({"n": pa.array([float(i % 2) for i in range(5000)])})
    (outcome,) = judge.validate(frame, [("n", between(0, 0))])
    assert outcome.failed == tuple(range(1, 5000, 2))


def test_digits_of_other_alphabets_do_not_match(judge):
    frame = pa.table({"code": ["12", "١٢"]})
    assert judge.validate(frame, [("code", matches(r"\d+"))]) == [Outcome(False, (1,))]


def test_a_killed_child_is_an_error_of_the_gate():
    with GateProcess() as process:
        os.kill(process.pid, signal.SIGKILL)
        with pytest.raises(GateError):
            process.validate(FRAME, SUITE[:1])


def test_a_child_that_dies_amid_a_large_frame_is_an_error_of_the_gate():
    large = pa.table({"n": pa.array([1.0] * 500_000)})
    with GateProcess() as process:
        os.kill(process.pid, signal.SIGKILL)
        with pytest.raises(GateError):
            process.validate(large, [("n", between(0, 2))])


def test_a_silent_child_is_an_error_of_the_gate(monkeypatch):
    monkeypatch.setattr(worker, "_ANSWER_SECONDS", 0.2)
    with GateProcess() as process:
        os.kill(process.pid, signal.SIGSTOP)
        with pytest.raises(GateError):
            process.validate(FRAME, SUITE[:1])


def test_the_child_dies_with_its_parent():
    code = (
        "import os, signal; from expectations.worker import GateProcess; p = GateProcess(); "
        "print(p.pid, flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    parent = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True)
    pid = int(parent.stdout)
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline and _alive(pid):
        time.sleep(0.1)
    assert not _alive(pid)


def _alive(pid):
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    except FileNotFoundError:
        return False
    return stat.rsplit(")", 1)[1].split()[0] != "Z"


def test_validate_in_this_process_needs_no_child():
    from expectations.validate import validate

    assert validate(pd.DataFrame({"n": [1.0, 9.0]}), [("n", between(0, 5))]) == [
        Outcome(False, (1,))
    ]
