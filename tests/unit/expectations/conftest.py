"""One judging process and one build database for all tests; each test rolls back."""

from __future__ import annotations

import pytest

from expectations.worker import GateProcess
from tests.unit.expectations.small_city import SEED_FILES, build_city, fill, open_city, rolled_back
from warehouse.database import open_database


@pytest.fixture(scope="session")
def judge():
    """One child for all tests: importing the library takes three seconds."""
    with GateProcess() as process:
        yield process


@pytest.fixture(scope="session")
def seeds(tmp_path_factory):
    folder = tmp_path_factory.mktemp("seeds")
    (folder / "reference").mkdir()
    for name, text in SEED_FILES.items():
        (folder / "reference" / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def _database(tmp_path_factory):
    settings = open_city(tmp_path_factory.mktemp("warehouse"))
    with open_database(settings) as con:
        yield build_city(con, settings)


@pytest.fixture(scope="session")
def _filled(tmp_path_factory):
    settings = open_city(tmp_path_factory.mktemp("filled"))
    with open_database(settings) as con:
        city = build_city(con, settings)
        con.execute("begin")
        fill(city)
        con.execute("commit")
        yield city


@pytest.fixture
def empty_city(_database, seeds):
    """All tables exist and are empty; whatever a test writes is rolled back."""
    with rolled_back(_database, seeds) as city:
        yield city


@pytest.fixture
def city(_filled, seeds):
    """A clean row or two of each table; whatever a test writes is rolled back."""
    with rolled_back(_filled, seeds) as city:
        yield city


@pytest.fixture(scope="module")
def spoilt(_filled, seeds):
    """The clean city for a test that spoils it; each time without what was written before."""
    return lambda: rolled_back(_filled, seeds)
