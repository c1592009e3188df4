"""Defects that other cells, rows, files or sources show: the gate's part.

Belongs here: numbers that contradict each other, persons in the wrong list, files of another year
or school. Not here: what a single cell shows (`of_cells`), results of ВПР and exams as such.
"""

from __future__ import annotations

import re
from collections import defaultdict

from expectations.suites.counts import COUNTS, TWINS
from expectations.suites.forms import EVENTS, ORDERS, PARTS, PERIODS, SUMS, WITHIN_YEAR
from expectations.suites.people import PUPILS, STAFF
from tests.defects.operator import SHOULD, Operator, one, some
from tests.defects.paper import NotApplicable

_FUTURE = "15.05.2049"
_STRANGER = ("Чужестранцев Аристарх Феофанович", "07.03.1979")


def number(value):
    text = str(value).replace(",", ".").replace("\xa0", "").strip()
    return float(text) if re.fullmatch(r"-?\d+(\.\d+)?", text) else None


def _key(draft, i):
    """School and year of a row, as far as the row says them."""
    years = [n for n in ("school_year", "cal_year") if n in draft.columns]
    school = "school_code" if "school_code" in draft.columns else None
    return (
        str(draft.get(i, school)) if school else "",
        str(draft.get(i, years[0])) if years else "",
    )


def groups_of(draft):
    found = defaultdict(list)
    for i in range(len(draft.at)):
        found[_key(draft, i)].append(i)
    return found


def group_of(draft, rng, *, least=1):
    """Rows of one school and year; not the last year, which is only beginning."""
    groups = {k: rows for k, rows in groups_of(draft).items() if len(rows) >= least}
    years = sorted({year for _, year in groups})
    inner = [k for k in groups if len(years) < 3 or k[1] not in (years[0], years[-1])]
    return groups[rng.choice(sorted(inner or groups))]


def _part(draft, rng):
    pairs = [
        (part, whole) for part, whole in PARTS[draft.contract.table]
        if whole in draft.columns and part.split(" + ")[0] in draft.columns
    ]  # fmt: skip
    if not pairs:
        raise NotApplicable
    part, whole = rng.choice(pairs)
    part = part.split(" + ")[0]
    rows = [i for i in draft.filled(whole) if number(draft.get(i, part)) is not None]
    (i,) = some(rng, rows)
    draft.put(i, part, number(draft.get(i, whole)) + 3)


def _swapped(draft, rng):
    """Headings of a part and of its whole are exchanged: every row is wrong."""
    pairs = [
        (part, whole) for part, whole in PARTS[draft.contract.table]
        if {part, whole} <= draft.columns.keys()
        and any(number(draft.get(i, part)) != number(draft.get(i, whole))
                for i in range(len(draft.at)))
    ]  # fmt: skip
    if not pairs or draft.block.plan.header_rows > 1:
        raise NotApplicable
    part, whole = rng.choice(pairs)
    row = draft.rows[draft.header]
    a, b = draft.columns[part], draft.columns[whole]
    row[a], row[b] = row[b], row[a]
    draft.marks = [(position + 1, None) for position in draft.at]


def _sum(draft, rng):
    pairs = [
        (parts, whole) for parts, whole in SUMS[draft.contract.table]
        if whole in draft.columns
        and all(name in draft.columns and draft.filled(name) for name in parts.split(" + "))
    ]  # fmt: skip
    parts, _whole = rng.choice(pairs)
    name = rng.choice(parts.split(" + "))
    rows = [i for i in draft.filled(name) if all(draft.get(i, n) != "" for n in parts.split(" + "))]
    (i,) = some(rng, rows)
    draft.put(i, name, (number(draft.get(i, name)) or 0) + 1)


def _marks_sum(draft, rng):
    name = one(rng, [n for n in ("pct_2", "pct_3", "pct_4", "pct_5") if n in draft.columns])
    rows = [i for i in draft.filled(name) if 5 < number(draft.get(i, name)) < 80]
    (i,) = some(rng, rows)
    draft.put(i, name, number(draft.get(i, name)) + 9)


def _journal_sum(draft, rng):
    if "n_raised" not in draft.columns:
        raise NotApplicable
    (i,) = some(rng, draft.filled("n_raised"))
    draft.put(i, "n_raised", number(draft.get(i, "n_raised")) + 4)


def _percent_count(draft, rng):
    if "n_part" not in draft.columns:
        raise NotApplicable
    rows = [i for i in draft.filled("n_part")
            if re.search(r"(?:edu|sch)\d{4,}", str(draft.get(i, "unit_name")))
            and number(draft.get(i, "n_part")) > 12]  # fmt: skip
    (i,) = some(rng, rows)
    draft.put(i, "n_part", number(draft.get(i, "n_part")) + rng.choice((1, 3, 7)))


def _turned(pairs_of):
    def spoil(draft, rng):
        pairs = pairs_of(draft.contract.table)
        pairs = [p for p in pairs if set(p) <= draft.columns.keys()]
        choices = [
            (i, pair) for pair in pairs for i in range(len(draft.at))
            if draft.get(i, pair[0]) and draft.get(i, pair[1])
            and draft.get(i, pair[0]) != draft.get(i, pair[1])
        ]  # fmt: skip
        if not choices:
            raise NotApplicable
        i, (a, b) = rng.choice(choices)
        first, second = draft.get(i, a), draft.get(i, b)
        draft.put(i, a, second, mark=False)
        draft.put(i, b, first)
        # Of two files the one with the later document counts, whenever it came.
        draft.alone = "document_date" in (a, b)

    return spoil


def _future(draft, rng):
    name = one(rng, [n for n in EVENTS[draft.contract.table] if n in draft.columns])
    (i,) = some(rng, draft.filled(name))
    draft.put(i, name, _FUTURE)


def _outside_year(draft, rng):
    name = WITHIN_YEAR[draft.contract.table][0]
    if name not in draft.columns:
        raise NotApplicable
    (i,) = some(rng, draft.filled(name))
    year = str(draft.get(i, name)).rpartition(".")[2]
    draft.put(i, name, f"23.03.{int(year) - 3}")


def _future_year(draft, rng):
    if "school_year" not in draft.columns:
        raise NotApplicable
    for i in some(rng, draft.filled("school_year")):
        draft.put(i, "school_year", "2041/42")


def counted(draft):
    """Columns of this table that some rule compares with the number of pupils."""
    names = [
        match[1] for count in COUNTS if count.table == draft.contract.table
        if (match := re.search(r"(?:max|sum)\(t\.(\w+)\)", count.n)) and match[1] in draft.columns
    ]  # fmt: skip
    if not names:
        raise NotApplicable
    return names


def _whole_columns(draft):
    return [n for n in draft.typed("int") if n.startswith("n") and "year" not in n]


def _times(factor):
    """All counts of one school and year in other units."""

    def spoil(draft, rng):
        names = counted(draft)
        for i in group_of(draft, rng):
            for name in _whole_columns(draft):
                if (value := number(draft.get(i, name))) is not None:
                    draft.put(i, name, value * factor, mark=name in names)

    return spoil


def _beyond(draft, rng):
    """More than there are pupils, and nothing else is wrong in the row."""
    name = rng.choice(counted(draft))
    rows = [i for i in group_of(draft, rng) if (number(draft.get(i, name)) or 0) > 0]
    if "n_schools" in draft.columns:  # a report whose first lines sum up many schools
        rows = [i for i in rows if not str(draft.get(i, "n_schools")).strip()]
    (i,) = some(rng, rows)
    draft.put(i, name, number(draft.get(i, name)) * 2 + 2500)
    for whole in {w for p, w in PARTS.get(draft.contract.table, ()) if p == name}:
        if whole in draft.columns:
            draft.put(i, whole, draft.get(i, name), mark=False)


def _stranger(column):
    """A person whom no list knows."""

    def spoil(draft, rng):
        suffix = "_2" if column == "mentee_pid" else ""
        if f"_fio{suffix}" not in draft.columns and "_surname" not in draft.columns:
            raise NotApplicable
        rows = range(len(draft.at))
        if "participant_role" in draft.columns:
            rows = [i for i in rows if "обуч" in str(draft.get(i, "participant_role")).lower()]
        (i,) = some(rng, rows)
        _rename(draft, i, _STRANGER[0], suffix)
        born = f"_born{suffix}"
        pupil = draft.contract.table in {p.table for p in PUPILS}
        draft.put(i, born, "07.03.2008" if pupil else _STRANGER[1])

    return spoil


def _rename(draft, i, fio, suffix=""):
    if f"_fio{suffix}" in draft.columns:
        draft.put(i, f"_fio{suffix}", fio)
    else:
        names = zip(("_surname", "_name", "_patronymic"), fio.split(), strict=True)
        for name, part in names:
            draft.put(i, name, part)
    draft.planted.append(fio)


def _twin(draft, rng):
    names = [t.column for t in TWINS if t.table == draft.contract.table]
    names += [t.other_column for t in TWINS if t.other == draft.contract.table]
    names = [n for n in names if n in draft.columns]
    name = one(rng, names)
    rows = [i for i in draft.filled(name) if number(draft.get(i, name)) > 5]
    (i,) = some(rng, rows)
    draft.put(i, name, number(draft.get(i, name)) * 3 + 4)


def _counts(paper):
    return paper.table in {count.table for count in COUNTS}


def table_is(*tables):
    return lambda paper: paper.table in tables and paper.container != "records"


def operator(code, title, spoil, expect, *place, group="numbers and persons"):
    where, level = (*place, "must")[:2]
    expected = tuple(f"gate:{name}" for name in expect)
    return Operator(code, title, spoil, expected, level, where, whole=True,
                    group=group)  # fmt: skip


_SIZE = ("within_contingent", "far_beyond_contingent", "near_last_year", "n_sen_agrees",
         "n_accounted_agrees", "teachers_agree_with_form", "contingent_agrees_with_form",
         "total_is_sum_of_grades", "volume_against_last_year")  # fmt: skip
OPERATORS = (
    operator("G01", "part larger than its whole", _part, ["parts_within_whole"], table_is(*PARTS)),
    operator("G02", "headings of part and whole exchanged", _swapped, ["parts_within_whole"],
        table_is(*PARTS)),
    operator("G03", "parts do not add up to the whole", _sum, ["parts_make_whole", "parts_within_whole"],
        table_is(*SUMS)),
    operator("G04", "shares of marks do not add up to 100 %", _marks_sum,
        ["percents_sum_to_100", "percents_are_pupils"], table_is("vpr_marks")),
    operator("G05", "lowered, confirmed and raised are not all participants", _journal_sum,
        ["marks_sum_to_participants"], table_is("vpr_journal")),
    operator("G06", "share of a mark is no whole number of participants", _percent_count,
        ["percents_are_pupils", "report_agrees_with_pupils"], table_is("vpr_marks"), SHOULD),
    operator("G07", "period begins after its end", _turned(lambda t: [PERIODS[t]]), ["period_in_order"],
        table_is(*PERIODS)),
    operator("G08", "dates of a document out of order", _turned(lambda t: ORDERS[t]), ["dates_in_order"],
        table_is(*ORDERS)),
    operator("G09", "event in the future", _future, ["event_not_in_future"], table_is(*EVENTS)),
    operator("G10", "date outside the row's school year", _outside_year, ["date_within_school_year"],
        table_is(*WITHIN_YEAR)),
    operator("G11", "school year that has not begun", _future_year, ["begun_school_year"],
        lambda p: p.kind == "plain"),
    operator("G12", "all numbers of a school ten times as large", _times(10), _SIZE, _counts, SHOULD),
    operator("G13", "number above that of pupils", _beyond, _SIZE, _counts),
    *(operator(f"G19-{person.table}-{person.column[:6]}", f"person of {person.table} not in the list of staff",
          _stranger(person.column), [f"{person.column.removesuffix('_pid')}_in_staff"],
          table_is(person.table))
      for person in STAFF if person.table != "contest_result"),
    *(operator(f"G20-{person.table}", f"person of {person.table} not in the contingent",
          _stranger(person.column), ["person_in_contingent"], table_is(person.table))
      for person in PUPILS),
    operator("G21", "number differs in two forms of a school", _twin, ["n_sen_agrees", "n_accounted_agrees"],
        table_is(*(t.table for t in TWINS), *(t.other for t in TWINS))),
)  # fmt: skip
