"""Paths and settings of one installation: the configuration file and the environment.

Belongs here: where things lie and what an operator may set. Not here: anything about the
meaning of data (contracts), thresholds of indicators (dbt seeds).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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


def load_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the configuration file (`MSOKO_CONFIG`, else `msoko.yml` of the project).

    Raises:
        SettingsError: the file cannot be read or lacks a section or a key.
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
            region_code=str(region["code"]),
            region_name=str(region["name"]),
            time_zone=str(document["time_zone"]),
            night_hour=int(_section(document, path, "night")["hour"]),
            releases_keep=int(_section(document, path, "releases")["keep"]),
            runs_keep_days=int(_section(document, path, "runs")["keep_days"]),
            readers=ReaderLimits(
                workers=int(readers["workers"]),
                memory_mb=int(readers["memory_mb"]),
                seconds=float(readers["seconds"]),
            ),
            mail_to=tuple(map(str, mail["on_failure"])),
            smtp_host=str(mail["smtp_host"]),
            key_file=key_file,
        )
    except KeyError as error:
        raise SettingsError(f"{path}: не задано значение {error}") from error
