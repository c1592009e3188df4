"""Hand-written rules: what spans columns, tables and history and so no contract can say.

Belongs here: data only, one module for each family of sources. Each rule says what it protects,
when it matters and how to resolve it. Not here: how rules are evaluated (`expectations.gate`).
"""

from __future__ import annotations

from collections.abc import Sequence

from expectations.rule import Rule
from expectations.suite import contract_rules
from expectations.suites import copies, counts, exams, forms, lists, people, register, vpr, whole
from ingestion.contracts import load_contracts

HAND_WRITTEN: tuple[Rule, ...] = (
    *register.RULES, *vpr.RULES, *exams.RULES, *lists.RULES,
    *forms.RULES, *counts.RULES, *people.RULES, *copies.RULES, *whole.RULES,
)  # fmt: skip


def rules_of(table: str, subjects: Sequence[str]) -> list[Rule]:
    """The whole suite of a table: from its contract, then by hand."""
    return [
        *contract_rules(load_contracts()[table], subjects),
        *(rule for rule in HAND_WRITTEN if rule.table == table),
    ]
