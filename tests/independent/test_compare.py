"""The comparison finds what differs and lets pass what the catalogue leaves open."""

from __future__ import annotations

from tests.independent.compare import disagreements
from tests.independent.figures import named
from tests.independent.hand import Y
from tests.independent.model import Figure, Key


def key(measure: str, level: str = "school", unit: str | None = "a") -> Key:
    return Key(measure, level, unit, Y, None, None, None, None)


def test_a_differing_field_is_told_with_both_values() -> None:
    ours = {key("D3.02a"): Figure(40, 25.0, 10, 40)}
    theirs = {key("D3.02a"): Figure(40, 27.5, 11, 40)}
    assert disagreements(ours, ours) == []
    assert disagreements(ours, theirs) == [
        f"D3.02a school a {Y}: numerator published 11, here 10",
        f"D3.02a school a {Y}: value published 27.5, here 25.0",
    ]


def test_a_figure_of_one_side_only() -> None:
    figure = {key("D3.02a"): Figure(40, 25.0, 10, 40)}
    line = "n=40 value=25.0 numerator=10 denominator=40 status=ok"
    assert disagreements(figure, {}) == [f"D3.02a school a {Y}: only here {line}"]
    assert disagreements({}, figure) == [f"D3.02a school a {Y}: only published {line}"]


def test_what_the_catalogue_leaves_open() -> None:
    school = {key("D9.04b"): Figure(4, 25.0, 1, 4)}
    assert disagreements(school, {}) == []
    absent = {key("D3.02a"): Figure(None, status="no_data")}
    assert disagreements({}, absent) == []
    count = {key("D4.01a"): Figure(1, 3.0)}
    assert disagreements(count, {key("D4.01a"): Figure(None, 3.0)}) == []


def test_an_absent_figure_is_no_zero() -> None:
    zero = {key("D3.02a"): Figure(40, 0.0, 0, 40)}
    absent = {key("D3.02a"): Figure(None, status="no_data")}
    assert any("status published no_data, here ok" in line for line in disagreements(zero, absent))


def test_measures_by_the_beginning_of_their_code() -> None:
    assert named(["D4.06"]) == ("D4.06a", "D4.06b")
    assert len(named([""])) == 153
