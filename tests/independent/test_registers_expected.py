"""What is left of results after the context: by hand."""

from __future__ import annotations

from typing import Any

import pytest

from tests.independent.expected import residual_parts
from tests.independent.hand import Y, book, pupils
from tests.independent.low_result import context_index


def test_one_predictor_for_ten_schools() -> None:
    names = [f"s{i}" for i in range(10)]
    marks = [2, 3, 3, 2, 4, 2, 3, 5, 2, 3]  # marks «2» of twenty
    passport = ("n_parents_no_higher", "n_low_income", "n_ovz", "n_accounted")
    works: list[dict[str, Any]] = [
        {"school_id": s, "school_year": Y, "cal_year": 2022, "season": "spring", "subject": "RU",
         "programme_grade": 5, "pupil_code": str(i), "is_present": True, "mark": 2 if i < n else 4}
        for s, n in zip(names, marks, strict=True)
        for i in range(20)
    ]  # fmt: skip
    found = book(
        *names,
        social_passport=[
            {"school_id": s, "school_year": Y, "n_pupils": 100, **dict.fromkeys(passport, i)}
            for i, s in enumerate(names)
        ],
        vpr_pupil=works,
        pupil_year=[row for s in names for row in pupils(s, f"p{s}", grade=5)],
    )
    index = context_index(found)
    assert index["s9", Y] == pytest.approx(4.5 / (55 / 6) ** 0.5)
    # through the means with slope sum(xy)/sum(xx), x = i - 4.5
    done = [100 - 5 * n for n in marks]
    middle = sum(done) / 10
    slope = sum((i - 4.5) * (y - middle) for i, y in enumerate(done)) / 82.5
    expected = [y - middle - slope * (i - 4.5) for i, y in enumerate(done)]
    parts = {p.school: p for p in residual_parts(found) if p.measure == "D6.08a"}
    left = [parts[s].numerator / parts[s].denominator for s in names]
    assert left == pytest.approx(expected)
