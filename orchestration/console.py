"""What commands share: the installation they work on and how they speak of trouble.

Belongs here: exit codes, errors for people, texts of people. Not here: commands.
"""

from __future__ import annotations

from typing import Any

import click

from warehouse.settings import Settings, SettingsError, load_settings

FAILED, HELD = 1, 3


class Problem(click.ClickException):
    """Something a person can act on; shown without a traceback."""

    exit_code = FAILED

    def show(self, file: Any = None) -> None:
        click.echo(f"Ошибка: {self.message}", err=True, file=file)


def place() -> Settings:
    """The installation that the environment names.

    Raises:
        Problem: its configuration is missing or wrong.
    """
    try:
        return load_settings()
    except SettingsError as error:
        raise Problem(str(error)) from error


def impersonal(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    """The text of an option that readers of a release will see: it may name nobody.

    Raises:
        Problem: it looks like personal data.
    """
    from ingestion.read.personal import kind_of

    if kind := kind_of(value):
        raise Problem(
            f"в тексте похоже на персональные данные ({kind}), а его увидят все читатели выпуска; "
            "напишите без имён: например, должность и номер документа"
        )
    return value
