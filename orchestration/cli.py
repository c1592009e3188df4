"""The command line `msoko`.

Belongs here: arguments, words for people, exit codes. Heavy libraries are imported inside the
commands that need them, so that a look for news answers at once. The work is done elsewhere;
commands about releases stand in `release_commands`.

Exit codes: 0 done or nothing to do; 1 failed; 2 wrong arguments; 3 published, but a table is held.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from orchestration import REBUILD, REFRESH
from orchestration.console import HELD, Problem, impersonal, place
from orchestration.release_commands import releases, rollback
from warehouse.settings import Settings

_CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


class _Commands(click.Group):
    """Turns what an operator can mend into a sentence."""

    def invoke(self, ctx: click.Context) -> Any:
        from ingestion.pseudonym import KeyProblem

        try:
            return super().invoke(ctx)
        except KeyProblem as problem:
            raise Problem(str(problem)) from problem
        except (PermissionError, FileNotFoundError) as error:
            if error.filename is None:
                raise
            raise Problem(f"нет папки или прав на неё: {error.filename}") from error


@click.group(cls=_Commands, context_settings=_CONTEXT)
def main() -> None:
    """МСОКО: файлы школ и экзаменов → проверенные показатели.

    Обычный порядок: положить файлы в папку inbox и выполнить «msoko refresh».
    """


main.add_command(releases)
main.add_command(rollback)


@main.command()
@click.option("--out", type=click.Path(path_type=Path), help="Куда писать; по умолчанию inbox.")
@click.option("--schools", default=20, show_default=True, help="Сколько школ (до 1200).")
@click.option("--years", default=3, show_default=True, help="За сколько лет.")
@click.option("--seed", default=41, show_default=True, help="Другое число — другой город.")
@click.option("--if-empty", is_flag=True, help="Только если ни одного файла ещё не было.")
def sample(out: Path | None, schools: int, years: int, seed: int, if_empty: bool) -> None:
    """Записать вымышленный город: все источники в их настоящих формах."""
    from ingestion.journal import open_journal
    from samples.city import write_city

    settings = place()
    settings.make_folders()
    folder = out or settings.inbox
    journal = open_journal(settings)
    if if_empty and (journal.events or any(settings.inbox.iterdir())):
        return
    if out is None and journal.kind == "real":
        raise Problem("в хранилище настоящие файлы, вымышленные к ним не добавляются")
    click.echo(f"пишу вымышленный город: школ {schools}, лет {years} → {folder}")
    write_city(folder, schools=schools, years=years, seed=seed)


@main.command()
@click.option("--verify", is_flag=True, help="Сверить хеши всех файлов, а не только новых.")
def refresh(verify: bool) -> None:
    """Принять новое, проверить, пересчитать и выпустить."""
    from orchestration.pending import look_closely

    settings = place()
    settings.make_folders()
    pending = look_closely(settings)
    if not pending.reasons and not verify:
        click.echo(pending.nothing_new)
        sys.exit(HELD if pending.state and pending.state.held else 0)
    for reason in pending.reasons:
        click.echo(reason)
    _run(settings, REFRESH, {"verify": verify})


@main.command()
@click.option("--deep", is_flag=True, help="Прочитать заново и сами файлы, без кэша.")
@click.option("--new-key", is_flag=True,
              help="Сменить ключ псевдонимов; прежний остаётся рядом под своим номером.")  # fmt: skip
def rebuild(deep: bool, new_key: bool) -> None:
    """Построить всё заново из хранилища оригиналов."""
    settings = place()
    settings.make_folders()
    if new_key:
        _renew_key(settings)
    _run(settings, REBUILD, {"rebuild": True, "deep": deep})


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--subject", help="Предмет: код или название.")
@click.option("--grade", type=click.IntRange(1, 12), help="Класс участников.")
@click.option("--programme", type=click.IntRange(1, 12), help="По программе какого класса работа.")
@click.option("--year", type=click.IntRange(2015, 2050), help="Календарный год проведения.")
@click.option("--season", help="ВПР: spring (весна) или autumn (осень).")
@click.option("--date", "exam_date", help="Дата экзамена: 30.05.2025.")
@click.option("--procedure", help="VPR, EGE, OGE, GVE9, GVE11.")
@click.option("--sender", help="Отправитель: код школы.")
def deliver(file: Path, **told: Any) -> None:
    """Передать файл и сказать о нём то, чего нет в нём самом."""
    from ingestion.read.scanner import Scanner
    from ingestion.reasons import Refusal, sentence
    from ingestion.receive import deliver as take
    from ingestion.reference import load_reference

    names = {"grade": "grade_label", "programme": "programme_grade", "year": "cal_year"}
    known = {names.get(name, name): str(value) for name, value in told.items() if value is not None}
    settings = place()
    settings.make_folders()
    try:
        Scanner(load_reference()).told(known)
        delivery_id = take(settings, file, known)
    except Refusal as refusal:
        raise Problem(sentence(refusal.code, refusal.params)) from refusal
    click.echo(f"поставка {delivery_id} в хранилище; прочитает её следующий «msoko refresh»")


@main.command()
@click.option("--all", "everything", is_flag=True, help="Вместе с заменёнными.")
@click.option("--refused", is_flag=True, help="Только те, в которых отказано.")
def deliveries(everything: bool, refused: bool) -> None:
    """Что пришло, что с этим стало и почему."""
    from orchestration.questions import list_deliveries

    _print_query(place(), lambda con: list_deliveries(con, everything, refused))


@main.group()
def review() -> None:
    """То, что машина решила сама, а подтвердить должен человек."""


@review.command("schools")
def review_schools() -> None:
    """Школы, найденные по одному названию, без кода."""
    from orchestration import questions

    _print_query(place(), questions.review_schools)


@main.command()
@click.argument("delivery")
@click.option("--reason", required=True, callback=impersonal, help="Почему поставка неверна.")
def withdraw(delivery: str, reason: str) -> None:
    """Отозвать принятую поставку; файл и история остаются."""
    from ingestion.receive import withdraw as take_back

    try:
        take_back(place(), delivery, reason)
    except KeyError as error:
        raise Problem(f"поставки {delivery} нет") from error
    except ValueError as error:
        raise Problem("назовите причину отзыва") from error
    click.echo(f"поставка {delivery} отозвана; показатели изменит следующий «msoko refresh»")


@main.command()
@click.argument("delivery")
@click.option("--reason", required=True, callback=impersonal,
              help="Почему данные верны, хотя проверка их задержала.")  # fmt: skip
@click.option("--document", required=True, callback=impersonal,
              help="Номер документа, на котором стоит решение.")  # fmt: skip
@click.option("--until", required=True, type=click.DateTime(["%d.%m.%Y", "%Y-%m-%d"]),
              help="До какого дня включительно: 31.12.2026.")  # fmt: skip
@click.option("--rule", default="", help="Только это правило; без него — все, какие можно.")
def accept(delivery: str, reason: str, document: str, until: datetime, rule: str) -> None:
    """Принять задержанную поставку вопреки проверке, на срок; это видно у каждого показателя."""
    from ingestion.receive import accept as take
    from orchestration.questions import AcceptanceError, check_acceptable

    settings = place()
    if until.date() < datetime.now(ZoneInfo(settings.time_zone)).date():
        raise Problem(f"день {until:%d.%m.%Y} уже прошёл: назовите сегодняшний или будущий")
    try:
        _print_query(settings, lambda con: check_acceptable(con, delivery, rule))
        take(settings, delivery, rule=rule, reason=reason, document=document, until=until.date())
    except AcceptanceError as problem:
        raise Problem(str(problem)) from problem
    except ValueError as error:
        raise Problem("назовите причину и документ") from error
    click.echo(
        f"поставка {delivery} принята до {until:%d.%m.%Y}; её строки войдут в силу со следующим "
        "«msoko refresh»"
    )


@main.command()
@click.argument("measure")
@click.argument("school")
@click.argument("year")
def trace(measure: str, school: str, year: str) -> None:
    """Файлы, листы и строки, на которых стоит значение: величина, школа, учебный год 2020/21."""
    from orchestration.questions import trace_figure

    _print_query(place(), lambda con: trace_figure(con, measure, school, year))


@main.command()
@click.argument("name", required=False)
@click.option("--all", "everything", is_flag=True, help="Все формы.")
@click.option(
    "--out", default=".", type=click.Path(path_type=Path), help="Папка; по умолчанию текущая."
)
def template(name: str | None, everything: bool, out: Path) -> None:
    """Пустые формы таблицы или источника (S19), с подсказками и списком школ.

    S40 — справочники (шкалы, пороги, средние) с действующими значениями.
    """
    from orchestration.forms import FormNameError, write_forms

    if everything == bool(name):
        raise Problem("назовите таблицу или источник, например S19, либо --all")
    try:
        paths = write_forms(place(), name, out, lambda: click.echo("жду: идёт прогон", err=True))
    except FormNameError as error:
        raise Problem(str(error)) from error
    click.echo("\n".join(map(str, paths)))


@main.group()
def reference() -> None:
    """Справочники: шкалы, пороги, средние по краю и стране."""


@reference.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_reference(file: Path) -> None:
    """Заменить справочники книгой S40, исправленной в Excel."""
    from ingestion.reasons import Refusal
    from ingestion.reply.seedbook import SeedBookError, import_seed_book
    from warehouse.lock import warehouse_lock

    try:
        with warehouse_lock(place(), lambda: click.echo("жду: идёт прогон", err=True)):
            changed = import_seed_book(file.read_bytes(), file.name)
    except Refusal as refusal:
        raise Problem(str(refusal)) from refusal
    except SeedBookError as error:
        raise Problem("книга не принята:\n" + "\n".join(error.problems)) from error
    for name, (before, now) in changed.items():
        click.echo(f"{name}: было строк {before}, стало {now}")
    click.echo(
        "показатели пересчитает следующий «msoko refresh»" if changed else "справочники те же"
    )


@main.command()
@click.argument("delivery")
def receipt(delivery: str) -> None:
    """Квитанция отправителю: показать и записать заново в outbox."""
    from ingestion.reply.outbox import write

    settings = place()

    def answer(connection: Any) -> list[str]:
        try:
            said, files = write(settings, connection, delivery)
        except KeyError as error:
            raise Problem(f"поставки {delivery} нет: msoko deliveries") from error
        return [said.text, *map(str, files)]

    _print_query(settings, answer)


@main.command()
@click.option("--yes", is_flag=True, help="Подтверждаю: вымышленный город будет удалён.")
def reset(yes: bool) -> None:
    """Очистить хранилище от вымышленного города; настоящие файлы не трогает."""
    from orchestration.reset import ResetRefused, reset_warehouse

    if not yes:
        raise Problem("команда удаляет хранилище, кэш и выпуски; подтвердите: msoko reset --yes")
    try:
        reset_warehouse(place())
    except ResetRefused as refusal:
        raise Problem(str(refusal)) from refusal
    click.echo("хранилище пусто")


@main.command()
def setup() -> None:
    """Подготовить папки, ключ, Dagster и модели (выполняется сама из make)."""
    from orchestration.setup import set_up

    set_up(place())


@main.command()
@click.option("--port", default=3000, show_default=True, help="Порт на этой машине.")
def ui(port: int) -> None:
    """Dagster: веб-интерфейс и служба расписаний, только на этой машине."""
    from orchestration.setup import set_up
    from orchestration.web import serve

    settings = place()
    set_up(settings)
    sys.exit(serve(settings, port))


def _renew_key(settings: Settings) -> None:
    from ingestion.pseudonym import renew_key
    from orchestration.intake import forget_build
    from warehouse.lock import warehouse_lock

    with warehouse_lock(settings, lambda: click.echo("жду: идёт прогон")):
        forget_build(settings, deep=True)
        key = renew_key(settings)
    click.echo(f"новый ключ псевдонимов {key.key_id}: сделайте его копию отдельно от хранилища")


def _print_query(settings: Settings, ask: Callable[[Any], list[str]]) -> None:
    from warehouse.database import open_database
    from warehouse.lock import warehouse_lock

    if not settings.database.exists():
        raise Problem("прогонов ещё не было: msoko refresh")
    with (
        warehouse_lock(settings, lambda: click.echo("жду: идёт прогон", err=True)),
        open_database(settings, read_only=True) as connection,
    ):
        lines = ask(connection)
    if lines:
        click.echo("\n".join(lines))


def _run(settings: Settings, job: str, config: dict[str, bool]) -> None:
    from orchestration.launch import launch

    outcome = launch(settings, job, config, click.echo)
    click.echo(outcome.text)
    sys.exit(outcome.exit_code)
