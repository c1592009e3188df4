"""One planted city for all tests of this folder: building it costs most of their time."""

from __future__ import annotations

import pytest

from tests.dbt_fixture import City
from tests.independent.planted import planted_city


@pytest.fixture(scope="session")
def planted(tmp_path_factory: pytest.TempPathFactory) -> City:
    """All models built."""
    city = planted_city(tmp_path_factory.mktemp("planted"))
    city.run_dbt("run")
    return city
