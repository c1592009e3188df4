"""A withdrawn delivery changes the figures that list it and no others."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.dbt_fixture import City
from tests.independent.withdrawal import FigureKey, Shown, broken, kinds, picture

pytestmark = pytest.mark.slow

# A regional export that is also a yardstick; an official list; an appeal, which raises one score
# and so need not change each figure that lists it.
WITHDRAWN = {"v-2021-spring-8-RU": True, "t-f3": True, "bias-2022": False, "t-appeal": False}


def look(city: City) -> tuple[dict[FigureKey, Shown], dict[str, str]]:
    with city.connection() as con:
        return picture(con), kinds(con)


def test_withdrawing_changes_what_lists_it_and_nothing_else(planted: City, tmp_path: Path) -> None:
    (tmp_path / "tmp").mkdir()
    city = City(tmp_path / "msoko.duckdb")
    shutil.copy(planted.path, city.path)
    before, kind = look(city)
    for delivery, brings_participants in WITHDRAWN.items():
        assert any(delivery in shown.listed for shown in before.values())
        city.withdraw(delivery)
        city.run_dbt("run", "--exclude", "mart_result_trend")
        after, _ = look(city)
        lines = broken(before, after, delivery, kind)
        if not brings_participants:
            lines = [line for line in lines if not line.startswith("listed, yet unchanged")]
        assert lines[:10] == []
        before = after
