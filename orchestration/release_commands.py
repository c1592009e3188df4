"""Commands about releases: list, pin, roll back.

Belongs here: arguments and words for people. Not here: what a release is (`warehouse.release`).
"""

from __future__ import annotations

from collections.abc import Callable

import click

from orchestration.console import Problem, impersonal, place
from warehouse.settings import Settings


@click.group(invoke_without_command=True)
@click.pass_context
def releases(context: click.Context) -> None:
    """Выпуски: список, закрепление."""
    if context.invoked_subcommand is None:
        context.invoke(list_releases)


@releases.command("list")
def list_releases() -> None:
    """Показать выпуски, новые сверху."""
    from warehouse.release import current_release, pin_reason
    from warehouse.release import releases as known

    settings = place()
    current = current_release(settings)
    for release in reversed(known(settings)):
        marks = " текущий" if current and release.release_id == current.release_id else ""
        reason = pin_reason(settings, release.release_id)
        marks += f" закреплён: {reason}" if reason is not None else ""
        click.echo(f"{release.release_id}  {release.built_at}  {release.kind}{marks}")


@releases.command("pin")
@click.argument("release")
@click.option("--reason", required=True, callback=impersonal,
              help="Какой документ ссылается на выпуск.")  # fmt: skip
def pin_release(release: str, reason: str) -> None:
    """Хранить выпуск, пока на него ссылается документ."""
    from warehouse.release import pin

    _release_action(lambda settings: pin(settings, release, reason))


@releases.command("unpin")
@click.argument("release")
def unpin_release(release: str) -> None:
    """Снять закрепление."""
    from warehouse.release import unpin

    _release_action(lambda settings: unpin(settings, release))


@click.command()
@click.argument("release", required=False)
def rollback(release: str | None) -> None:
    """Вернуть прежний выпуск (или названный)."""
    from warehouse.release import roll_back

    def act(settings: Settings) -> None:
        click.echo(f"текущий выпуск: {roll_back(settings, release).release_id}")

    _release_action(act)


def _release_action(act: Callable[[Settings], None]) -> None:
    from warehouse.lock import warehouse_lock
    from warehouse.release import ReleaseError

    settings = place()
    with warehouse_lock(settings, lambda: click.echo("жду: идёт прогон")):
        try:
            act(settings)
        except ReleaseError as error:
            raise Problem(str(error)) from error
