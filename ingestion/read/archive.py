"""The zip container of a workbook, distrusted: its directory and bounded unpacking.

Belongs here: limits on the container. Not here: what the members say (`precheck`). The directory
is parsed by hand because `zipfile` forgives what a second reader may understand differently: a
second directory, overlapping or repeated members, lying sizes.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from ingestion.reasons import Refusal

MAX_MEMBERS = 1_000
MAX_UNPACKED = 300 * 2**20
MAX_RATIO = 100
_RATIO_MATTERS_FROM = 20 * 2**20  # a short table of equal rows may well shrink 200 times
CHUNK = 2**20
_PIECE = 2**16

_END = struct.Struct("<4s4H2LH")
_END_64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR_64 = struct.Struct("<4sLQL")
_ENTRY = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_ALL_ONES = 0xFFFFFFFF
_STORED, _DEFLATED = 0, 8
_FLAG_ENCRYPTED = 0x1


class Member(NamedTuple):
    """One entry of the directory; sizes are what it claims."""

    name: str
    method: int
    packed: int
    size: int
    offset: int


def members(data: bytes) -> list[Member]:
    """The directory of the archive.

    Raises:
        Refusal: ZIP_BROKEN, ZIP_BOMB, ZIP_NAMES or ENCRYPTED.
    """
    try:
        found = list(_entries(data))
    except struct.error:
        raise Refusal("ZIP_BROKEN") from None
    unpacked = sum(member.size for member in found)
    if unpacked > MAX_UNPACKED:
        raise Refusal("ZIP_BOMB")
    _check_ratio(unpacked, len(data))
    if len({member.name.lower() for member in found}) != len(found):
        raise Refusal("ZIP_NAMES")
    end = 0
    for member in sorted(found, key=lambda member: member.offset):
        if member.offset < end:
            raise Refusal("ZIP_BOMB")
        end = member.offset + _LOCAL.size + member.packed
    return found


def _check_ratio(unpacked: int, packed: int) -> None:
    if unpacked > _RATIO_MATTERS_FROM and unpacked > MAX_RATIO * packed:
        raise Refusal("ZIP_BOMB")


def _entries(data: bytes) -> Iterator[Member]:
    end = len(data) - _END.size
    if end < 0:
        raise Refusal("ZIP_BROKEN")
    magic, _, _, _, count, length, start, comment = _END.unpack_from(data, end)
    if magic != b"PK\5\6" or comment:
        raise Refusal("ZIP_BROKEN")
    if count > MAX_MEMBERS:
        raise Refusal("ZIP_BOMB")
    if start + length != end:
        _check_zip64(data, end, count, length, start)
    position = start
    for _ in range(count):
        entry = _ENTRY.unpack_from(data, position)
        magic, flags, method, packed, size = entry[0], entry[3], entry[4], entry[8], entry[9]
        name_length, extra_length, comment_length, offset = *entry[10:13], entry[16]
        if magic != b"PK\1\2":
            raise Refusal("ZIP_BROKEN")
        if flags & _FLAG_ENCRYPTED:
            raise Refusal("ENCRYPTED")
        position += _ENTRY.size
        name = data[position : position + name_length].decode("utf-8", "replace")
        position += name_length
        if _ALL_ONES in (packed, size, offset):
            extra = data[position : position + extra_length]
            size, packed, offset = _wide_numbers(extra, size, packed, offset)
        position += extra_length + comment_length
        yield Member(_safe_name(name), method, packed, size, offset)
    if position != start + length:
        raise Refusal("ZIP_BROKEN")


def _safe_name(name: str) -> str:
    name = name.replace("\\", "/")
    if name.startswith("/") or ":" in name or "\0" in name or ".." in name.split("/"):
        raise Refusal("ZIP_NAMES")
    return name


def _check_zip64(data: bytes, end: int, count: int, length: int, start: int) -> None:
    """Refuse a wide form of the directory's end that says something else than the plain one.

    Streaming writers put it there; another reader would follow it.
    """
    locator = end - _LOCATOR_64.size
    wide = locator - _END_64.size
    if wide != start + length:
        raise Refusal("ZIP_BROKEN")
    magic, _, where, _ = _LOCATOR_64.unpack_from(data, locator)
    numbers = _END_64.unpack_from(data, wide)
    same = numbers[7:] == (count, length, start) and where == wide
    if magic != b"PK\6\7" or numbers[0] != b"PK\6\6" or not same:
        raise Refusal("ZIP_BROKEN")


def _wide_numbers(extra: bytes, *plain: int) -> tuple[int, ...]:
    """Numbers of an entry that its zip64 field replaces: those that are all ones, in order."""
    position = 0
    while position + 4 <= len(extra):
        tag, length = struct.unpack_from("<HH", extra, position)
        position += 4
        if tag == 1:
            break
        position += length
    numbers = []
    for number in plain:
        if number == _ALL_ONES:
            (number,) = struct.unpack_from("<Q", extra, position)  # noqa: PLW2901
            position += 8
        numbers.append(number)
    return tuple(numbers)


def unpack(data: bytes, member: Member) -> Iterator[bytes]:
    """The content of a member in chunks; never more than it claims.

    Raises:
        Refusal: ZIP_BROKEN, or ZIP_BOMB when the content is longer than claimed.
    """
    packed = _packed(data, member)
    if member.method == _STORED:
        for position in range(0, member.size, CHUNK):
            yield bytes(packed[position : position + CHUNK])
    else:
        yield from _inflate(packed, member.size)


def content(data: bytes, member: Member) -> bytes:
    """The content of a small member at once.

    Raises:
        Refusal: as `unpack`.
    """
    packed = _packed(data, member)
    if member.method == _STORED:
        return bytes(packed)
    engine = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        text = engine.decompress(packed, member.size + 1)
    except zlib.error:
        raise Refusal("ZIP_BROKEN") from None
    _check_end(engine.eof, len(text), member.size)
    return text


def _packed(data: bytes, member: Member) -> memoryview:
    if len(data) < member.offset + _LOCAL.size:
        raise Refusal("ZIP_BROKEN")
    local = _LOCAL.unpack_from(data, member.offset)
    start = member.offset + _LOCAL.size + local[9] + local[10]
    packed = memoryview(data)[start : start + member.packed]
    if local[0] != b"PK\3\4" or local[2] & _FLAG_ENCRYPTED or len(packed) != member.packed:
        raise Refusal("ZIP_BROKEN")
    is_stored = member.method == _STORED and member.packed == member.size
    if not is_stored and member.method != _DEFLATED:
        raise Refusal("ZIP_BROKEN")
    return packed


def _check_end(is_end: bool, total: int, size: int) -> None:
    if total > size:
        raise Refusal("ZIP_BOMB")
    if not is_end or total != size:
        raise Refusal("ZIP_BROKEN")


def _inflate(packed: memoryview, size: int) -> Iterator[bytes]:
    engine = zlib.decompressobj(-zlib.MAX_WBITS)
    total = 0
    try:
        for position in range(0, len(packed), _PIECE):
            waiting: memoryview | bytes = packed[position : position + _PIECE]
            while waiting and not engine.eof:
                chunk = engine.decompress(waiting, min(CHUNK, size - total) + 1)
                waiting = engine.unconsumed_tail
                total += len(chunk)
                if total > size:
                    raise Refusal("ZIP_BOMB")
                if chunk:
                    yield chunk
    except zlib.error:
        raise Refusal("ZIP_BROKEN") from None
    _check_end(engine.eof, total, size)
