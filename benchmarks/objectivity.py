"""How many inflating schools the own markers find, and how many honest ones they accuse.

Belongs here: the published verdicts against what was planted in a synthetic city. Not here: the
markers (dbt_project/models/marts/analysis/mart_objectivity.sql), the planting (samples/).

Run by hand on a warehouse that holds a synthetic city: `python -m benchmarks.objectivity`; the
figures in docs/objectivity.md come from it. The official list is left out: the city writes it from
the same truth.
"""

from __future__ import annotations

import json
from collections import Counter

from samples.city import TRUTH_FILE
from warehouse.database import open_database
from warehouse.settings import Settings, load_settings

# As mart_objectivity_school_year decides, without the official list.
VERDICT = """
    select school_id, school_year,
        coalesce(own_codes like '%OBJ2%', false) or own_codes_high >= 2 as is_called
    from marts.mart_objectivity_school_year
    where own_evaluated > 0
"""
MARKER = """
    select school_id, school_year, marker_code, bool_or(fired) as has_fired
    from marts.mart_objectivity
    where marker_code <> 'OFFICIAL' and fired is not null
    group by all
"""


# An ordinary school of the city also pushes some works over a boundary, as real ones do.
OFTEN = 0.5
GROUPS = {
    "inflates": "inflates everything",
    "often": "often pushes at a boundary",
    "seldom": "seldom pushes",
    "honest": "honest",
}


def group_of(plan: str, propensity: float) -> str:
    """What the markers should say of a school that was planted so."""
    if plan == "inflates" or propensity == 0:
        return "inflates" if plan == "inflates" else "honest"
    return "often" if propensity >= OFTEN else "seldom"


def report(settings: Settings) -> str:
    """A Markdown table by what was planted: school years called of those tested, and schools ever called."""
    truth = json.loads((settings.inbox / TRUTH_FILE).read_text(encoding="utf-8"))
    plan = {
        school["school_id"]: group_of(school["plan"], school["propensity"])
        for school in truth["schools"]
    }
    schools = Counter(plan.values())
    with open_database(settings, read_only=True) as con:
        rows = [
            (school, "verdict", called) for school, _, called in con.execute(VERDICT).fetchall()
        ]
        rows += [(school, name, fired) for school, _, name, fired in con.execute(MARKER).fetchall()]
    tested = Counter((name, plan[school]) for school, name, _ in rows)
    called = Counter((name, plan[school]) for school, name, fired in rows if fired)
    ever = Counter((name, plan[school]) for school, name in {row[:2] for row in rows if row[2]})
    lines = ["| marker |" + "".join(f" {title} |" for title in GROUPS.values())]
    lines.append("|---|" + "---|" * len(GROUPS))
    for name in sorted({row[1] for row in rows}, key=lambda one: (one != "verdict", one)):
        cells = [
            f"{called[name, one]} of {tested[name, one]} ({ever[name, one]} of {schools[one]} schools)"
            for one in GROUPS
        ]
        title = "verdict «требует проверки»" if name == "verdict" else name
        lines.append(f"| {title} | {' | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(report(load_settings()))
