"""The journal survives torn writes and refuses broken ones."""

import pytest

from ingestion.journal import Event, Journal, JournalError, is_continued

RECEIVED = {
    "event": "received",
    "at": "2026-11-24T01:00:00.000000",
    "sha256": "ab" * 32,
    "name": "a.xlsx",
    "size": 1,
    "kind": "real",
}
WITHDRAWN = {"event": "withdrawn", "at": "2026-11-24T02:00:00.000000", "sha256": "ab" * 32}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "journal.jsonl"


def test_events_come_back_as_they_were_written(path) -> None:
    first = Journal(path).append([RECEIVED | {"told": {"subject": "MA"}}])
    second = Journal(path).append([WITHDRAWN | {"reason": "ошибка\nв файле"}])
    assert Journal(path).events == first + second
    assert [event.seq for event in first + second] == [1, 2]


def test_empty_append_writes_nothing(path) -> None:
    assert Journal(path).append([]) == []
    assert not path.exists()


def test_torn_last_line_is_dropped_and_then_cut_off(path) -> None:
    Journal(path).append([RECEIVED])
    whole = path.read_bytes()
    path.write_bytes(whole + whole[:-1])
    journal = Journal(path)
    assert len(journal.events) == 1
    journal.append([WITHDRAWN])
    assert [event.event for event in Journal(path).events] == ["received", "withdrawn"]


@pytest.mark.parametrize("line", [b"{\n", b'{"colour":1}\n', b"\xff\n", b'"x"\n'])
def test_broken_line_in_the_middle_stops(path, line) -> None:
    Journal(path).append([RECEIVED])
    path.write_bytes(line + path.read_bytes())
    with pytest.raises(JournalError):
        Journal(path)


def test_gap_in_the_sequence_stops(path) -> None:
    Journal(path).append([RECEIVED, WITHDRAWN])
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[1:]))
    with pytest.raises(JournalError):
        Journal(path)


def test_what_is_known_follows_from_the_events(path) -> None:
    journal = Journal(path)
    refused = {"event": "refused", "at": "x", "sha256": "cd" * 32, "code": "NOT_A_FILE"}
    journal.append([refused | {"name": "link.xlsx"}, RECEIVED])
    for known in (journal, Journal(path)):
        assert known.known == {"ab" * 32: 2}
        assert known.refused == {"cd" * 32}
        assert known.content_of == {"a.xlsx": "ab" * 32}
        assert known.kind == "real"


def test_mark_tells_a_continued_journal_from_another(path) -> None:
    empty = Journal(path).mark()
    journal = Journal(path)
    journal.append([RECEIVED])
    mark = journal.mark()
    journal.append([WITHDRAWN])
    assert is_continued(path, empty)
    assert is_continued(path, mark)
    path.write_bytes(Event(seq=1, **WITHDRAWN).line().encode())
    assert not is_continued(path, mark)
    path.unlink()
    assert not is_continued(path, mark)
