"""Defects of whole files: another year's, another school's, exchanged codes, lost rows.

Belongs here: rows of a school that stand in the wrong place or nowhere. Not here: single numbers and
persons (`of_groups`).
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import partial

from expectations.suites.copies import FILES
from tests.defects.of_groups import (
    counted,
    group_of,
    groups_of,
    number,
    operator,
    table_is,
)
from tests.defects.operator import SHOULD
from tests.defects.paper import NotApplicable

_COPIED = {file.table: file for file in FILES}


def _file(draft):
    table = draft.contract.table
    if table not in _COPIED or "school_code" not in draft.columns:
        raise NotApplicable
    return _COPIED[table]


def _of_year(draft):
    """Column of the year, which a file of several years has."""
    file = _file(draft)
    if not file.of_year or file.year not in draft.columns:
        raise NotApplicable
    return file.year


def _says_little(draft, rows):
    """Whether the rows may well be the same again: a few persons, a few small numbers."""
    if draft.contract.identities:
        return len(rows) < 6
    file = _COPIED[draft.contract.table]
    numbers = [
        n for n in file.content
        if n in draft.columns and draft.contract.column(n).type in ("int", "number")
    ]  # fmt: skip
    found = defaultdict(set)
    for i in rows:
        part = tuple(str(draft.get(i, n)) for n in file.more if n in draft.columns)
        found[part] |= {number(draft.get(i, n)) for n in numbers}
    return all(sum((v or 0) > 2 for v in part) < file.least for part in found.values())


def _last_year(draft, rng, *, little=False):
    """A school's rows of one year stand once more under the next year instead of its own."""
    year = _of_year(draft)
    groups = groups_of(draft)
    pairs = [
        (school, this, _next(this)) for (school, this), rows in groups.items()
        if (school, _next(this)) in groups and _says_little(draft, rows) == little
    ]  # fmt: skip
    if not pairs or (little and draft.contract.identities):
        raise NotApplicable
    school, this, following = rng.choice(sorted(pairs))
    old = [list(draft.rows[draft.at[i]]) for i in groups[school, this]]
    for row in old:
        row[draft.columns[year]] = following
    _replace(draft, groups[school, following], old)
    # Where the key has no year, the old rows and the new ones are the same row twice.
    return None if year in draft.contract.key else ["row:DUPLICATE_ROW", *_YEAR]


def _next(year):
    if re.fullmatch(r"20\d\d/\d\d", year):
        return f"{int(year[:4]) + 1}/{(int(year[-2:]) + 1) % 100:02d}"
    return str(int(float(year)) + 1) if year else ""


def _replace(draft, rows, new):
    """Other rows where these stand."""
    positions = sorted(draft.at[i] for i in rows)
    for position in reversed(positions):
        del draft.rows[position]
    draft.rows[positions[0] : positions[0]] = new
    draft.marks = [(positions[0] + 1 + n, None) for n in range(len(new))]


def _other_school(draft, rng, *, little=False):
    """A school hands in the rows of another one under its own code."""
    _file(draft)
    groups = groups_of(draft)
    years = sorted({year for _, year in groups})
    inner = [y for y in years if len(years) < 3 or y not in (years[0], years[-1])]
    year = rng.choice(inner)
    least = 5 if draft.contract.identities else 1
    schools = sorted(s for s, y in groups if y == year and len(groups[s, y]) >= least)
    givers = [s for s in schools if _says_little(draft, groups[s, year]) == little]
    if len(schools) < 2 or not givers or (little and draft.contract.identities):
        raise NotApplicable
    a = rng.choice(givers)
    b = rng.choice([s for s in schools if s != a])
    name = draft.columns.get("school_name_given")
    own = draft.get(groups[b, year][0], "school_name_given") if name is not None else None
    copied = [list(draft.rows[draft.at[i]]) for i in groups[a, year]]
    for row in copied:
        row[draft.columns["school_code"]] = b
        if name is not None:
            row[name] = own
    _replace(draft, groups[b, year], copied)


def _exchanged(draft, rng):
    """Codes of two schools are exchanged in all rows of a year."""
    if "school_code" not in draft.columns:
        raise NotApplicable
    groups = groups_of(draft)
    years = sorted({year for _, year in groups})
    inner = [y for y in years if len(years) < 3 or y not in (years[0], years[-1])]
    year = rng.choice(inner)
    names = _counted_or_rows(draft)
    sizes = {
        school: max((number(draft.get(i, names[0])) or 0 for i in rows), default=0)
        if names else len(rows)
        for (school, y), rows in groups.items() if y == year
    }  # fmt: skip
    if len(sizes) < 2:
        raise NotApplicable
    small, large = min(sizes, key=sizes.get), max(sizes, key=sizes.get)
    if sizes[large] < 1.7 * sizes[small] or not sizes[small]:
        raise NotApplicable
    code, name = draft.columns["school_code"], draft.columns.get("school_name_given")
    first = draft.rows[draft.at[groups[small, year][0]]]
    second = draft.rows[draft.at[groups[large, year][0]]]
    pairs = [(first[c], second[c]) for c in (code, name) if c is not None]
    for school in (small, large):
        for i in groups[school, year]:
            row = draft.rows[draft.at[i]]
            for c, (a, b) in zip([c for c in (code, name) if c is not None], pairs, strict=True):
                row[c] = b if row[c] == a else a
            draft.mark(i)


def _counted_or_rows(draft):
    try:
        return counted(draft)
    except NotApplicable:
        return []


def _lost_schools(draft, rng):
    """Rows of two of the schools are missing in a year that is over."""
    if "school_code" not in draft.columns:
        raise NotApplicable
    groups = groups_of(draft)
    years = sorted({year for _, year in groups})
    if len(years) < 2:
        raise NotApplicable
    year = years[-2]
    schools = sorted({s for s, y in groups if y == year})
    if len(schools) < 5:
        raise NotApplicable
    gone = {draft.at[i] for s in rng.sample(schools, 3) for i in groups[s, year]}
    draft.sheet.rows = [row for n, row in enumerate(draft.sheet.rows) if n not in gone]
    draft.alone = True


def _half(draft, rng):
    """Half of the rows of a school are missing."""
    rows = group_of(draft, rng, least=20)
    if len(rows) < 20:
        raise NotApplicable
    gone = {draft.at[i] for i in rows[len(rows) // 2 - len(rows) // 10 :]}
    draft.sheet.rows = [row for n, row in enumerate(draft.sheet.rows) if n not in gone]


_op = partial(operator, group="whole files")
_YEAR = ("gate:not_of_another_year", "gate:date_within_school_year")
_WHOSE = ("not_of_another_school", "not_list_of_another_school", "person_of_this_school", "person_in_contingent",
          "codes_not_exchanged", "far_beyond_contingent", "within_contingent", "in_one_school",
          "near_last_year", "contingent_agrees_with_form", "leaves_one_school",
          "teachers_agree_with_form", "hours_of_person", "persons_work_here", "n_sen_agrees",
          "n_accounted_agrees")  # fmt: skip
OPERATORS = (
    _op("G14", "last year's file with the new year", _last_year,
        ["not_of_another_year", "date_within_school_year"], table_is(*_COPIED)),
    _op("G15", "another school's file under one's own code", _other_school, _WHOSE, table_is(*_COPIED)),
    _op("G14s", "last year's file with the new year, which holds a few small numbers only",
        partial(_last_year, little=True), ["not_of_another_year", "date_within_school_year"],
        table_is(*_COPIED), SHOULD),
    _op("G15s", "another school's file under one's own code, with a few small numbers only",
        partial(_other_school, little=True), _WHOSE, table_is(*_COPIED), SHOULD),
    _op("G16", "codes of two schools exchanged", _exchanged, _WHOSE,
        table_is("kdr_result", "municipal_test", "pupil_year", "leaver", "vsosh_result",
                 "attendance", "diagnostic_count", "language_count", "holiday_count",
                 "social_passport", "low_result_attendance", "prevention_count")),
    _op("G17", "files of three schools missing", _lost_schools, ["schools_of_last_year"],
        table_is("burnout_survey", "career_diagnostics", "consumer_survey", "diagnostic_count",
                 "gifted_count", "holiday_count", "kdr_result", "language_count", "leaver",
                 "low_result_attendance", "municipal_test", "prevention_count", "sen_count",
                 "site_check", "staff", "staff_post", "volunteer_count", "cpd_course")),
    _op("G18", "half of a school's list lost", _half,
        ["contingent_agrees_with_form", "near_last_year", "teachers_agree_with_form",
         "all_leavers_listed"], table_is("pupil_year", "staff", "leaver")),
)  # fmt: skip
