"""Inbox → vault: what is taken, what is refused, what survives a crash."""

import hashlib
import io
import json
import os
import shutil
import stat
import time
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from ingestion import inbox, vault
from ingestion.inbox import display_name
from ingestion.journal import open_journal
from ingestion.reasons import Refusal
from ingestion.receive import deliver, receive, scan, withdraw
from warehouse.settings import Settings, load_settings


@pytest.fixture
def installation(tmp_path, monkeypatch) -> Settings:
    monkeypatch.setenv("MSOKO_SETTLE_SECONDS", "0")
    return make_installation(tmp_path)


def make_installation(root: Path) -> Settings:
    settings = load_settings({"MSOKO_WAREHOUSE": str(root / "warehouse"), "HOME": str(root)})
    settings.make_folders()
    return settings


def put(settings: Settings, name: str, data: bytes, age: float = 10) -> Path:
    path = settings.inbox / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    moment = time.time() - age
    os.utime(path, (moment, moment))
    return path


def take(settings: Settings, **options):
    return receive(settings, scan(settings), **options)


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def workbook(keywords: str = "", compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(
            "docProps/core.xml", f"<cp:coreProperties><cp:keywords>{keywords}</cp:keywords></cp:x>"
        )
    return stream.getvalue()


def test_file_lies_in_the_vault_under_its_hash_and_the_inbox_is_untouched(installation) -> None:
    path = put(installation, "2021/4/Математика.xlsx", b"content")
    before = path.stat()
    result = take(installation)
    stored = vault.path_of(installation, sha(b"content"))
    assert stored.read_bytes() == b"content"
    assert stat.S_IMODE(stored.stat().st_mode) == 0o440
    assert stat.S_IMODE(stored.parent.stat().st_mode) == 0o700
    assert result.new == [sha(b"content")[:16]]
    after = path.stat()
    assert (before.st_mtime_ns, before.st_ino, before.st_nlink) == (
        after.st_mtime_ns,
        after.st_ino,
        after.st_nlink,
    )
    (event,) = open_journal(installation).events
    assert (event.event, event.name, event.size, event.kind) == (
        "received",
        "2021/4/Математика.xlsx",
        7,
        "real",
    )


def test_nothing_new_means_no_candidates_and_no_write(installation) -> None:
    put(installation, "a.xlsx", b"a")
    take(installation)
    register = installation.work / "inbox.json"
    before = register.stat().st_mtime_ns
    found = scan(installation)
    assert (found.candidates, found.unchanged) == ((), 1)
    receive(installation, found)
    assert register.stat().st_mtime_ns == before


def test_touched_file_with_the_same_bytes_leaves_no_event(installation) -> None:
    put(installation, "a.xlsx", b"a")
    take(installation)
    put(installation, "a.xlsx", b"a", age=5)
    assert take(installation).touched == 1
    assert len(open_journal(installation).events) == 1
    assert scan(installation).candidates == ()


def test_same_bytes_under_another_name_are_one_delivery(installation) -> None:
    put(installation, "a.xlsx", b"same")
    put(installation, "b.xlsx", b"same")
    result = take(installation)
    assert (len(result.new), result.aliases) == (1, 1)
    assert [event.event for event in open_journal(installation).events] == ["received", "alias"]


def test_changed_and_reverted_file_is_the_newest_again(installation) -> None:
    for content in (b"first", b"second", b"first"):
        put(installation, "a.xlsx", content, age=100 - len(open_journal(installation).events))
        result = take(installation)
    assert result.again == [sha(b"first")[:16]]
    events = open_journal(installation).events
    assert [event.event for event in events] == ["received", "received", "again"]


def test_withdrawn_bytes_that_come_again_are_told(installation) -> None:
    put(installation, "a.xlsx", b"first")
    (delivery,) = take(installation).new
    withdraw(installation, delivery, "не тот файл")
    assert take(installation).withdrawn == []
    assert receive(installation, scan(installation), verify=True).withdrawn == []
    put(installation, "a.xlsx", b"first", age=5)
    put(installation, "копия.xlsx", b"first")
    assert take(installation).withdrawn == [delivery] * 2
    assert take(installation).withdrawn == []
    events = [event.event for event in open_journal(installation).events]
    assert events == ["received", "withdrawn", "again", "again"]


def test_lost_register_changes_nothing(installation) -> None:
    put(installation, "a.xlsx", b"a")
    put(installation, "b.xlsx", b"a")
    take(installation)
    (installation.work / "inbox.json").unlink()
    result = take(installation)
    assert (result.new, result.aliases, result.again, result.touched) == ([], 0, [], 2)


def test_names_of_persons_stay_in_the_inbox_and_the_vault(installation) -> None:
    put(installation, "Дети/Канарейкина Василиса Петровна.xlsx", b"a")
    put(installation, "b.xlsx", b"b")
    take(installation)
    assert scan(installation).candidates == ()
    assert "анарейкин" not in (installation.work / "inbox.json").read_text()
    assert "\\u" not in (installation.work / "inbox.json").read_text()
    assert open_journal(installation).content_of["Дети/Канарейкина Василиса Петровна.xlsx"]


def test_register_of_another_journal_is_not_believed(installation) -> None:
    put(installation, "a.xlsx", b"a")
    take(installation)
    shutil.rmtree(installation.vault)
    installation.make_folders()
    assert take(installation).new == [sha(b"a")[:16]]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"journal":[0,""]}'])
def test_broken_register_is_an_empty_one(installation, content) -> None:
    put(installation, "a.xlsx", b"a")
    take(installation)
    (installation.work / "inbox.json").write_bytes(content)
    assert len(scan(installation).candidates) == 1


def test_file_that_may_still_be_copied_waits(installation, monkeypatch) -> None:
    monkeypatch.setenv("MSOKO_SETTLE_SECONDS", "2")
    put(installation, "young.xlsx", b"half", age=0)
    put(installation, "old.xlsx", b"whole")
    found = scan(installation)
    assert [seen.name for seen in found.candidates] == ["old.xlsx"]
    assert found.waiting == ("young.xlsx",)


def test_waiting_scan_takes_what_has_settled_and_leaves_what_grows(
    installation, monkeypatch
) -> None:
    monkeypatch.setenv("MSOKO_SETTLE_SECONDS", "1")
    put(installation, "settled.xlsx", b"whole", age=0)
    put(installation, "ahead.xlsx", b"clock", age=-3600)
    growing = put(installation, "growing.xlsx", b"half", age=0)
    monkeypatch.setattr(inbox.time, "sleep", lambda seconds: growing.write_bytes(b"half and more"))
    found = scan(installation, wait=True)
    assert [seen.name for seen in found.candidates] == ["ahead.xlsx", "settled.xlsx"]
    assert found.waiting == ("growing.xlsx",)


def test_file_replaced_between_look_and_reading_is_left(installation) -> None:
    put(installation, "a.xlsx", b"looked at")
    found = scan(installation)
    put(installation, "a.xlsx", b"another length")
    result = receive(installation, found)
    assert (result.new, result.later) == ([], ["a.xlsx"])
    assert take(installation).new == [sha(b"another length")[:16]]


def test_file_that_changes_while_it_is_read_is_left(installation, monkeypatch) -> None:
    path = put(installation, "a.xlsx", b"before")
    read = os.read

    def read_and_change(descriptor: int, size: int) -> bytes:
        data = read(descriptor, size)
        path.write_bytes(b"behind")
        return data

    monkeypatch.setattr(inbox.os, "read", read_and_change)
    assert take(installation).later == ["a.xlsx"]
    monkeypatch.undo()
    assert open_journal(installation).events == []


def test_what_is_no_file_is_refused_once_and_blocks_nobody(installation) -> None:
    put(installation, "good.xlsx", b"good")
    outside = installation.root / "outside.xlsx"
    outside.write_bytes(b"secret")
    (installation.inbox / "link.xlsx").symlink_to(outside)
    (installation.inbox / "folder-link").symlink_to(installation.root)
    (installation.inbox / "dangling.xlsx").symlink_to("nowhere")
    os.mkfifo(installation.inbox / "pipe.xlsx")
    (installation.inbox / "folder.xlsx").mkdir()
    os.link(outside, installation.inbox / "hard.xlsx")
    result = take(installation)
    assert result.new == [sha(b"good")[:16]]
    assert sorted(result.refused) == [
        (name, "NOT_A_FILE")
        for name in (
            "dangling.xlsx",
            "folder-link",
            "folder.xlsx",
            "hard.xlsx",
            "link.xlsx",
            "pipe.xlsx",
        )
    ]
    assert take(installation).refused == []
    refused = [e for e in open_journal(installation).events if e.event == "refused"]
    assert len({event.delivery_id for event in refused}) == 6


def test_folder_swapped_for_a_link_after_the_look_is_not_followed(installation) -> None:
    put(installation, "folder/a.xlsx", b"inside")
    other = installation.root / "other"
    other.mkdir()
    (other / "a.xlsx").write_bytes(b"secret")
    found = scan(installation)
    shutil.rmtree(installation.inbox / "folder")
    (installation.inbox / "folder").symlink_to(other)
    assert receive(installation, found).refused == [("folder/a.xlsx", "NOT_A_FILE")]


def test_hidden_and_office_lock_files_are_ignored(installation) -> None:
    for name in (".hidden.xlsx", "~$open.xlsx", "Thumbs.db", ".git/config"):
        put(installation, name, b"x")
    found = scan(installation)
    assert (found.candidates, found.ignored) == ((), 4)


def test_too_large_file_never_reaches_the_vault(installation, monkeypatch) -> None:
    monkeypatch.setattr(inbox, "MAX_BYTES", 10)
    put(installation, "a.xlsx", b"eleven byte")
    assert take(installation).refused == [("a.xlsx", "TOO_LARGE")]
    assert list(installation.vault.glob("??")) == []


@pytest.mark.parametrize(
    "name",
    [
        "a" * 250 + ".xlsx",
        "Математика.xlsx",
        "Математи\u0306ка.xlsx",
        "two\nlines\x1b[31m.xlsx",
        "left\u202eright.xlsx",
        os.fsdecode(b"\xcc\xe0\xf2.xlsx"),
    ],
)
def test_odd_names_are_taken_and_shown_harmlessly(installation, name) -> None:
    put(installation, name, b"x")
    assert len(take(installation).new) == 1
    (event,) = open_journal(installation).events
    assert event.name.isprintable()
    assert scan(installation).candidates == ()


def test_name_too_long_for_itself_is_not_ours(installation) -> None:
    deep = "/".join(["folder" * 20] * 10) + "/a.xlsx"
    put(installation, deep, b"deep")
    assert len(take(installation).new) == 1


def test_real_and_synthetic_never_mix(installation) -> None:
    put(installation, "a.xlsx", workbook("msoko-synthetic"))
    put(installation, "b.xlsx", workbook("ВПР"))
    put(installation, "c.csv", b"listed")
    (installation.inbox / ".msoko-synthetic").write_text(sha(b"listed") + "\n")
    result = take(installation)
    assert len(result.new) == 2
    assert result.refused == [("b.xlsx", "REAL_MIX")]
    assert not vault.path_of(installation, sha(workbook("ВПР"))).exists()
    assert open_journal(installation).kind == "synthetic"


def test_synthetic_file_is_refused_where_real_ones_are(installation) -> None:
    put(installation, "a.xlsx", workbook("ВПР"))
    put(installation, "b.xlsx", workbook("x msoko-synthetic", zipfile.ZIP_STORED))
    assert take(installation).refused == [("b.xlsx", "SYNTHETIC_MIX")]


def test_killed_before_the_journal_line_the_file_is_found_again(installation, monkeypatch) -> None:
    put(installation, "a.xlsx", b"a")
    monkeypatch.setattr(
        "ingestion.journal.Journal.append", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt)
    )
    with pytest.raises(KeyboardInterrupt):
        take(installation)
    monkeypatch.undo()
    monkeypatch.setenv("MSOKO_SETTLE_SECONDS", "0")
    assert open_journal(installation).events == []
    (installation.vault / ".new" / "left.part").write_bytes(b"torn")
    assert take(installation).new == [sha(b"a")[:16]]
    assert list(installation.vault.rglob("*.part")) == []


def test_failed_store_acknowledges_nothing(installation, monkeypatch) -> None:
    put(installation, "a.xlsx", b"a")

    def full(*_: object) -> None:
        raise OSError(28, "no space")

    monkeypatch.setattr(vault, "_write", full)
    with pytest.raises(OSError, match="no space"):
        take(installation)
    assert open_journal(installation).events == []


def test_verify_finds_damage_and_heals_it_from_the_inbox(installation) -> None:
    put(installation, "a.xlsx", b"healed")
    gone = put(installation, "b.xlsx", b"lost")
    take(installation)
    for data in (b"healed", b"lost"):
        path = vault.path_of(installation, sha(data))
        path.chmod(0o640)
        path.write_bytes(b"rot")
    gone.unlink()
    result = take(installation, verify=True)
    assert result.damaged == [sha(b"lost")[:16]]
    assert vault.path_of(installation, sha(b"healed")).read_bytes() == b"healed"
    assert len(open_journal(installation).events) == 2


def test_verify_finds_bytes_that_changed_behind_an_unchanged_time(installation) -> None:
    path = put(installation, "a.xlsx", b"old")
    take(installation)
    times = path.stat()
    path.write_bytes(b"new")
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert take(installation).new == []
    assert take(installation, verify=True).new == [sha(b"new")[:16]]


def test_groups_are_committed_on_the_way(installation, monkeypatch) -> None:
    monkeypatch.setattr("ingestion.receive._GROUP_FILES", 3)
    for number in range(8):
        put(installation, f"{number}.xlsx", b"%d" % number)
    steps: list[tuple[int, int]] = []
    result = take(installation, on_progress=lambda done, found: steps.append((done, found)))
    assert len(result.new) == len(open_journal(installation).events) == 8
    assert [event.seq for event in open_journal(installation).events] == list(range(1, 9))
    assert steps == [(8, 8)]


def test_deliver_takes_a_file_with_what_is_told(installation, tmp_path) -> None:
    path = tmp_path / "Результаты.xlsx"
    path.write_bytes(b"x")
    delivery = deliver(installation, path, {"subject": "MA", "grade_label": "4"})
    (event,) = open_journal(installation).events
    assert (event.delivery_id, event.name) == (delivery, "Результаты.xlsx")
    assert event.told == {"subject": "MA", "grade_label": "4"}
    assert deliver(installation, path, {"subject": "RU"}) == delivery
    assert [event.event for event in open_journal(installation).events] == ["received", "told"]


def test_deliver_refuses_links_and_unknown_fields(installation, tmp_path) -> None:
    (tmp_path / "link.xlsx").symlink_to(tmp_path / "nowhere")
    with pytest.raises(Refusal) as caught:
        deliver(installation, tmp_path / "link.xlsx", {})
    assert caught.value.code == "NOT_A_FILE"
    with pytest.raises(ValueError, match="colour"):
        deliver(installation, tmp_path / "link.xlsx", {"colour": "red"})


def test_withdrawal_needs_a_known_delivery_and_a_reason(installation) -> None:
    put(installation, "a.xlsx", b"a")
    (delivery,) = take(installation).new
    with pytest.raises(KeyError):
        withdraw(installation, "0" * 16, "ошибка")
    with pytest.raises(ValueError, match="reason"):
        withdraw(installation, delivery, "  ")
    withdraw(installation, delivery, "прислан не тот файл")
    assert open_journal(installation).events[-1].reason == "прислан не тот файл"


def test_unreadable_folder_is_told_and_the_rest_goes_on(installation, monkeypatch) -> None:
    put(installation, "a.xlsx", b"a")
    put(installation, "closed/b.xlsx", b"b")
    scandir = os.scandir

    def refuse(path: str) -> object:
        if str(path).endswith("closed"):
            raise PermissionError
        return scandir(path)

    monkeypatch.setattr(inbox.os, "scandir", refuse)
    found = scan(installation)
    assert [seen.name for seen in found.candidates] == ["a.xlsx"]
    assert found.unreadable == ("closed",)


@given(
    files=st.dictionaries(
        st.sampled_from([f"{folder}{i}.csv" for folder in ("", "a/", "b/") for i in range(3)]),
        st.binary(max_size=4),
        max_size=9,
    )
)
@hypothesis_settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_receiving_twice_is_receiving_once(tmp_path_factory, files) -> None:
    settings = make_installation(tmp_path_factory.mktemp("twice"))
    for name, data in files.items():
        put(settings, name, data)
    first = take(settings)
    assert sorted(first.new) == sorted({sha(data)[:16] for data in files.values()})
    events = open_journal(settings).events
    (settings.work / "inbox.json").unlink(missing_ok=True)
    second = take(settings)
    assert (second.new, second.again, second.aliases) == ([], [], 0)
    assert open_journal(settings).events == events


@given(st.text(max_size=40))
def test_displayed_names_stay_as_they_are(name) -> None:
    assert display_name(display_name(name)) == display_name(name)


def test_journal_lines_are_json(installation) -> None:
    put(installation, "a.xlsx", b"a")
    take(installation)
    (line,) = (installation.vault / "journal.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(line)["sha256"] == sha(b"a")
