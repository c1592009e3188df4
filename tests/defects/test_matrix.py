"""A sample of the matrix, drawn by seed, in every run of the suite; `make defects` runs all."""

from __future__ import annotations

import random
from collections import defaultdict

import pytest

from samples.city import write_city
from tests.defects.cells import CAUGHT, MISSED, context
from tests.defects.city import City, settings_of, take_in, write_clean
from tests.defects.matrix import ALONE, BY_CODE, OPERATORS, cells_of, in_rounds, library
from tests.defects.operator import MUST, SHOULD

_SEED = 11
_READ, _GATE = 220, 8


@pytest.fixture(scope="module")
def papers(tmp_path_factory):
    folder = tmp_path_factory.mktemp("papers")
    write_city(folder, 3, 3, seed=5, plant=False, impure=False, restricted=True)
    paths = [p for p in sorted(folder.rglob("*")) if p.is_file() and not p.name.startswith(".")]
    context()
    found = library((str(p.relative_to(folder)), p.read_bytes()) for p in paths)
    return {layout: [paper.short(40) for paper in own[:2]] for layout, own in found.items()}


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    root = tmp_path_factory.mktemp("defects") / "base"
    write_clean(settings_of(root), schools=3, years=1, seed=5)
    with City(root, root) as opened:
        opened.verdicts = take_in(opened.settings, opened.con, opened.judge)
        yield opened


def _missed(cells):
    return [(c.operator, c.layout, c.why) for c in cells if c.verdict == MISSED]


def test_sixty_kinds_of_defects_with_names_of_their_own():
    assert len(OPERATORS) >= 60
    assert len(BY_CODE) == len(OPERATORS)
    assert {operator.level for operator in OPERATORS} == {MUST, SHOULD}
    assert all(operator.title and operator.expect for operator in OPERATORS)


def test_a_sample_of_what_reading_decides(papers):
    ctx = context()
    pairs = [
        (operator, layout)
        for operator in OPERATORS
        if not operator.to_gate and operator.code != "D57" and operator.level == MUST
        for layout, own in papers.items()
        if any(map(operator.where, own))
    ]
    chosen = random.Random(_SEED).sample(pairs, _READ)
    cells = [c for o, layout in chosen for c in cells_of(o, papers[layout], [_SEED], ctx)]
    assert sum(cell.verdict == CAUGHT for cell in cells) > _READ / 2
    assert _missed(cells) == []


def test_a_sample_of_what_the_gate_decides(city):
    codes = ["D16", "G01", "G07", "G09", "G11", "G20-leaver", "S10", "S23"]
    own = {k: v for k, v in library(city.files().items()).items() if v[0].table not in ALONE}
    waiting = defaultdict(list)
    for code in codes:
        operator = BY_CODE[code]
        layouts = [name for name, one in own.items() if any(map(operator.where, one))]
        papers = own[random.Random(_SEED).choice(layouts)]
        waiting[papers[0].table].append((operator, papers, _SEED))
    cells = in_rounds(waiting, city)
    assert len(cells) == _GATE
    assert _missed(cells) == []


def test_a_clean_city_raises_no_alarm(city):
    failed = [item for verdict in city.verdicts.values() for item in verdict.failures]
    assert [item.name for item in failed if item.severity == "critical"] == []
    assert len(failed) <= 1
    statuses = city.con.execute("select distinct status from meta.delivery").fetchall()
    assert statuses == [("accepted",)]
