"""Which parts are in force, what is staged, and that no row gets lost."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from ingestion import load
from ingestion.deliveries import AccountingError
from ingestion.journal import open_journal
from ingestion.read import cache
from ingestion.read.model import Reading
from ingestion.read.pool import ReadBatch
from ingestion.readings import register
from tests.unit.ingestion.intake_world import (
    GENERATION,
    SCHOOLS,
    World,
    make_installation,
    pupil,
)
from warehouse.database import open_database


@pytest.fixture
def world(tmp_path):
    settings = make_installation(tmp_path)
    with open_database(settings) as con:
        world = World(settings, con)
        world.deliver("реестр", "school", SCHOOLS)
        yield world


SCORES = "select delivery_id, primary_score from raw.vpr_pupil order by all"


def test_first_turn_puts_rows_in_force_with_their_school(world) -> None:
    delivery = world.deliver("a", "vpr_pupil", [pupil(1), pupil(2, "sch230002")])
    plan = world.promote()
    assert plan.changed == ("school", "vpr_paper_task", "vpr_pupil")
    assert world.rows(
        "select delivery_id, pupil_code, school_id, school_match from raw.vpr_pupil order by 2"
    ) == [(delivery, "1", "s1", "login"), (delivery, "2", "s2", "login")]
    assert world.states() == {"a.xlsx": "accepted", "реестр.xlsx": "accepted"}
    assert world.rows("select count(*) from meta.delivery_part where in_force") == [(2,)]


def test_nothing_new_changes_nothing(world) -> None:
    world.deliver("a", "vpr_pupil", [pupil(1)])
    world.promote()
    assert world.promote().changed == ()
    assert world.rows("select count(*) from incoming.vpr_pupil") == [(0,)]
    assert world.rows("select count(*) from incoming.candidate_vpr_pupil") == [(1,)]


def test_newer_delivery_with_the_same_key_supersedes(world) -> None:
    world.deliver("old", "vpr_pupil", [pupil(1)])
    world.promote()
    new = world.deliver("new", "vpr_pupil", [pupil(9)])
    plan = world.promote()
    assert (plan.tables["vpr_pupil"].add, plan.tables["vpr_pupil"].drop) == (1, 1)
    assert world.rows(SCORES) == [(new, 9)]
    assert world.states() == {
        "old.xlsx": "superseded",
        "new.xlsx": "accepted",
        "реестр.xlsx": "accepted",
    }
    assert world.rows("select superseded_by from meta.delivery where status = 'superseded'") == [
        (new,)
    ]


def test_candidates_are_rows_that_stay_and_rows_that_come(world) -> None:
    world.deliver("a", "vpr_pupil", [pupil(1)], "a")
    world.deliver("b", "vpr_pupil", [pupil(2)], "b")
    world.promote()
    world.deliver("b2", "vpr_pupil", [pupil(3)], "b")
    world.stage()
    assert world.rows("select primary_score from incoming.vpr_pupil") == [(3,)]
    assert world.rows("select primary_score from incoming.candidate_vpr_pupil order by 1") == [
        (1,),
        (3,),
    ]


def test_saved_again_with_the_same_rows_makes_no_new_version(world) -> None:
    first = world.deliver("a", "vpr_pupil", [pupil(1)])
    world.promote()
    world.deliver("a resaved", "vpr_pupil", [pupil(1)])
    assert world.promote().changed == ()
    assert world.rows(SCORES) == [(first, 1)]
    assert world.states()["a resaved.xlsx"] == "same_rows"


def test_content_that_comes_back_is_in_force_again(world) -> None:
    first = world.deliver("a", "vpr_pupil", [pupil(1)])
    world.deliver("b", "vpr_pupil", [pupil(2)])
    world.promote()
    world.event("again", "a", name="b.xlsx")
    world.promote()
    assert world.rows(SCORES) == [(first, 1)]
    assert world.states()["b.xlsx"] == "superseded"


def test_document_date_goes_before_arrival_if_all_have_one(world) -> None:
    late = world.deliver("l", "vpr_pupil", [pupil(2)], document_date=dt.date(2021, 5, 2))
    world.deliver("e", "vpr_pupil", [pupil(1)], document_date=dt.date(2021, 5, 1))
    world.promote()
    assert world.rows(SCORES) == [(late, 2)]
    undated = world.deliver("u", "vpr_pupil", [pupil(3)])
    world.promote()
    assert world.rows(SCORES) == [(undated, 3)]


def test_two_different_files_that_came_together_are_a_conflict(world) -> None:
    before = world.deliver("before", "vpr_pupil", [pupil(1)])
    world.promote()
    at = world.look()
    world.deliver("x", "vpr_pupil", [pupil(2)], at=at)
    withdrawn = world.deliver("y", "vpr_pupil", [pupil(3)], at=at)
    world.promote()
    assert world.rows(SCORES) == [(before, 1)]
    assert [world.states()[name] for name in ("before.xlsx", "x.xlsx", "y.xlsx")] == [
        "accepted",
        "conflict",
        "conflict",
    ]
    reasons = world.rows("select reason_code, reason from meta.delivery where status='conflict'")
    assert {code for code, _ in reasons} == {"CONFLICT"}
    assert ["«y.xlsx»" in reasons[0][1], "«x.xlsx»" in reasons[1][1]] == [True, True]
    world.event("withdrawn", "y", reason="не тот файл")
    world.promote()
    assert world.states()["x.xlsx"] == "accepted"
    assert world.states()["y.xlsx"] == "withdrawn"
    (reason,) = world.rows(f"select reason from meta.delivery where delivery_id = '{withdrawn}'")
    assert reason[0].startswith("не тот файл (24.11.2026")
    world.event("again", "y", name="y.xlsx")
    world.promote()
    assert (world.states()["x.xlsx"], world.states()["y.xlsx"]) == ("accepted", "withdrawn")
    (reason,) = world.rows(f"select reason from meta.delivery where delivery_id = '{withdrawn}'")
    assert reason[0].startswith("Файл с этим содержимым отозван ранее")
    assert "Причина: не тот файл (24.11.2026" in reason[0]


def test_same_rows_that_came_together_are_no_conflict(world) -> None:
    at = world.look()
    world.deliver("x", "vpr_pupil", [pupil(2)], at=at)
    world.deliver("y", "vpr_pupil", [pupil(2)], at=at)
    world.promote()
    assert sorted(world.states().values()) == ["accepted", "accepted", "same_rows"]


def test_dated_files_that_came_together_are_no_conflict(world) -> None:
    at = world.look()
    world.deliver("x", "vpr_pupil", [pupil(1)], at=at, document_date=dt.date(2021, 5, 3))
    world.deliver("y", "vpr_pupil", [pupil(2)], at=at, document_date=dt.date(2021, 5, 2))
    world.promote()
    assert world.states()["x.xlsx"] == "accepted"
    assert world.states()["y.xlsx"] == "superseded"


def test_withdrawn_delivery_leaves_and_the_one_before_returns(world) -> None:
    old = world.deliver("old", "vpr_pupil", [pupil(1)])
    world.deliver("new", "vpr_pupil", [pupil(2)])
    world.promote()
    world.event("withdrawn", "new", reason="ошибка")
    world.promote()
    assert world.rows(SCORES) == [(old, 1)]
    world.event("told", "new", told={"subject": "MA"})
    world.readings.clear()
    assert [item.told for item in world.todo()] == [{"subject": "MA"}]


def test_broken_correction_leaves_the_good_one_in_force(world) -> None:
    good = world.deliver("good", "vpr_pupil", [pupil(1)])
    bad = world.event("received", "bad")
    world.refuse(bad, "ZIP_BROKEN")
    world.register()
    world.promote()
    assert world.rows(SCORES) == [(good, 1)]
    (row,) = world.rows(f"select status, reason_code from meta.delivery where delivery_id='{bad}'")
    assert row == ("refused", "ZIP_BROKEN")


def test_held_correction_leaves_the_good_one_in_force_and_is_tried_again(world) -> None:
    good = world.deliver("good", "vpr_pupil", [pupil(1)])
    world.promote()
    held = world.deliver("held", "vpr_pupil", [pupil(2)])
    world.promote("vpr_pupil")
    assert world.rows(SCORES) == [(good, 1)]
    assert world.states()["good.xlsx"] == "accepted"
    assert world.states()["held.xlsx"] == "held"
    ((code, reason),) = world.rows(
        f"select reason_code, reason from meta.delivery where delivery_id = '{held}'"
    )
    assert code == "HELD"
    assert "msoko withdraw" in reason
    assert world.promote().changed == ("vpr_pupil",)
    assert world.rows(SCORES) == [(held, 2)]


def test_parts_of_one_delivery_live_their_own_lives(world) -> None:
    delivery = world.event("received", "stack")
    world.reading(
        delivery,
        [("vpr_pupil", [pupil(1)], "key a", {}), ("vpr_pupil", [pupil(2)], "key b", {})],
    )
    world.register()
    world.promote()
    fix = world.deliver("fix", "vpr_pupil", [pupil(3)], "x")
    world.con.execute(
        "update meta.delivery_part set logical_key='key a' where delivery_id=?", [fix]
    )
    world.promote()
    assert world.rows("select part_no, primary_score from raw.vpr_pupil order by all") == [
        (1, 3),
        (2, 2),
    ]
    assert world.states()["stack.xlsx"] == "accepted"


def test_derived_table_follows_its_parts(world) -> None:
    delivery = world.deliver("a", "vpr_pupil", [pupil(1)])
    segment = world.readings[delivery].segment
    task = {
        "delivery_id": delivery,
        "part_no": 1,
        "sheet": "Лист1",
        "row_no": 1,
        "task_position": 1,
        "task_label": "1",
        "is_running_number": False,
    }
    world.write_segment(segment, "vpr_paper_task", [task])
    world.promote()
    assert world.rows("select delivery_id, task_label from raw.vpr_paper_task") == [(delivery, "1")]
    assert world.rows(
        "select rows_accepted, rows_read from meta.delivery where table_name='vpr_pupil'"
    ) == [(1, 1)]
    world.event("withdrawn", "a", reason="ошибка")
    world.promote()
    assert world.rows("select count(*) from raw.vpr_paper_task") == [(0,)]


def test_schools_outside_the_register_stay_out_and_are_counted(world) -> None:
    delivery = world.deliver(
        "a", "vpr_pupil", [pupil(1), pupil(2, "edu239999", "МБОУ СОШ № 2"), pupil(3, "spo230001")]
    )
    world.promote()
    assert world.rows(SCORES) == [(delivery, 1)]
    assert world.rows(
        "select rows_read, rows_accepted, rows_rejected, rows_outside_register from meta.delivery"
        " where table_name = 'vpr_pupil'"
    ) == [(3, 1, 0, 2)]
    assert world.rows(
        "select school_code, school_name_given, school_id, n from meta.school_resolution order by 1"
    ) == [("edu239999", "МБОУ СОШ № 2", None, 1), ("spo230001", None, None, 1)]


def test_school_added_tomorrow_admits_the_rows_of_yesterday(world) -> None:
    world.deliver("a", "vpr_pupil", [pupil(1), pupil(2, "edu230004")])
    world.promote()
    fourth = {**SCHOOLS[0], "school_id": "s4", "fis_login": "edu230004", "short_name": "СОШ 4"}
    world.deliver("реестр 2", "school", [*SCHOOLS, fourth | {"rcoi_code": None, "inn": None}])
    plan = world.promote()
    assert plan.changed == ("school", "vpr_pupil")
    assert world.rows("select school_id from raw.vpr_pupil order by 1") == [("s1",), ("s4",)]
    assert world.rows("select sum(rows_outside_register) from meta.delivery") == [(0,)]


def test_register_saved_again_touches_nothing(world) -> None:
    world.deliver("a", "vpr_pupil", [pupil(1)])
    world.promote()
    world.deliver("реестр 2", "school", SCHOOLS)
    assert world.promote().changed == ()


def test_held_register_change_is_staged_again_in_full(world) -> None:
    world.deliver("a", "vpr_pupil", [pupil(1)])
    world.promote()
    world.deliver("реестр 2", "school", SCHOOLS[:2])
    world.promote("school", "vpr_pupil")
    assert world.promote().changed == ("school", "vpr_pupil")


def test_without_a_register_nothing_moves(tmp_path) -> None:
    settings = make_installation(tmp_path)
    with open_database(settings) as con:
        world = World(settings, con)
        world.deliver("a", "vpr_pupil", [pupil(1)])
        assert world.promote().changed == ("vpr_paper_task",)
        assert world.rows("select status, reason_code from meta.delivery") == [
            ("held", "NO_REGISTER")
        ]
        world.deliver("реестр", "school", SCHOOLS)
        assert set(world.promote().changed) == {"school", "vpr_pupil"}
        world.event("withdrawn", "реестр", reason="ошибка")
        assert world.promote().changed == ()
        assert world.rows("select count(*) from raw.school") == [(3,)]
        assert world.states()["a.xlsx"] == "accepted"


def test_rows_above_the_school_need_no_school(world) -> None:
    def unit(level: str, name: str, code: str | None = None) -> dict:
        return {
            "unit_level": level,
            "unit_name": name,
            "school_code": code,
            "school_name_given": name,
            "n_part": 1,
            "pct_2": 0.0,
            "pct_3": 0.0,
            "pct_4": 0.0,
            "pct_5": 100.0,
        }

    world.deliver(
        "f3",
        "vpr_marks",
        [
            unit("sample", "Вся выборка"),
            unit("municipality", "МБОУ СОШ № 1"),
            unit("school", "СОШ № 1", "edu230001"),
            unit("school", "Чужая", "edu239999"),
        ],
    )
    world.promote()
    assert world.rows("select unit_level, school_id from raw.vpr_marks order by row_no") == [
        ("sample", None),
        ("municipality", None),
        ("school", "s1"),
    ]
    assert world.rows(
        "select rows_accepted, rows_outside_register from meta.delivery where table_name='vpr_marks'"
    ) == [(3, 1)]


def test_rows_of_the_municipality_have_no_school(world) -> None:
    def value(code: str | None, name: str | None = None) -> dict:
        return {"school_code": code, "school_name_given": name, "custom_code": code or name}

    rows = [value("edu230001"), value("edu230099"), value(None), value(None, "СОШ № 99")]
    world.deliver("v", "custom_indicator", rows)
    world.promote()
    found = world.rows(
        "select custom_code, school_id, school_match from raw.custom_indicator order by all"
    )
    assert found == [("edu230001", "s1", "login"), (None, None, None)]
    outside = "select rows_outside_register from meta.delivery where table_name='custom_indicator'"
    assert world.rows(outside) == [(2,)]


def test_rows_missing_in_the_cache_stop_everything(world) -> None:
    delivery = world.deliver("a", "vpr_pupil", [pupil(1), pupil(2)])
    world.write_segment(world.readings[delivery].segment, "vpr_pupil", [])
    with pytest.raises(AccountingError, match=delivery):
        world.promote()


def test_rows_of_another_reading_of_the_same_delivery_do_not_count(world) -> None:
    delivery = world.deliver("a", "vpr_pupil", [pupil(1)])
    stranger = world.deliver("b", "vpr_pupil", [pupil(2)], "b")
    mixed = [
        {"delivery_id": d, "part_no": 1, "sheet": "Лист1", "row_no": 2, **pupil(n)}
        for d, n in ((stranger, 2), (delivery, 7))
    ]
    world.write_segment(world.readings[stranger].segment, "vpr_pupil", mixed)
    world.promote()
    assert world.rows("select primary_score from raw.vpr_pupil order by 1") == [(1,), (2,)]


def test_reading_that_lost_rows_is_a_defect(world) -> None:
    delivery = world.event("received", "a")
    todo = world.todo()
    reading = Reading(delivery, "read", rows_read=3, rows_accepted=1, rows_rejected=1)
    with pytest.raises(AccountingError):
        register(world.con, [ReadBatch([reading], {})], todo=todo, generation=GENERATION)


def test_rejections_have_sentences(world) -> None:
    delivery = world.event("received", "a")
    world.reading(delivery, [("vpr_pupil", [pupil(1)], "k", {})])
    reading = world.readings[delivery]
    reading.rows_read, reading.rows_rejected = 2, 1
    reading.rejections = [("Лист1", 3, "Отметка", "OUT_OF_RANGE", {"minimum": 2, "maximum": 5})]
    world.register()
    world.promote()
    assert world.rows("select sheet, row_no, column_name, code, sentence from meta.rejection") == [
        (
            "Лист1",
            3,
            "Отметка",
            "OUT_OF_RANGE",
            "Число вне допустимых пределов (2…5). Исправьте ячейку и пришлите файл заново.",
        )
    ]
    assert world.rows(
        "select rows_read, rows_accepted, rows_rejected, rows_structural from meta.delivery"
        " where table_name = 'vpr_pupil'"
    ) == [(2, 1, 1, 1)]


def test_refused_at_the_door_is_a_delivery_too(world) -> None:
    world.event("refused", "link", name="link.xlsx", code="NOT_A_FILE")
    world.promote()
    (row,) = world.rows(
        "select status, reason_code, rows_read, rows_structural, reason from meta.delivery"
        " where original_name = 'link.xlsx'"
    )
    assert row[:4] == ("refused", "NOT_A_FILE", 0, 0)
    assert row[4].startswith("Это не обычный файл")


def test_another_name_is_tried_for_what_its_name_did_not_say(world) -> None:
    delivery = world.event("received", "a")
    world.refuse(delivery, "ENVELOPE_MISSING", fields="предмет")
    world.register()
    assert world.todo() == []
    world.event("alias", "a", name="2021/4/Математика.xlsx")
    assert [item.name for item in world.todo()] == ["2021/4/Математика.xlsx"]
    world.reading(delivery, [("vpr_pupil", [pupil(1)], "k", {})])
    world.register()
    assert world.todo() == []
    world.event("alias", "a", name="2021/5/Математика.xlsx")
    assert world.todo() == []


def test_unreadable_file_is_not_tried_again_under_another_name(world) -> None:
    delivery = world.event("received", "a")
    world.refuse(delivery, "ZIP_BROKEN")
    world.register()
    world.event("alias", "a", name="b.xlsx")
    assert world.todo() == []


def test_emptied_cache_and_damaged_vault_are_read_again(world) -> None:
    delivery = world.deliver("a", "vpr_pupil", [pupil(1)])
    folder = cache.folder_of(world.settings, GENERATION)
    cache.segment_path(folder, world.readings[delivery].segment, "vpr_pupil").unlink()
    assert [item.delivery_id for item in world.todo()] == [delivery]
    world.refuse(delivery, "VAULT_DAMAGED")
    world.register()
    assert [item.delivery_id for item in world.todo()] == [delivery]


def test_told_facts_add_up(world) -> None:
    world.event("received", "a", told={"subject": "RU", "grade_label": "4"})
    world.event("told", "a", told={"subject": "MA"})
    assert [item.told for item in world.todo()] == [{"subject": "MA", "grade_label": "4"}]


def test_journal_of_another_vault_replaces_the_copy(world) -> None:
    world.promote()
    (world.settings.vault / "journal.jsonl").unlink()
    world.event("received", "other")
    load.sync_journal(world.con, open_journal(world.settings))
    assert world.rows("select seq, name from meta.journal_event") == [(1, "other.xlsx")]


def test_changed_contract_makes_its_table_anew(world) -> None:
    world.deliver("a", "vpr_pupil", [pupil(1)])
    world.promote()
    world.con.execute("alter table raw.vpr_pupil drop column sex")
    load.create_raw_tables(world.con)
    assert world.rows("select count(*) from raw.vpr_pupil") == [(0,)]
    assert world.promote().changed == ("vpr_pupil",)
    assert world.rows("select count(*) from raw.vpr_pupil") == [(1,)]


def test_turn_cut_before_the_move_is_made_good_by_the_next(world) -> None:
    world.deliver("a", "vpr_pupil", [pupil(1)])
    world.stage()
    assert set(world.states().values()) == {"held"}
    world.promote()
    assert set(world.states().values()) == {"accepted"}


@given(
    order=st.permutations(range(4)),
    batches=st.lists(st.booleans(), min_size=4, max_size=4),
)
@hypothesis_settings(max_examples=8, deadline=None)
def test_order_of_arrival_of_distinct_keys_does_not_matter(
    tmp_path_factory, order, batches
) -> None:
    found = []
    for arrivals in (range(4), order):
        settings = make_installation(tmp_path_factory.mktemp("order"))
        with open_database(settings) as con:
            world = World(settings, con)
            world.deliver("реестр", "school", SCHOOLS)
            for number, promote in zip(arrivals, batches, strict=True):
                world.deliver(f"{number}", "vpr_pupil", [pupil(number)], f"key {number}")
                if promote:
                    world.promote()
            world.promote()
            found.append(
                (
                    world.states(),
                    world.rows("select * from raw.vpr_pupil order by all"),
                    world.rows(
                        "select * exclude (seq, received_at) from meta.delivery order by all"
                    ),
                )
            )
    assert found[0] == found[1]


def history(world):
    """Corrections, a withdrawal, a content that comes back; one step at a time."""
    yield world.deliver("реестр", "school", SCHOOLS)
    for number in range(4):
        yield world.deliver(f"v{number}", "vpr_pupil", [pupil(number % 3)], "k")
    yield world.event("withdrawn", "v2", reason="ошибка")
    yield world.event("again", "v1", name="v3.xlsx")


def test_incremental_turns_and_one_rebuild_come_to_the_same(tmp_path) -> None:
    results = []
    for nightly in (True, False):
        settings = make_installation(tmp_path / str(nightly))
        with open_database(settings) as con:
            world = World(settings, con)
            for _ in history(world):
                if nightly:
                    world.promote()
            world.promote()
            results.append((world.states(), world.rows("select * from raw.vpr_pupil")))
    assert results[0] == results[1]
    assert results[0][0]["v1.xlsx"] == "accepted"
