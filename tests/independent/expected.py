"""D6.08a and D6.09a: results against what the context of the school lets one expect.

Belongs here: the line through the schools of a year and what is left of it. Not here: the shares
and the context index themselves.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable

import numpy as np

from tests.independent.low_result import context_index
from tests.independent.model import ENOUGH
from tests.independent.parts import Part
from tests.independent.registers import Place, Registers
from tests.independent.shares import vpr_cuts

SCHOOLS_PER_PREDICTOR = 10


def residual_parts(book: Registers) -> Iterable[Part]:
    """Residuals of the pooled share of a year: context index, then size where schools suffice."""
    index = context_index(book)
    for measure, share in (("D6.08a", "D1.03a"), ("D6.09a", "D1.07a")):
        sums: dict[Place, list[float]] = defaultdict(lambda: [0.0, 0.0])
        for cut in vpr_cuts(book.source):
            if cut.measure == share:
                sums[cut.school, cut.school_year][0] += cut.hits
                sums[cut.school, cut.school_year][1] += cut.n
        for year in sorted({year for _, year in sums}):
            places = sorted(
                place
                for place, (_, n) in sums.items()
                if place[1] == year and place in index and n >= ENOUGH and book.pupils(place)
            )
            n_predictors = min(2, len(places) // SCHOOLS_PER_PREDICTOR)
            if n_predictors:
                done = np.array([100 * sums[place][0] / sums[place][1] for place in places])
                known = [
                    [1, index[p], math.log(book.pupils(p))][: n_predictors + 1] for p in places
                ]
                line, *_ = np.linalg.lstsq(np.array(known), done, rcond=None)
                for place, left in zip(places, done - np.array(known) @ line, strict=True):
                    n = sums[place][1]
                    yield Part(measure, *place, float(left) * n, n)
