"""Expectations on a pandas frame, judged by Great Expectations; plain data comes back.

Belongs here: the one call of the library. Not here: where frames come from (`expectations.gate`)
and the process it runs in (`expectations.worker`). No value of the frame is ever in the result,
only positions of rows.
"""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from expectations.rule import Expectation

if TYPE_CHECKING:
    import pandas as pd

# BOOLEAN_ONLY for the many that pass; positions are asked for only where something failed.
_POSITIONS = {
    "result_format": "COMPLETE",
    "partial_unexpected_count": 0,
    "return_unexpected_index_query": False,
}


@dataclass(frozen=True)
class Outcome:
    """What became of one expectation.

    Attributes:
        success: whether it holds for the whole column.
        failed: positions of the failing rows of the frame; empty where it holds or `broken`.
        broken: the library could not evaluate it, for instance because a type is wrong.
    """

    success: bool
    failed: tuple[int, ...] = ()
    broken: bool = False


@cache
def _batch_definition() -> Any:
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    warnings.simplefilter("ignore")
    import great_expectations as gx

    context: Any = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False, "metric_calculations": False}
    asset = context.data_sources.add_pandas("frames").add_dataframe_asset("frame")
    return asset.add_batch_definition_whole_dataframe("whole")


def prepare() -> None:
    """Import the library and build its context: about three seconds, once in a process."""
    _batch_definition()


def validate(frame: pd.DataFrame, suite: Sequence[tuple[str, Expectation]]) -> list[Outcome]:
    """Judge a frame.

    Args:
        frame: columns of text or numbers.
        suite: pairs of column and expectation.

    Returns:
        One outcome for each pair, in their order.
    """
    batch = _batch_definition().get_batch({"dataframe": frame})
    outcomes = [Outcome(success=True)] * len(suite)
    verdicts = _run(batch, suite, range(len(suite)), "BOOLEAN_ONLY")
    suspects = [n for n in range(len(suite)) if not verdicts[n]["success"]]
    for n, result in _run(batch, suite, suspects, _POSITIONS).items():
        positions = result["result"].get("unexpected_index_list")
        broken = positions is None or _raised(result["exception_info"])
        outcomes[n] = Outcome(False, () if broken else tuple(map(int, positions)), broken)
    return outcomes


def _run(
    batch: Any,
    suite: Sequence[tuple[str, Expectation]],
    numbers: Sequence[int],
    result_format: Any,
) -> dict[int, dict[str, Any]]:
    """Results as plain data by number in the suite."""
    if not numbers:
        return {}
    from great_expectations import ExpectationSuite
    from great_expectations.expectations.registry import get_expectation_impl

    expectations = []
    for n in numbers:
        column, expectation = suite[n]
        arguments = {
            key: list(value) if isinstance(value, tuple) else value
            for key, value in expectation.arguments
        }
        implementation: Any = get_expectation_impl(expectation.type)
        expectations.append(implementation(column=column, meta={"n": n}, **arguments))
    results = batch.validate(
        ExpectationSuite(name="suite", expectations=expectations), result_format=result_format
    ).to_json_dict()["results"]
    return {result["expectation_config"]["meta"]["n"]: result for result in results}


def _raised(exception_info: dict[str, Any]) -> bool:
    """Whether an exception was raised; its text, which may hold values, is left behind."""
    if "raised_exception" in exception_info:
        return bool(exception_info["raised_exception"])
    return bool(exception_info)
