"""The cache of what was read: Parquet segments of many files each, and their readings.

Belongs here: names, schemas and files of the cache. Not here: who reads (`worker`, `pool`). The
cache holds no names and can be rebuilt from the vault, so nothing is flushed to disk; but a file
gets its final name only when it is whole, and the readings, written last, are what makes the
segments of the same name count.

    cache/<generation>/seg-<segment>-<table>.parquet
    cache/<generation>/readings-<segment>.jsonl       one line a delivery
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import shutil
import uuid
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingestion.contracts import Contract, contracts_hash
from ingestion.read.model import Part, Reading
from warehouse.settings import PROJECT, SEEDS, Settings

if TYPE_CHECKING:
    import pyarrow as pa

_CODE = ("ingestion/*.py", "ingestion/read/*.py", "ingestion/contracts/*.py")
_FACTS = ("subjects", "assessment_calendar", "vpr_scale", "exam_threshold")
_RESOLVED_LATER = ("school_id", "school_match")


def cache_generation(contracts: str, code: str, key_id: str) -> str:
    """Name of the cache that these contracts, this code and this key fill."""
    return hashlib.sha256(f"{contracts}\0{code}\0{key_id}".encode()).hexdigest()[:16]


def generation_of(settings: Settings, key_id: str) -> str:
    """The generation that this installation reads into now."""
    code = f"{reader_hash()}\0{settings.region_code}\0{settings.restricted_rows}"
    return cache_generation(contracts_hash(), code, key_id)


@cache
def reader_hash() -> str:
    """Hash of all that decides how bytes become rows, besides the contracts."""
    digest = hashlib.sha256(f"{version('python-calamine')} {version('lxml')}".encode())
    code = (path for pattern in _CODE for path in sorted(PROJECT.glob(pattern)))
    facts = (SEEDS / "reference" / f"{name}.csv" for name in _FACTS)
    for path in (*code, *facts):
        if path.exists():
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def folder_of(settings: Settings, generation: str) -> Path:
    """Folder of a generation."""
    return settings.cache / generation


def new_segment() -> str:
    """A name for a group of segments."""
    return uuid.uuid4().hex[:16]


def segment_path(folder: Path, segment: str, table: str) -> Path:
    """Parquet file of a table in a group of segments."""
    return folder / f"seg-{segment}-{table}.parquet"


def segment_schema(contract: Contract) -> pa.Schema:
    """Arrow schema of a table's segments: the contract without what is resolved later."""
    import pyarrow as pa

    types: dict[str, pa.DataType] = {
        "int": pa.int32(),
        "number": pa.float64(),
        "bool": pa.bool_(),
        "date": pa.date32(),
        "timestamp": pa.timestamp("us"),
        "scores": pa.list_(pa.int8()),
    }
    return pa.schema(
        [
            (column.name, types.get(column.type, pa.string()))
            for column in contract.all_columns
            if not (contract.school and column.name in _RESOLVED_LATER)
        ]
    )


def read_key(delivery_id: str, name: str, told: Mapping[str, str]) -> str:
    """Under what a reading is kept: a file's name and what was told of it are read as well."""
    text = json.dumps([name, sorted(told.items())], ensure_ascii=False)
    return f"{delivery_id}-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def write_readings(folder: Path, segment: str, readings: Iterable[tuple[str, Reading]]) -> None:
    """Make a group of segments count: write its readings with their keys."""
    temporary = folder / f".readings-{segment}.tmp"
    with temporary.open("w", encoding="utf-8") as file:
        for key, reading in readings:
            reading.segment = segment
            fields = {**vars(reading), "key": key, "tables": []}
            file.write(json.dumps(fields, ensure_ascii=False, default=_plain) + "\n")
    temporary.replace(folder / f"readings-{segment}.jsonl")


def load_readings(folder: Path, segment: str) -> Iterator[tuple[str, Reading]]:
    """Readings of a group of segments with their keys."""
    with (folder / f"readings-{segment}.jsonl").open(encoding="utf-8") as file:
        for line in file:
            fields = json.loads(line)
            key = fields.pop("key")
            fields["parts"] = [
                Part(**{**part, "document_date": _date(part["document_date"])})
                for part in fields["parts"]
            ]
            fields["document_date"] = _date(fields["document_date"])
            for name in ("structure", "rejections"):
                fields[name] = [tuple(item) for item in fields[name]]
            yield key, Reading(**fields)


def cached_readings(settings: Settings, generation: str) -> dict[str, Reading]:
    """All readings of a generation by `read_key`."""
    folder = folder_of(settings, generation)
    return {
        key: reading
        for path in sorted(folder.glob("readings-*.jsonl"))
        for key, reading in load_readings(folder, _segment_of(path))
    }


def segments(settings: Settings, generation: str, table: str) -> list[Path]:
    """Parquet files of a table that count."""
    folder = folder_of(settings, generation)
    paths = (
        segment_path(folder, _segment_of(path), table) for path in folder.glob("readings-*.jsonl")
    )
    return sorted(path for path in paths if path.exists())


def remove_leftovers(settings: Settings, generation: str) -> None:
    """Delete what killed workers left and what other generations hold.

    Call it under the warehouse's lock.
    """
    folder = folder_of(settings, generation)
    for path in settings.cache.iterdir() if settings.cache.exists() else ():
        if path.is_dir() and path != folder:
            shutil.rmtree(path, ignore_errors=True)
    for path in folder.glob(".*.tmp"):
        path.unlink()
    whole = {_segment_of(path) for path in folder.glob("readings-*.jsonl")}
    for path in folder.glob("seg-*.parquet"):
        if path.name.split("-")[1] not in whole:
            path.unlink()


def _segment_of(readings: Path) -> str:
    return readings.stem.removeprefix("readings-")


def _date(text: str | None) -> dt.date | None:
    return None if text is None else dt.date.fromisoformat(text)


def _plain(value: Any) -> Any:
    if isinstance(value, Part):
        return vars(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    raise TypeError(type(value).__name__)
