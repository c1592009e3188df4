"""The data dictionary against what it is made from."""

from __future__ import annotations

from orchestration.dictionary import PATH, render


def test_the_page_is_written_from_today_s_catalogue_and_marts():
    assert PATH.read_text(encoding="utf-8") == render(), "run: python -m orchestration.dictionary"
