"""A person's acceptance lets exactly its deliveries and rules pass, for its time."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from expectations.acceptance import expired, first_end
from expectations.gate import check_tables
from expectations.promote import promote
from expectations.suites import rules_of
from ingestion.contracts import load_contracts
from ingestion.deliveries import fill_acceptances
from ingestion.load import create_raw_tables
from tests.unit.expectations.small_city import CLEAN, NOW, City, delivery_of, open_city
from warehouse.database import open_database

TABLE, RULE = "agreement", "period_in_order"
BACKWARDS = {"valid_to": dt.date(2020, 1, 1)}
FUTURE, PAST = dt.date(2999, 12, 31), dt.date(2021, 1, 1)


def accept(con, delivery, *, rule="", until=FUTURE, seq=1):
    params = json.dumps({"rule": rule, "document": "77-р", "until": until.isoformat()})
    con.execute(
        "insert into meta.journal_event (seq, event, happened_at, sha256, delivery_id, reason, "
        "params) values (?, 'accepted', ?, ?, ?, 'школа подтвердила', ?)",
        [seq, NOW, delivery * 4, delivery, params],
    )
    fill_acceptances(con)


@pytest.fixture
def bad(city):
    """An agreement that ends before it begins, in one delivery."""
    city.con.execute(f"update incoming.{TABLE} set valid_to = date '2020-01-01'")
    return city


def judged(city, judge):
    verdict = check_tables(city.settings, city.con, [TABLE], judge)[TABLE]
    return verdict, next(item for item in verdict.results if item.name == RULE)


@pytest.mark.parametrize("rule", ["", RULE])
def test_an_accepted_failure_passes_and_says_why(bad, judge, rule):
    accept(bad.con, delivery_of(TABLE), rule=rule)
    verdict, result = judged(bad, judge)
    assert verdict.passed
    assert (result.success, result.severity) == (False, "accepted")
    assert result.accepted == (delivery_of(TABLE),)
    assert "принята до 31.12.2999: школа подтвердила (документ 77-р)" in result.detail


@pytest.mark.parametrize(
    "words",
    [
        {"until": PAST},
        {"rule": "near_last_year"},
        {"delivery": "d-another"},
    ],
    ids=["ended", "other-rule", "other-delivery"],
)
def test_what_the_words_do_not_cover_holds(bad, judge, words):
    words = dict(words)
    accept(bad.con, words.pop("delivery", delivery_of(TABLE)), **words)
    verdict, result = judged(bad, judge)
    assert not verdict.passed
    assert result.severity == "critical"


def test_a_later_word_replaces_the_earlier_one(bad, judge):
    accept(bad.con, delivery_of(TABLE))
    accept(bad.con, delivery_of(TABLE), until=PAST, seq=2)
    assert not judged(bad, judge)[0].passed


def test_a_second_bad_delivery_is_not_accepted_with_the_first(bad, judge):
    bad.insert(TABLE, [{**CLEAN[TABLE][0], **BACKWARDS, "school_id": "B"}], "d-second")
    accept(bad.con, delivery_of(TABLE))
    verdict, result = judged(bad, judge)
    assert not verdict.passed
    assert result.deliveries == ("d-second",)
    accept(bad.con, "d-second", seq=2)
    result = judged(bad, judge)[1]
    assert result.severity == "accepted"


def test_what_would_break_the_models_cannot_be_accepted(city, judge):
    city.spoil(TABLE)
    accept(city.con, delivery_of(TABLE))
    verdict, _ = judged(city, judge)
    assert not verdict.passed
    assert [item.severity for item in verdict.failures] == ["critical", "critical"]


def test_only_rules_by_hand_can_be_accepted():
    for table in load_contracts():
        names = {rule.name for rule in rules_of(table, ("RU",)) if rule.acceptable}
        assert not {
            name
            for name in names
            if name.startswith(("pattern_", "required_", "unique_k", "parts_"))
        }


def test_the_use_ends_with_its_day_or_a_new_judgement(tmp_path, judge):
    settings = open_city(tmp_path)
    with open_database(settings) as con:
        create_raw_tables(con)
        city = City(con, settings)
        con.execute("insert into meta.plan_part values (?, 'd-new', 1, 'add', 'k')", [TABLE])
        city.insert(TABLE, [{**CLEAN[TABLE][0], **BACKWARDS}], "d-new")
        city.insert("school", CLEAN["school"], "d-reg", schema="raw")
        con.execute(
            "insert into meta.delivery_part values ('d-new', 1, ?, 'k', 'h', 1, null, 1, true)",
            [TABLE],
        )
        accept(con, "d-new", rule=RULE)
        verdict, _ = judged(city, judge)
        promote(con, [verdict], "run", NOW)
        assert first_end(con) == "2999-12-31"
        assert expired(con, dt.date(2999, 12, 31)) == set()
        assert expired(con, dt.date(3000, 1, 1)) == {"d-new"}
        accept(con, "d-new", rule=RULE, until=PAST, seq=2)
        city.insert(TABLE, [{**CLEAN[TABLE][0], **BACKWARDS}], "d-new")
        verdict, _ = judged(city, judge)
        promote(con, [verdict], "run", NOW)
        assert (expired(con, dt.date(3000, 1, 1)), first_end(con)) == (set(), "")
