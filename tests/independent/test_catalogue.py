"""The whole catalogue on the synthetic city: every value of every measure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from orchestration import REFRESH
from orchestration.launch import launch
from samples.city import write_city
from tests.independent.compare import disagreements, published
from tests.independent.figures import CATALOGUE, work_out
from tests.independent.model import Figure, Key, Source
from tests.independent.parts import rule_of
from warehouse.database import open_file
from warehouse.settings import load_settings

pytestmark = pytest.mark.slow

# Measures of which the synthetic city has nothing else to tell.
THE_SAME = {"D7.02b": "every pair of the city that ends has a report"}


@dataclass(frozen=True)
class Sides:
    """What both sides say."""

    ours: dict[Key, Figure]
    theirs: dict[Key, Figure]


@pytest.fixture(scope="module")
def sides(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sides]:
    """The default city, refreshed once."""
    root: Path = tmp_path_factory.mktemp("catalogue") / "warehouse"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MSOKO_WAREHOUSE", str(root))
        settings = load_settings()
        settings.make_folders()
        write_city(settings.inbox)
        outcome = launch(settings, REFRESH, {}, lambda text: None)
        assert outcome.exit_code == 0, outcome.text
        with open_file(settings.database) as con:
            yield Sides(work_out(Source.read(con), CATALOGUE), published(con, CATALOGUE))


def test_every_published_figure_is_the_same(sides: Sides) -> None:
    there = {key.measure for key in sides.theirs}
    ours = {key: figure for key, figure in sides.ours.items() if key.measure in there}
    assert disagreements(ours, sides.theirs)[:20] == []


def test_every_measure_with_figures_is_published(sides: Sides) -> None:
    missing = {key.measure for key in sides.ours} - {key.measure for key in sides.theirs}
    assert sorted(missing) == []


def test_the_city_has_data_for_every_measure(sides: Sides) -> None:
    missing = set(CATALOGUE) - {key.measure for key in sides.ours}
    # nobody publishes means of the krai of synthetic works; too few schools for standings of
    # ВПР and ОГЭ
    assert sorted(missing - {"D1.10c", "D2.01c", "D2.01f"}) == []


def test_no_measure_says_the_same_of_every_school_and_year(sides: Sides) -> None:
    """All zeros, or all hundreds: words that match nothing, or a condition that nobody asks."""
    found: dict[str, set[float]] = defaultdict(set)
    for key, figure in sides.theirs.items():
        if figure.value is not None:
            of_flag = rule_of(key.measure).kind == "flag" and key.level == "school"
            found[key.measure].add(100 * figure.value if of_flag else figure.value)
    assert {code for code, values in found.items() if values in ({0}, {100})} == set(THE_SAME)
