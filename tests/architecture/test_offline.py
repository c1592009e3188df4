"""Nothing that people open loads a file from the web; every tool's telemetry is off."""

from __future__ import annotations

import re

import yaml

from orchestration.instance import QUIET_ENVIRONMENT, configuration
from warehouse.settings import DBT_PROJECT, PROJECT, load_settings

_FROM_THE_WEB = re.compile(
    r"""(?:src|href)\s*=\s*["'](?:https?:)?//|@import|url\(\s*["']?https?:"""
)


def test_templates_are_self_contained() -> None:
    templates = [
        path
        for room in ("expectations", "ingestion", "orchestration", "samples")
        for pattern in ("*.html", "*.j2", "*.css")
        for path in (PROJECT / room).rglob(pattern)
    ]
    for path in templates:
        assert not _FROM_THE_WEB.search(path.read_text(encoding="utf-8")), path


def test_telemetry_is_off() -> None:
    document = configuration(load_settings({}))
    assert document["telemetry"] == {"enabled": False}
    assert QUIET_ENVIRONMENT["DO_NOT_TRACK"] == "1"
    assert QUIET_ENVIRONMENT["GX_ANALYTICS_ENABLED"] == "false"
    project = yaml.safe_load((DBT_PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))
    assert project["flags"]["send_anonymous_usage_stats"] is False
    assert not (DBT_PROJECT / "packages.yml").exists()


def test_the_locks_name_no_host_and_have_hashes() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (PROJECT / name).read_text(encoding="utf-8")
        assert "://" not in text
        pins = re.findall(r"^[a-z0-9][^ ]*==", text, re.MULTILINE)
        assert len(pins) > 100
        assert text.count("--hash=sha256:") >= len(pins)
