"""No test may touch the installation of the machine it runs on."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

# Before any test module is imported: definitions read the settings when they are loaded.
_HOME = Path(tempfile.mkdtemp(prefix="msoko-tests-"))
os.environ["MSOKO_WAREHOUSE"] = str(_HOME / "warehouse")
os.environ["MSOKO_KEY_FILE"] = str(_HOME / "pseudonym.key")
os.environ["MSOKO_SETTLE_SECONDS"] = "0"
os.environ.pop("MSOKO_CONFIG", None)


@pytest.fixture(scope="module", autouse=True)
def no_other_history() -> None:
    """A run tells its children where Dagster's history lies; the next module has another one."""
    os.environ.pop("DAGSTER_HOME", None)


def pytest_sessionfinish() -> None:
    import shutil

    shutil.rmtree(_HOME, ignore_errors=True)
