"""The gate on a clean city, and each critical expectation against a row that it alone can stop."""

from __future__ import annotations

import pytest

from expectations.gate import RowKey, check_rows, check_tables
from expectations.suites import rules_of
from ingestion.contracts import load_contracts



SUBJECTS = ("RU", "MA", "EN")
TABLES = tuple(load_contracts())


def test_every_table_has_clean_rows():
    assert set(CLEAN) == set(TABLES)
