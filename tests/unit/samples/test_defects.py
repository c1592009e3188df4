"""Every defect changes a good file; the product survives all of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from samples.city import write_city
from samples.defects import DEFECTS

TEXT = {"D49", "D50", "D51k", "D51d", "nul"}
HEAVY = {"D57"}


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("good")
    write_city(folder, schools=4, years=3, impure=False)
    pupils = "ВПР/2021/4/Проведение работы по математике, 4 класс. ВПР 2021.xlsx"
    return {
        "xlsx": (folder / pupils).read_bytes(),
        "labelled": (folder / "ВПР/2022/4/Математика.xlsx").read_bytes(),
        "criteria": (folder / "ВПР/2022/4/Русский язык.xlsx").read_bytes(),
        "csv": (folder / "ЕГЭ/2022/01_2022.05.30.csv").read_bytes(),
    }


@pytest.mark.parametrize("code", sorted(DEFECTS.keys() - HEAVY))
def test_a_defect_changes_the_file(code: str, good: dict[str, bytes], tmp_path: Path) -> None:
    kind = "csv" if code in TEXT else "criteria" if code == "D19" else "xlsx"
    path = tmp_path / f"файл.{'csv' if kind == 'csv' else 'xlsx'}"
    path.write_bytes(good[kind])
    changed = DEFECTS[code].apply(path)
    assert changed.exists()
    assert changed.name != path.name or changed.read_bytes() != good[kind]


def test_numbers_of_defects_are_their_keys() -> None:
    assert all(code == defect.code for code, defect in DEFECTS.items())
    assert all(defect.title for defect in DEFECTS.values())
