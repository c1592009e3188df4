"""The figures that every side must come to, and their checksum.

Belongs here: four measures of ВПР by school, grade and subject, from any side's database. Cells
under three pupils stay out: our marts show only their n.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import duckdb

_OURS = """
select measure_code, school_id, grade, subject,
       cast(numerator as bigint), cast(denominator as bigint)
from marts.indicator_value
where measure_code in ('D1.03a', 'D1.07a', 'D1.07b', 'D1.13a') and level = 'school'
  and grade is not null and subject is not null and denominator >= 3
order by all
"""

FLOOR = """
with scored as (
    select s.school_id, p.grade, p.subject, p.present, p.total, v.cut3, v.cut4, v.cut5
    from pupil p join school s on s.login = p.login
    left join scale v on v.cal_year = p.cal_year and v.programme_grade = p.grade
                     and v.subject = p.subject and v.season = 'spring'
), paper as (
    select school_id, grade, subject, count(*) as n_listed,
           count(*) filter (where present) as n_part,
           count(*) filter (where present and total >= cut3) as basic,
           count(*) filter (where present and total >= cut4) as quality,
           count(*) filter (where present and total >= cut5) as high, max(cut5) as cut5
    from scored group by all
)
select 'D1.03a', school_id, grade, subject, basic, n_part from paper where n_part >= 3 and cut5 is not null
union all select 'D1.07a', school_id, grade, subject, high, n_part from paper where n_part >= 3 and cut5 is not null
union all select 'D1.07b', school_id, grade, subject, quality, n_part from paper where n_part >= 3 and cut5 is not null
union all select 'D1.13a', school_id, grade, subject, n_part, n_listed from paper where n_listed >= 3
order by all
"""


def checksum(rows: list[tuple[object, ...]]) -> str:
    """Number of figures and a hash of them in order."""
    text = "\n".join("|".join(map(str, row)) for row in rows)
    return f"{len(rows)} figures {hashlib.sha256(text.encode()).hexdigest()[:12]}"


def published_checksum(database: Path) -> str:
    """The checksum of a database that holds our marts."""
    with duckdb.connect(str(database), read_only=True) as connection:
        return checksum(connection.execute(_OURS).fetchall())
