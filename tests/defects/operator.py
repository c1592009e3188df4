"""What an operator is: one defect, what it changes, where it has to be caught.

Belongs here: the object and ways to pick cells. Not here: the operators (`of_*`), the verdict on
a cell of the matrix (`cells`).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.defects.paper import Draft, NotApplicable, Paper

MUST, SHOULD = "must", "should"
SAME = ("same",)
OUTSIDE = ("outside",)
Spoil = Callable[[Draft, random.Random], Sequence[str] | None]


@dataclass(frozen=True)
class Operator:
    """One defect.

    Attributes:
        code: stable name; D01–D63 as in the census of real files where it is one of those.
        title: English, what is wrong.
        spoil: changes a draft; may return what it expects of this very draft.
        expect: any of these is right. `row:CODE` a rejected row (`row:*`: any code), `file:CODE`
            a refused file, `gate:rule` a rule of the gate that fails (`gate:*`: a critical one),
            `same` the same rows as in the clean file, `blank` the same but the marked cells
            empty, `outside` a school that the register does not know.
        level: must or should.
        where: which papers it applies to.
        whole: needs the whole file; else its first rows are enough.
        group: what it is about, for the table.
    """

    code: str
    title: str
    spoil: Spoil
    expect: tuple[str, ...]
    level: str = MUST
    where: Callable[[Paper], bool] = lambda paper: True
    whole: bool = False
    group: str = ""

    @property
    def to_gate(self) -> bool:
        return any(one.startswith(("gate:", "outside")) for one in self.expect)


def some(rng: random.Random, items: Sequence[int], n: int = 1) -> list[int]:
    """A few of them, in order."""
    if not items:
        raise NotApplicable
    return sorted(rng.sample(list(items), min(n, len(items))))


def one(rng: random.Random, names: Sequence[str]) -> str:
    if not names:
        raise NotApplicable
    return rng.choice(list(names))


def in_cell(draft: Draft, rng: random.Random, names: Sequence[str], value: object) -> str:
    """Put a value into one filled cell of one of the columns; which column."""
    name = one(rng, [n for n in names if draft.filled(n)])
    (i,) = some(rng, draft.filled(name))
    draft.put(i, name, value(draft.get(i, name)) if callable(value) else value)
    if isinstance(value, str) and len(value) > 8:
        draft.planted.append(value)
    return name


def plain(paper: Paper) -> bool:
    """A register, an export or a form: rows of columns."""
    return paper.kind == "plain" and paper.container != "records"


def grid(paper: Paper) -> bool:
    return paper.container != "records"


def xlsx(paper: Paper) -> bool:
    return paper.container == "xlsx"
