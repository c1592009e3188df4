"""D1.08c: tasks of ВПР that test meta-subject skills.

Belongs here: which printed task a column of a protocol is, and how it was done. Not here: pooling.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple

from tests.independent.model import Row, Source, grouped, seed
from tests.independent.parts import Part
from tests.independent.shares import Paper, paper_of

NOT_STARTED = -1
Form = tuple[str, int]  # delivery, part


class Task(NamedTuple):
    """A task of a printed list."""

    number: str
    label: str
    skills: str
    max_score: int


def meta_skills(source: Source) -> Iterable[Part]:
    """Mean percent of the highest score; rows of pupils go before the school's report."""
    done: dict[Paper, list[float]] = defaultdict(list)
    n_part: dict[Paper, int] = {}
    told = source.one_sender("vpr_pupil", paper_of, lambda _: True)
    names, highest = _columns(source)
    for paper, rows in grouped(told, paper_of).items():
        answered = [row for row in rows if row["is_present"] and row["scores"] is not None]
        for (_, part), sheets in grouped(answered, _form).items():
            n_part[paper] = len(sheets)
            for place, task in names.get((sheets[0]["delivery_id"], part), {}).items():
                given = [row["scores"][place - 1] for row in sheets if len(row["scores"]) >= place]
                counted = [s for s in given if s is not None and s >= NOT_STARTED]
                if task.skills and counted:
                    most = highest.get((paper[2:], task.number), task.max_score)
                    points = sum(max(score, 0) for score in counted)
                    done[paper].append(100 * points / (most * len(counted)))
    with_pupils = {paper_of(row) for row in told}
    reports = source.one_sender(
        "vpr_task_result", paper_of, lambda row: row["unit_level"] == "school"
    )
    for paper, rows in grouped(reports, paper_of).items():
        if paper not in with_pupils:
            n_tasks = len({_spelling(row["task_label"]) for row in rows})
            tasks = {task.label: task for task in _edition(paper, n_tasks)}
            for row in rows:
                task_of_row = tasks.get(_spelling(row["task_label"]))
                if task_of_row and task_of_row.skills:
                    n_part[paper] = row["n_part"]
                    done[paper].append(row["pct_done"])
    for (school, year, cal_year, season, grade), papers in grouped(done, lambda p: p[:5]).items():
        found = [percent for paper in papers for percent in done[paper]]
        n = sum(n_part[paper] for paper in papers)
        mean = sum(found) / len(found)
        yield Part("D1.08c", school, year, mean * n, n, grade, window=(cal_year, season))


def _form(row: Row) -> Form:
    return row["delivery_id"], row["part_no"]


def _spelling(label: str) -> str:
    return label.replace("K", "К").replace("(", ".").replace(")", "")


def _columns(source: Source) -> tuple[dict[Form, dict[int, Task]], dict[Any, int]]:
    """Task of each place in a protocol's list of scores; the maxima that protocols print."""
    names: dict[Form, dict[int, Task]] = {}
    highest: dict[Any, int] = {}
    for form, rows in grouped(source.tables["vpr_paper_task"], _form).items():
        paper = paper_of({"school_id": "", **rows[0]})
        tasks = _edition(paper, len(rows))
        running = all(row["is_running_number"] for row in rows)
        known = {task.number if running else task.label: task for task in tasks}
        shared = {label for label, n in Counter(t.label for t in tasks).items() if n > 1}
        names[form] = {
            row["task_position"]: task
            for row in rows
            if (task := known.get(_spelling(row["task_label"])))
            and (running or task.label not in shared)
        }
        for row in rows:
            task_of_row = names[form].get(row["task_position"])
            if task_of_row and row["max_score"] is not None:
                key = (paper[2:], task_of_row.number)
                highest[key] = max(highest.get(key, 0), row["max_score"])
    return names, highest


def _edition(paper: Paper, n_tasks: int) -> list[Task]:
    """Printed list of the window, else the nearest year's of as many tasks."""
    editions: dict[tuple[int, str], list[Row]] = defaultdict(list)
    for row in seed("reference/vpr_task_catalogue.csv"):
        if (int(row["programme_grade"]), row["subject"]) == (paper.grade, paper.subject):
            editions[int(row["cal_year"]), row["season"]].append(row)
    best: tuple[int, list[Task]] | None = None
    for (cal_year, season), rows in sorted(editions.items()):
        # of two rows with one number the one stays whose label stands nowhere else
        n_same = Counter(_spelling(row["kim_no"]) for row in rows)
        rows.sort(key=lambda row: (n_same[_spelling(row["kim_no"])], _spelling(row["kim_no"])))
        tasks: dict[str, Task] = {}
        for row in rows:
            label, number = _spelling(row["kim_no"]), row["task_no"]
            task = Task(number, label, row["meta_skill"], int(row["max_score"]))
            tasks.setdefault(number, task)
        same = (cal_year, season) == (paper.cal_year, paper.season)
        distance = abs(cal_year - paper.cal_year)
        if (same or len(tasks) == n_tasks) and (best is None or distance < best[0]):
            best = (distance, list(tasks.values()))
    return best[1] if best else []
