"""Names and documents → keyed pseudonyms; the key's file.

Belongs here: the hash, the normal form of a text before it is hashed, the rules of the key file.
Not here: which columns are personal (contracts) and where pseudonyms are made (`ingestion.read`).
There is no identity map: without the key and the vault nobody gets from a pseudonym to a name.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re
import secrets
import stat
import unicodedata
from functools import lru_cache
from pathlib import Path

from warehouse.settings import Settings

KEY_BYTES = 32
_PID_LENGTH = 26  # 130 bits
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−"), "-")
_IGNORED = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_BLANKS = re.compile(r"\s+")


class KeyProblem(Exception):  # noqa: N818  named as operators speak of it
    """The key cannot be used; the text is Russian and says what to do. Nothing may run."""


@lru_cache(maxsize=16_384)
def normalise(text: str) -> str:
    """Normal form of an identifying text: NFC, ё→е, plain dashes, single blanks, lower case.

    Idempotent, so it does not matter how often a text was normalised before.
    """
    before = None
    while text != before:  # one step can make room for another: ё with a second diaeresis
        before = text
        text = _IGNORED.sub("", unicodedata.normalize("NFC", text).translate(_DASHES))
        text = unicodedata.normalize("NFC", _BLANKS.sub(" ", text).strip().casefold())
        text = text.replace("ё", "е")
    return text


class Pseudonymiser:
    """Keyed HMAC of identifying texts.

    Args:
        key: secret bytes.
        key_id: public name of the key; a part of the cache's name.
    """

    def __init__(self, key: bytes, key_id: str) -> None:
        self.key = key
        self.key_id = key_id
        self._start = hmac.new(key, digestmod=hashlib.sha256)
        self._cached_pid = lru_cache(maxsize=65_536)(self._pid)

    def pid(self, kind: str, *parts: str) -> str:
        """Pseudonym of a thing of that kind which `parts` identify together, 26 characters."""
        return self._cached_pid(kind, parts)

    def _pid(self, kind: str, parts: tuple[str, ...]) -> str:
        mac = self._start.copy()
        mac.update(f"msoko/{kind}/v1\0".encode())
        mac.update("\0".join(map(normalise, parts)).encode())
        return base64.b32encode(mac.digest()).decode()[:_PID_LENGTH].lower()


def key_id_of(key: bytes) -> str:
    """Public name of a key, from which the key cannot be found."""
    return hmac.new(key, b"msoko/key-id/v1", hashlib.sha256).hexdigest()[:16]


def load_key(settings: Settings) -> Pseudonymiser:
    """The key of this warehouse; made when the warehouse has never had one.

    Raises:
        KeyProblem: the key is missing, is another one, or other users can read it.
    """
    known = settings.vault / "key_id"
    expected = known.read_text(encoding="ascii").strip() if known.exists() else None
    path = settings.key_file
    if not path.exists():
        if expected is not None:
            raise KeyProblem(
                f"Нет файла ключа псевдонимов {path}, а хранилище уже обработано с ключом "
                f"{expected}. Верните ключ из резервной копии: с новым ключом вся история "
                "обучающихся разорвётся."
            )
        _create_key(path)
    key = _read_key(path)
    key_id = key_id_of(key)
    if expected is None:
        _write_key_id(known, key_id)
    elif expected != key_id:
        raise KeyProblem(
            f"Ключ в файле {path} — не тот, с которым обработано хранилище (нужен {expected}, "
            f"в файле {key_id}). Верните прежний ключ из резервной копии."
        )
    return Pseudonymiser(key, key_id)


def renew_key(settings: Settings) -> Pseudonymiser:
    """A new key in place of the one that is there, or lost; what it keyed must be made anew.

    The old key stays beside the new one under its id: it is what opens older backups. Call it
    when the build database and the cache are gone, so that a run that dies on the way finds
    nothing keyed otherwise.

    Raises:
        KeyProblem: the new key cannot be used.
    """
    path = settings.key_file
    if path.exists():
        try:
            name = key_id_of(_read_key(path))
        except KeyProblem:
            name = "broken"
        path.rename(path.with_name(f"{path.name}.{name}"))
        _sync_folder(path.parent)
    (settings.vault / "key_id").unlink(missing_ok=True)
    return load_key(settings)


def _create_key(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_bytes(KEY_BYTES).hex().encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(temporary, path)  # never replaces a key that another warehouse just made
    except FileExistsError:
        pass
    finally:
        temporary.unlink()
    _sync_folder(path.parent)


def _read_key(path: Path) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        raise KeyProblem(f"Файл ключа псевдонимов {path} не читается.") from error
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise KeyProblem(f"Ключ псевдонимов {path} — не обычный файл.")
        if status.st_mode & 0o077:
            raise KeyProblem(
                f"Файл ключа псевдонимов {path} доступен другим пользователям. "
                f"Закройте его: chmod 600 {path}"
            )
        text = file.read(4 * KEY_BYTES)
    try:
        key = bytes.fromhex(text.decode("ascii").strip())
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise KeyProblem(f"Файл ключа псевдонимов {path} повреждён. Верните его из копии.")
    return key


def _write_key_id(path: Path, key_id: str) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with temporary.open("w", encoding="ascii") as file:
        file.write(key_id + "\n")
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
