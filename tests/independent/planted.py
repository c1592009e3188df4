"""A city of raw rows with every case that the catalogue has a rule for.

Belongs here: rows. Not here: expected figures. Random parts have a fixed seed.
"""

from __future__ import annotations

import datetime as dt
import random
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.dbt_fixture import City, Row, exam, pupils, school

SCHOOLS = [f"s{number:02d}" for number in range(1, 25)]
WINDOWS = [(2020, "autumn"), (2021, "spring"), (2022, "spring"), (2022, "autumn")]
MAXIMUM = {(4, "RU"): 38, (4, "MA"): 20, (5, "RU"): 45, (5, "MA"): 20, (6, "RU"): 51}
KRAI = {(2020, "RU", "none"): 71.0, (2021, "RU", "none"): 70.0, (2021, "MA", "profile"): 55.0}


def planted_city(folder: Path) -> City:
    """All tables filled, seeds loaded, no model built yet."""
    city = City.create(folder)
    chance = random.Random(41)
    rows: dict[tuple[str, str], list[Row]] = defaultdict(list)
    rows["register", "school"] = register()
    skill = {name: chance.gauss(0, 0.08) for name in [*SCHOOLS, "special", "evening", "old"]}
    for name, level in skill.items():
        works(rows, chance, name, level)
        exams(rows, chance, name, level)
    cases(rows)
    lists(rows)
    for (delivery, table), found in rows.items():
        authority = 3 if delivery.startswith("own") else 1
        city.deliver(delivery, table, found, authority=authority)
    city.run_dbt("seed")
    with city.connection() as con:
        for (year, subject, level), value in KRAI.items():
            con.execute(
                "insert into seeds.reference_value (measure, procedure, cal_year, subject, level,"
                " breakdown, territory, value, confidence)"
                " values ('ege_mean', 'EGE', ?, ?, ?, 'all', 'krai', ?, 'official_text')",
                [year, subject, level, value],
            )
    return city


def register() -> list[Row]:
    """Two municipalities; special, evening, primary, basic, closed and taken over."""
    ordinary = [
        school(name, "oosh" if number % 6 == 5 else "sosh", "gk" if number < 14 else "other")
        for number, name in enumerate(SCHOOLS)
    ]
    return [
        *ordinary,
        school("special", "special"),
        school("evening", "evening"),
        school("tiny", "nosh"),
        school("old", closed_on=dt.date(2021, 8, 31), successor_school_id="between"),
        school("between", closed_on=dt.date(2022, 8, 31), successor_school_id="s01"),
    ]


def works(
    rows: dict[tuple[str, str], list[Row]], chance: random.Random, name: str, level: float
) -> None:
    """ВПР of programmes 4, 5, 6 and 8; sizes from 8 to 30."""
    for cal_year, season in WINDOWS:
        if name == "old" and (cal_year, season) > (2021, "spring"):
            continue
        for (grade, subject), top in {**MAXIMUM, (8, "RU"): 51, (8, "MA"): 25}.items():
            if chance.random() < 0.15:
                continue
            n = chance.randint(12, 30) if grade == 8 else chance.randint(8, 30)
            scores = [
                max(0, min(top, round(top * chance.gauss(0.55 + level, 0.2)))) for _ in range(n)
            ]
            journal = [chance.choice((2, 3, 4, 5, None)) for _ in range(n)]
            rows[f"v-{cal_year}-{season}-{grade}-{subject}", "vpr_pupil"] += pupils(
                name,
                [None] * n,
                cal_year=cal_year,
                season=season,
                grade=grade,
                subject=subject,
                scores=scores,
                journal=journal,
                absent=chance.randint(0, 5),
            )


def exams(
    rows: dict[tuple[str, str], list[Row]], chance: random.Random, name: str, level: float
) -> None:
    """ЕГЭ and ОГЭ of two years, the languages in a protocol that knows people by document."""
    for year in (2020, 2021) if name == "old" else (2020, 2021, 2022):
        for number in range(chance.randint(8, 25)):
            person, known = f"{name}-{year}-{number}", f"n-{name}-{year}-{number}"
            for subject, exam_level in (("RU", "none"), ("MA", "profile"), ("OB", "none")):
                if chance.random() < 0.2:
                    continue
                score = max(0, min(100, round(chance.gauss(62 + 60 * level, 18))))
                rows[f"e-{year}-{subject}", "ege_result"].append(
                    exam(name, person, subject, score, cal_year=year, level=exam_level,
                         pid_basis="code", name_pid=known)
                )  # fmt: skip
            if chance.random() < 0.4:
                score = max(0, min(100, round(chance.gauss(75 + 60 * level, 12))))
                rows[f"e-{year}-EN", "ege_result"].append(
                    exam(name, f"doc-{person}", "EN", score, cal_year=year, name_pid=known,
                         day=dt.date(year, 6, 10))
                )  # fmt: skip
            if year == 2022 and chance.random() < 0.4:
                rows["e-2022-MAB", "ege_result"].append(
                    exam(name, f"b-{person}", "MA", chance.choice((2, 3, 4, 5)), cal_year=2022,
                         level="base", pid_basis="code")
                )  # fmt: skip
        if year > 2020:
            for number in range(chance.randint(10, 30)):
                for subject in ("RU", "MA"):
                    primary = max(0, min(33, round(chance.gauss(18 + 20 * level, 5))))
                    mark = 2 + (primary >= 12) + (primary >= 20) + (primary >= 27)
                    person = f"g9-{name}-{year}-{number}"
                    rows[f"o-{year}-{subject}", "oge_result"].append(
                        exam(name, person, subject, mark, cal_year=year, procedure="OGE",
                             primary_score=primary)
                    )  # fmt: skip
                    if mark == 2 and chance.random() < 0.7:
                        rows[f"o-{year}-september", "oge_result"].append(
                            exam(name, person, subject, 3, cal_year=year, procedure="OGE",
                                 season="september", day=dt.date(year, 9, 6), primary_score=13)
                        )  # fmt: skip


def cases(rows: dict[tuple[str, str], list[Row]]) -> None:
    """School «tiny»: what is worked out by hand in the tests."""

    def tiny(delivery: str, found: Iterable[Row], table: str = "vpr_pupil") -> None:
        rows[delivery, table] += list(found)

    # no scale of literature: points are known, marks are not
    tiny("t-noscale", pupils("tiny", [None] * 12, grade=4, subject="LI", scores=range(1, 13)))
    # two pupils: n alone is shown; fifteen: low confidence
    tiny("t-two", pupils("tiny", [3, 4], grade=4, subject="OM"))
    tiny("t-fifteen", pupils("tiny", [2] * 3 + [3] * 5 + [4] * 4 + [5] * 3, grade=4, subject="IS"))
    # everybody was absent
    tiny("t-absent", pupils("tiny", [], grade=4, subject="BI", absent=7))
    # pupil rows and Ф3 contradict each other; of FI only Ф3 came
    tiny("t-both", pupils("tiny", [2] * 4 + [4] * 8, grade=4, subject="GG"))
    tiny(
        "t-f3", [report("GG", 12, (0, 0, 50, 50)), report("FI", 20, (10, 40, 30, 20))], "vpr_marks"
    )
    # the school's own file of a paper that the region sent too
    tiny("t-region", pupils("tiny", [5] * 11, grade=4, subject="HI"))
    tiny("own-tiny", pupils("tiny", [2] * 11, grade=4, subject="HI"))
    # ЕГЭ: a better reserve day, three of four best, 81-100 with both ends, an appeal by name
    ege = [("p1", "RU", 50), ("p1", "OB", 80), ("p1", "BI", 70), ("p1", "HI", 20), ("p2", "RU", 81)]
    ege += [("p3", "RU", 100), ("p4", "RU", 80), ("p5", "RU", 23), ("p6", "RU", 22)]
    for person, subject, score in ege:
        known = {"name_pid": f"name-{person}", "pid_basis": "code"}
        tiny("t-ege", [exam("tiny", person, subject, score, **known)], "ege_result")
    reserve = exam("tiny", "doc1", "RU", 70, season="reserve", day=dt.date(2021, 6, 28),
                   name_pid="name-p1")  # fmt: skip
    tiny("t-ege-reserve", [reserve], "ege_result")
    appeal = exam("tiny", "doc6", "RU", None, name_pid="name-p6")
    change = {
        **{name: appeal[name] for name in appeal if name not in ("is_present", "test_score")},
        "change_state": "Апелляция удовлетворена",
        "changed_at": dt.datetime.fromisoformat("2021-07-01T10:00"),
        "score_before": 22,
        "score_after": 24,
    }
    tiny("t-appeal", [change], "exam_change")


def report(subject: str, n: int, percents: tuple[float, float, float, float]) -> Row:
    """A line of Ф3 for the school «tiny»."""
    (row,) = pupils("tiny", [3], grade=4, subject=subject)
    kept = {
        name: value
        for name, value in row.items()
        if name not in ("pupil_code", "is_present", "mark", "primary_score", "journal_mark")
    }
    marks: dict[str, Any] = {f"pct_{m}": p for m, p in zip((2, 3, 4, 5), percents, strict=True)}
    return {**kept, "unit_level": "school", "unit_name": "tiny", "n_part": n, **marks}


def lists(rows: dict[tuple[str, str], list[Row]]) -> None:
    """Bias lists with and without detail, of a school taken over twice; the official ШНОР list."""
    for year, name, marks in (
        (2020, "s02", {"m_5ru": 1, "n_markers": 1}),
        (2020, "old", {"m_4ma": 1, "n_markers": 1}),
        (2021, "s02", {"m_4ru": 1, "m_5ma": 1, "n_markers": 2}),
        (2021, "s03", {"n_markers": 1}),
        (2022, "s04", {"m_5ma": 1, "n_markers": 1}),
    ):
        row = {"school_id": name, "school_code": name, "school_match": "id", "list_year": year}
        rows[f"bias-{year}", "bias_list"].append({**row, **marks})
    for name in ("s05", "s06", "s07"):
        rows["official", "shnor_official"].append(
            {"school_id": name, "school_code": name, "school_match": "id",
             "list_school_year": "2021/22", "document_no": "1"}
        )  # fmt: skip
