"""Paths and settings of one installation: the configuration file and the environment.

Belongs here: where things lie and what an operator may set. Not here: anything about the
meaning of data (contracts), thresholds of indicators (dbt seeds).
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

PROJECT = Path(__file__).resolve().parent.parent
DBT_PROJECT = PROJECT / "dbt_project"
SEEDS = DBT_PROJECT / "seeds"

RESTRICTED_MODE = 0o700


class SettingsError(Exception):
    """The configuration is missing or wrong; the text says which key of which file."""


@dataclass(frozen=True)
class ReaderLimits:
    """Limits of the child processes that read workbooks."""

    workers: int
    memory_mb: int
    seconds: float


@dataclass(frozen=True)
class Settings:
    """One installation: its warehouse folder and what its configuration file says."""

    root: Path
    municipality_id: str
    municipality_name: str
    region_code: str
    region_name: str
    time_zone: str
    night_hour: int
    releases_keep: int
    runs_keep_days: int
    readers: ReaderLimits
    mail_to: tuple[str, ...]
    smtp_host: str
    key_file: Path
    restricted_rows: bool = False
    first_school_year: str | None = None

    @property
    def inbox(self) -> Path:
        return self.root / "inbox"

    @property
    def vault(self) -> Path:
        return self.root / "vault"

    @property
    def cache(self) -> Path:
        return self.root / "cache"

    @property
    def outbox(self) -> Path:
        return self.root / "outbox"

    @property
    def work(self) -> Path:
        return self.root / "work"

    @property
    def releases(self) -> Path:
        return self.root / "releases"

    @property
    def current(self) -> Path:
        return self.root / "current"

    @property
    def database(self) -> Path:
        """The private build database; nobody but a run opens it."""
        return self.work / "msoko.duckdb"

    @property
    def published(self) -> Path:
        """What BI opens, read-only."""
        return self.current / "msoko.duckdb"

    @property
    def scratch(self) -> Path:
        """Spill files and other leftovers; wiped when a run starts."""
        return self.work / "tmp"

    @property
    def dbt_target(self) -> Path:
        return self.work / "dbt"

    @property
    def dagster_home(self) -> Path:
        return Path(os.environ.get("DAGSTER_HOME") or self.work / "dagster")

    def make_folders(self) -> None:
        """Create the data folders; the restricted ones are closed to other users."""
        self.root.mkdir(parents=True, exist_ok=True)
        for folder in (self.inbox, self.vault, self.cache, self.outbox, self.work, self.scratch):
            folder.mkdir(mode=RESTRICTED_MODE, exist_ok=True)
        self.releases.mkdir(mode=0o750, exist_ok=True)


def _section(document: Mapping[str, Any], path: Path, name: str) -> Mapping[str, Any]:
    section = document.get(name)
    if not isinstance(section, Mapping):
        raise SettingsError(f"{path}: нет раздела «{name}»")
    return section


def _whole(section: Mapping[str, Any], key: str, low: int, high: int | None = None) -> int:
    value = section[key]
    if type(value) is not int or value < low or (high is not None and value > high):
        bounds = f"от {low}" + (f" до {high}" if high is not None else "")
        raise ValueError(f"«{key}» — целое число {bounds}")
    return value


def _switch(section: Mapping[str, Any], key: str) -> bool:
    value = section.get(key, False)
    if not isinstance(value, bool):
        raise ValueError(f"«{key}» — true или false")  # noqa: TRY004  reported with its file
    return value


def _school_year(document: Mapping[str, Any], key: str) -> str | None:
    value = document.get(key)
    if value is None:
        return None
    first, _, second = str(value).partition("/")
    if not (re.fullmatch(r"20\d\d/\d\d", str(value)) and (int(first) + 1) % 100 == int(second)):
        raise ValueError(f'«{key}» — учебный год в кавычках, например "2020/21"')
    return str(value)


def _region_digits(section: Mapping[str, Any]) -> str:
    code = str(section["code"])
    if not (code.isascii() and code.isdigit() and len(code) == 2):
        raise ValueError("«code» региона — две цифры в кавычках, как в логинах ФИС ОКО")
    return code


def _time_zone(document: Mapping[str, Any]) -> str:
    name = str(document["time_zone"])
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError) as error:
        raise ValueError("«time_zone» — часовой пояс вида Europe/Moscow") from error
    return name


def _addresses(section: Mapping[str, Any]) -> tuple[str, ...]:
    addresses = section["on_failure"]
    if not isinstance(addresses, list):
        raise ValueError("«on_failure» — список адресов: [a@example.org]")  # noqa: TRY004
    return tuple(map(str, addresses))


def load_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the configuration file (`MSOKO_CONFIG`, else `msoko.yml` of the project).

    Raises:
        SettingsError: the file cannot be read, lacks a section or a key, or holds a wrong value.
    """
    path = Path(environ.get("MSOKO_CONFIG") or PROJECT / "msoko.yml")
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise SettingsError(f"{path}: файл настроек не читается") from error
    if not isinstance(document, Mapping):
        raise SettingsError(f"{path}: файл настроек пуст")
    root = Path(environ.get("MSOKO_WAREHOUSE") or PROJECT / "warehouse").absolute()
    config_home = Path(environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    key_file = Path(environ.get("MSOKO_KEY_FILE") or config_home / "msoko" / "pseudonym.key")
    try:
        municipality, region, readers = (
            _section(document, path, name) for name in ("municipality", "region", "readers")
        )
        mail = _section(document, path, "mail")
        return Settings(
            root=root,
            municipality_id=str(municipality["id"]),
            municipality_name=str(municipality["name"]),
            region_code=_region_digits(region),
            region_name=str(region["name"]),
            time_zone=_time_zone(document),
            night_hour=_whole(_section(document, path, "night"), "hour", 0, 23),
            releases_keep=_whole(_section(document, path, "releases"), "keep", 1),
            runs_keep_days=_whole(_section(document, path, "runs"), "keep_days", 1),
            readers=ReaderLimits(
                workers=_whole(readers, "workers", 1, 64),
                memory_mb=_whole(readers, "memory_mb", 256),
                seconds=float(_whole(readers, "seconds", 1)),
            ),
            mail_to=_addresses(mail),
            smtp_host=str(mail["smtp_host"]),
            key_file=key_file,
            restricted_rows=_switch(document, "restricted_rows"),
            first_school_year=_school_year(document, "first_school_year"),
        )
    except KeyError as error:
        raise SettingsError(f"{path}: не задано значение {error}") from error
    except ValueError as error:
        raise SettingsError(f"{path}: {error}") from error
