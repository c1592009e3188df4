from __future__ import annotations

import base64
import hashlib
import hmac
import os
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.pseudonym import (
    KeyProblem,
    Pseudonymiser,
    key_id_of,
    load_key,
    normalise,
    renew_key,
)
from warehouse.settings import load_settings

KEY = bytes(range(32))


@pytest.fixture
def settings(tmp_path):
    found = load_settings(
        {"MSOKO_WAREHOUSE": str(tmp_path / "w"), "MSOKO_KEY_FILE": str(tmp_path / "k" / "key")}
    )
    found.make_folders()
    return found


def test_a_pid_is_the_start_of_a_keyed_hash():
    digest = hmac.new(KEY, "msoko/person/v1\0иванов\0петр".encode(), hashlib.sha256).digest()
    expected = base64.b32encode(digest).decode()[:26].lower()
    assert Pseudonymiser(KEY, "x").pid("person", " Иванов", "Пётр") == expected


def test_kind_parts_and_key_all_matter():
    one = Pseudonymiser(KEY, "x")
    pids = {
        one.pid("person", "а", "бв"),
        one.pid("person", "аб", "в"),
        one.pid("person", "абв"),
        one.pid("pupil", "а", "бв"),
        Pseudonymiser(KEY[::-1], "y").pid("person", "а", "бв"),
    }
    assert len(pids) == 5


@pytest.mark.parametrize(
    "spelling",
    [
        "Семёнова-Тян Алёна",
        "СЕМЕНОВА—ТЯН  АЛЕНА",
        "\u00a0семенова‑тян алена ",
        "Семе\u0308нова-Тян\tАле\u0308на",
    ],
)
def test_spellings_of_one_name_are_one(spelling):
    assert normalise(spelling) == "семенова-тян алена"


@given(st.text())
def test_normalise_is_idempotent(text):
    once = normalise(text)
    assert normalise(once) == once
    assert unicodedata.is_normalized("NFC", once)


@given(st.text(alphabet="еЕёЁ\u0308\u0323- —\u00ad", max_size=12))
def test_normalise_is_idempotent_where_characters_combine(text):
    assert normalise(normalise(text)) == normalise(text)


def test_a_new_warehouse_gets_a_closed_key(settings):
    first = load_key(settings)
    assert settings.key_file.stat().st_mode & 0o777 == 0o600
    assert len(first.key) == 32
    assert (settings.vault / "key_id").read_text().strip() == first.key_id == key_id_of(first.key)
    assert load_key(settings).pid("a", "b") == first.pid("a", "b")


def test_the_key_id_does_not_hold_the_key(settings):
    key = load_key(settings)
    assert key.key.hex() not in (settings.vault / "key_id").read_text()


def test_a_lost_key_refuses_to_run(settings):
    load_key(settings)
    settings.key_file.unlink()
    with pytest.raises(KeyProblem, match="резервной копии"):
        load_key(settings)
    assert not settings.key_file.exists()


def test_another_key_refuses_to_run(settings):
    load_key(settings)
    settings.key_file.write_text("ab" * 32)
    with pytest.raises(KeyProblem, match="не тот"):
        load_key(settings)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_open_to_others_refuses_to_run(settings, mode):
    load_key(settings)
    settings.key_file.chmod(mode)
    with pytest.raises(KeyProblem, match="chmod 600"):
        load_key(settings)


@pytest.mark.parametrize("content", [b"", b"ab", b"zz" * 32, b"\xff" * 64, b"ab" * 40])
def test_a_damaged_key_refuses_to_run(settings, content):
    load_key(settings)
    settings.key_file.write_bytes(content)
    with pytest.raises(KeyProblem):
        load_key(settings)


def test_a_key_that_is_no_file_refuses_to_run(settings):
    settings.key_file.parent.mkdir()
    os.mkfifo(settings.key_file, 0o600)
    with pytest.raises(KeyProblem, match="не обычный файл"):
        load_key(settings)


def test_the_key_of_another_warehouse_serves_a_new_one(settings, tmp_path):
    first = load_key(settings)
    other = load_settings(
        {"MSOKO_WAREHOUSE": str(tmp_path / "v"), "MSOKO_KEY_FILE": str(settings.key_file)}
    )
    other.make_folders()
    assert load_key(other).key_id == first.key_id


@pytest.mark.parametrize("state", ["right", "lost", "wrong", "open"])
def test_a_new_key_replaces_whatever_is_there(settings, state):
    old = load_key(settings)
    if state == "lost":
        settings.key_file.unlink()
    elif state == "wrong":
        settings.key_file.write_text("ab" * 32)
    elif state == "open":
        settings.key_file.chmod(0o644)
    new = renew_key(settings)
    assert new.key_id != old.key_id
    assert load_key(settings).key_id == new.key_id
    assert settings.key_file.stat().st_mode & 0o777 == 0o600
    if state == "right":
        kept = settings.key_file.with_name(f"key.{old.key_id}")
        assert bytes.fromhex(kept.read_text()) == old.key
        assert kept.stat().st_mode & 0o777 == 0o600


def test_a_new_key_that_dies_half_way_leaves_nothing_unkeyed(settings, monkeypatch):
    load_key(settings)
    monkeypatch.setattr("ingestion.pseudonym._create_key", lambda path: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        renew_key(settings)
    monkeypatch.undo()
    assert load_key(settings).key_id == (settings.vault / "key_id").read_text().strip()
