"""The configuration file: a wrong one is named with its key, in Russian."""

from __future__ import annotations

from pathlib import Path

import pytest

from warehouse.settings import PROJECT, SettingsError, load_settings

GOOD = (PROJECT / "msoko.yml").read_text(encoding="utf-8")


def load(tmp_path: Path, text: str):
    path = tmp_path / "msoko.yml"
    path.write_text(text, encoding="utf-8")
    return load_settings({"MSOKO_CONFIG": str(path), "MSOKO_WAREHOUSE": str(tmp_path)})


def test_the_committed_file_is_good(tmp_path):
    assert load(tmp_path, GOOD).region_code == "23"


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("workers: 2", "workers: два", "«workers»"),
        ("workers: 2", "workers: 0", "«workers»"),
        ("hour: 2 ", "hour: 25 ", "«hour» — целое число от 0 до 23"),
        ("keep: 14", "keep: 0", "«keep»"),
        ("Europe/Moscow", "Moscow", "«time_zone»"),
        ("Europe/Moscow", "../etc", "«time_zone»"),
        ('code: "23"', 'code: ""', "«code»"),
        ("on_failure: []", "on_failure: a@example.org", "«on_failure»"),
        ("time_zone:", "zone:", "time_zone"),
        ("municipality:", "town:", "«municipality»"),
        ("restricted_rows: false", "restricted_rows: 1", "«restricted_rows»"),
    ],
)
def test_a_wrong_value_is_named(tmp_path, old, new, named):
    assert old in GOOD
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, GOOD.replace(old, new, 1))
    assert named in str(caught.value)
    assert "msoko.yml" in str(caught.value)


def test_lists_of_children_are_refused_unless_the_file_says_otherwise(tmp_path):
    line = "restricted_rows: false"
    assert not load(tmp_path, GOOD.replace(line, "", 1)).restricted_rows
    assert load(tmp_path, GOOD.replace(line, "restricted_rows: true", 1)).restricted_rows
