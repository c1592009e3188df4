"""No test may touch the installation of the machine it runs on."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

# Before any test module is imported: definitions read the settings when they are loaded.
_HOME = Path(tempfile.mkdtemp(prefix="msoko-tests-"))
os.environ["MSOKO_WAREHOUSE"] = str(_HOME / "warehouse")
os.environ["MSOKO_KEY_FILE"] = str(_HOME / "pseudonym.key")
os.environ["MSOKO_SETTLE_SECONDS"] = "0"
os.environ.pop("DAGSTER_HOME", None)
os.environ.pop("MSOKO_CONFIG", None)


def pytest_sessionfinish() -> None:
    import shutil

    shutil.rmtree(_HOME, ignore_errors=True)
