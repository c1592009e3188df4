"""The whole city: reproducible, readable by the product, with its truth in it."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from ingestion.contracts import load_contracts
from ingestion.pseudonym import Pseudonymiser
from ingestion.read.layout import read_file
from ingestion.read.model import ReadContext, Reading
from ingestion.reference import load_reference
from samples.city import TRUTH_FILE, Truth, calendar_years, write_city
from samples.population import PLANTED, Population, make_schools
from samples.registers.files import RESTRICTED
from samples.vpr import draw_window, load_windows
from samples.workbook import MARK
from samples.writer import MARKER_FILE
from warehouse.settings import load_settings

SCHOOLS = 10


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


def _hashes(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in _files(folder)
    }


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Truth]:
    folder = tmp_path_factory.mktemp("city")
    return folder, write_city(folder, schools=SCHOOLS)


@pytest.fixture(scope="module")
def readings(city: tuple[Path, Truth]) -> dict[str, Reading]:
    folder, _ = city
    context = ReadContext(load_contracts(), load_reference(), Pseudonymiser(b"k" * 32, "key"), "23")
    return {
        name: read_file((folder / name).read_bytes(), name, {}, digest[:16], context)
        for name, digest in _hashes(folder).items()
        if not name.startswith(".")
    }


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        write_city(tmp_path / folder, schools=4, years=1)
    assert _hashes(tmp_path / "a") == _hashes(tmp_path / "b")


def test_another_seed_gives_another_city(tmp_path: Path) -> None:
    for seed in (1, 2):
        write_city(tmp_path / str(seed), schools=4, years=1, seed=seed)
    first, second = _hashes(tmp_path / "1"), _hashes(tmp_path / "2")
    papers = [name for name in first.keys() & second.keys() if name.startswith("ВПР")]
    assert papers
    assert all(first[name] != second[name] for name in papers)


def test_every_file_carries_the_mark_or_is_listed(city: tuple[Path, Truth]) -> None:
    folder, truth = city
    listed = (folder / MARKER_FILE).read_text().split()
    files = [path for path in _files(folder) if not path.name.startswith(".")]
    assert len(files) == truth.files
    for path in files:
        data = path.read_bytes()
        assert MARK.encode() in data or hashlib.sha256(data).hexdigest() in listed, path.name
    assert len(listed) == sum(path.suffix in (".csv", ".xls", ".xml") for path in files)


def test_the_product_reads_every_file(
    city: tuple[Path, Truth], readings: dict[str, Reading]
) -> None:
    refused = {
        name: (reading.reason_code, reading.params)
        for name, reading in readings.items()
        if reading.status != "read"
    }
    assert refused == {}
    assert sum(reading.rows_rejected for reading in readings.values()) <= 3


def test_every_layout_of_three_years_occurs(readings: dict[str, Reading]) -> None:
    known = {layout.id for contract in load_contracts().values() for layout in contract.layouts}
    restricted = set(RESTRICTED)
    assert known - {reading.layout for reading in readings.values()} == restricted


def test_no_row_is_lost(city: tuple[Path, Truth], readings: dict[str, Reading]) -> None:
    _, truth = city
    rows: Counter[str] = Counter()
    for reading in readings.values():
        rows[str(reading.table)] += reading.rows_accepted + reading.rows_rejected
    # Ф1 lists participants only: up to a quarter of two of ninety papers.
    assert truth.pupil_rows * 0.98 < rows["vpr_pupil"] <= truth.pupil_rows
    retaken = sum(
        reading.rows_accepted for name, reading in readings.items() if "2022.09.09" in name
    ) + sum(reading.rows_accepted for name, reading in readings.items() if "2021.09.09" in name)
    assert rows["ege_result"] + rows["oge_result"] - retaken == truth.exam_rows
    assert rows["school"] == SCHOOLS


def test_envelopes_are_what_was_written(readings: dict[str, Reading]) -> None:
    autumn = readings["ВПР/2020/4/Математика.xlsx"].envelope
    assert (autumn["season"], autumn["grade_label"], autumn["programme_grade"]) == ("autumn", 5, 4)
    spring = next(r for name, r in readings.items() if "математике, 4 класс" in name).envelope
    assert (spring["cal_year"], spring["season"], spring["subject"]) == (2021, "spring", "MA")
    later = readings["ВПР/2022/4/осень/Математика.xlsx"].envelope
    assert (later["cal_year"], later["season"], later["grade_label"]) == (2022, "autumn", 5)


def test_a_clean_city_is_spelt_one_way(tmp_path: Path) -> None:
    write_city(tmp_path, schools=4, years=1, impure=False)
    context = ReadContext(load_contracts(), load_reference(), Pseudonymiser(b"k" * 32, "key"), "23")
    for path in sorted(tmp_path.glob("ВПР/2021/4/*.xlsx")):
        name = str(path.relative_to(tmp_path))
        reading = read_file(path.read_bytes(), name, {}, "0" * 16, context)
        assert (reading.status, reading.rows_rejected) == ("read", 0)


def test_truth_is_written_beside_the_city(city: tuple[Path, Truth]) -> None:
    folder, truth = city
    written = json.loads((folder / TRUTH_FILE).read_text(encoding="utf-8"))
    assert written["years"] == [2020, 2021, 2022]
    assert len(written["schools"]) == SCHOOLS
    assert truth.planned("inflates")


def test_planted_schools_do_what_the_truth_says() -> None:
    population = Population(make_schools(load_settings(), 100, 41, plant=True), 41)
    windows = {window.id: window for window in load_windows()}
    before = draw_window(population, windows["2020-autumn-5-MA"])
    after = draw_window(population, windows["2021-spring-5-MA"])

    def means(results: object, plan: str) -> float:
        assert results in (before, after)
        chosen = population.plans[results.pupils.school] == plan  # type: ignore[attr-defined]
        return float(results.total[chosen].mean())  # type: ignore[attr-defined]

    assert Counter(population.plans.tolist()).items() >= PLANTED.items()
    usual = means(after, "ordinary") - means(before, "ordinary")
    assert means(after, "declines") - means(before, "declines") < usual - 2
    assert means(after, "improves") - means(before, "improves") > usual + 2
    inflates = population.plans[after.pupils.school] == "inflates"
    ordinary = population.plans[after.pupils.school] == "ordinary"
    assert after.total[inflates].std() < after.total[ordinary].std() / 2


def test_pupils_stay_themselves_when_they_move_up() -> None:
    population = Population(make_schools(load_settings(), 20, 41, plant=False), 41)
    fifth = population.cohort(2021, "spring", 5)
    sixth = population.cohort(2021, "autumn", 6)
    stayed = np.isin(fifth.school, np.unique(sixth.school))
    assert (fifth.ability[stayed] == sixth.ability).all()


def test_pack_of_schools_has_the_size_of_the_benchmark(tmp_path: Path) -> None:
    truth = write_city(tmp_path, schools=20, years=1, pack="schools")
    # 520 of papers, exams and lists, 64 of registers.
    assert truth.files == 584
    assert 18_000 < truth.pupil_rows < 27_000


@pytest.mark.parametrize(("count", "years"), [(1, (2021,)), (3, (2020, 2021, 2022))])
def test_calendar_years(count: int, years: tuple[int, ...]) -> None:
    assert calendar_years(count) == years


def test_a_region_has_several_municipalities() -> None:
    schools = make_schools(load_settings(), 90, 41, plant=False)
    assert len({school.municipality.id for school in schools}) == 3
    assert len({school.id for school in schools}) == len({s.rcoi_code for s in schools}) == 90


def test_a_city_needs_three_schools(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least 3"):
        write_city(tmp_path, schools=2)
