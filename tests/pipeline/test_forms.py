"""What becomes of the forms that schools send: one story of five nights, in one warehouse.

Of a small city only the register and a few forms are delivered, so that a night is short.
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from orchestration import REFRESH
from orchestration.cli import main
from orchestration.launch import HELD, launch
from orchestration.pending import look
from samples.city import write_city
from warehouse.database import open_database, open_file
from warehouse.settings import PROJECT, Settings, load_settings

pytestmark = pytest.mark.slow

VOLUNTEERS = "Реестры/S35/Добровольчество.xlsx"
OWN = "Реестры/S35/{}/Добровольчество.xlsx"
SENDERS = ("edu230001", "edu230002", "edu230003")
WRONG, BAD, GOOD = (OWN.format(sender) for sender in SENDERS)
LIST = "Реестры/S34/Обучающиеся с ОВЗ список.xlsx"
COUNTS = "Реестры/S34/Обучающиеся с ОВЗ.xlsx"
OLD = "Реестры/S32/Обучающиеся, для которых русский язык не родной.xlsx"
PERSONAL = "Реестры/S44/Каникулярная занятость.xlsx"
CONTINGENT = "Сетевой город/Контингент 2021-22.xls"
KEPT = (CONTINGENT, LIST, COUNTS, OLD, PERSONAL, VOLUNTEERS, "Реестр школ.xlsx")
TABLE, COLUMN = "volunteer_count", "Волонтёров"
HEADINGS = 2


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    with pytest.MonkeyPatch.context() as patch:
        root = tmp_path_factory.mktemp("forms")
        patch.setenv("MSOKO_WAREHOUSE", str(root / "warehouse"))
        patch.setenv("MSOKO_CONFIG", str(root / "msoko.yml"))
        text = (PROJECT / "msoko.yml").read_text(encoding="utf-8")
        (root / "msoko.yml").write_text(text, encoding="utf-8")
        made = load_settings()
        made.make_folders()
        write_city(made.inbox, schools=3, years=1, restricted=True)
        for path in made.inbox.rglob("*"):
            name = str(path.relative_to(made.inbox))
            if path.is_file() and name not in KEPT and not name.startswith("."):
                path.unlink()
        for sender in SENDERS:
            own = made.inbox / OWN.format(sender)
            own.parent.mkdir()
            shutil.copy(made.inbox / VOLUNTEERS, own)
            edit(own, partial(keep, sender))
        (made.inbox / VOLUNTEERS).unlink()
        yield made


def night(settings: Settings) -> tuple[int, str]:
    outcome = launch(settings, REFRESH, {}, lambda text: None)
    return outcome.exit_code, outcome.text


def published(settings: Settings, query: str) -> list[tuple[Any, ...]]:
    with open_file(settings.published) as con:
        return con.execute(query).fetchall()


def known(settings: Settings, query: str) -> list[tuple[Any, ...]]:
    with open_database(settings, read_only=True) as con:
        return con.execute(query).fetchall()


def state(settings: Settings, name: str) -> tuple[Any, ...]:
    """Status, reason, rejected rows of the newest delivery of that name."""
    [row] = published(
        settings,
        "select status, reason_code, rows_rejected from meta.delivery"
        f" where original_name = '{name}' order by seq desc limit 1",
    )
    return row


def schools_in_force(settings: Settings) -> list[str]:
    rows = known(settings, f"select distinct right(school_id, 1) from raw.{TABLE} order by 1")
    return [school for (school,) in rows]


def edit(path: Path, change: Callable[[Worksheet], None]) -> None:
    book: Workbook = load_workbook(path)
    change(book.worksheets[0])
    book.save(path)


def put(heading: str, value: str | int, row: int = HEADINGS + 1) -> Callable[[Worksheet], None]:
    """Write into a column of a row; by default the first one under the headings."""

    def change(sheet: Worksheet) -> None:
        headings = [cell.value for cell in sheet[HEADINGS]]
        sheet.cell(row, headings.index(heading) + 1, value)

    return change


def fill(heading: str, value: str | int, sheet: Worksheet) -> None:
    """Write into a column of all rows."""
    for row in range(HEADINGS + 1, sheet.max_row + 1):
        put(heading, value, row)(sheet)


def keep(sender: str, sheet: Worksheet) -> None:
    """Only the rows of one school."""
    for row in range(sheet.max_row, HEADINGS, -1):
        if sender not in [cell.value for cell in sheet[row]]:
            sheet.delete_rows(row)


def as_of_old(sheet: Worksheet) -> None:
    """A form of an older version, which asked for something else."""
    sheet.cell(1, 1, str(sheet.cell(1, 1).value)[:-8] + "00000000")
    put("Русский не родной", "Не родной", HEADINGS)(sheet)


def one_more_column(sheet: Worksheet) -> None:
    column = sheet.max_column + 1
    sheet.cell(HEADINGS, column, "Дата рождения")
    sheet.cell(HEADINGS + 1, column, "01.02.2010")


def answers(settings: Settings, school: int) -> dict[str, Path]:
    """Files of a school's folder of the outbox, by the end of their names."""
    [folder] = settings.outbox.glob(f"*-00{school}")
    return {path.name.rsplit("_", 1)[1]: path for path in folder.iterdir()}


def test_first_night_one_bad_form_keeps_no_other_out(settings: Settings) -> None:
    inbox = settings.inbox
    edit(inbox / WRONG, put(COLUMN, "семь"))
    edit(inbox / BAD, partial(fill, "Обучающихся от 8 лет", 9000))
    edit(inbox / OLD, as_of_old)
    edit(inbox / PERSONAL, one_more_column)
    code, text = night(settings)
    assert code == HELD, text
    assert f"Таблица {TABLE} стоит на поставке от" in text
    assert f"задержано: {BAD}" in text
    assert schools_in_force(settings) == ["1", "3"]
    assert state(settings, GOOD) == ("accepted", None, 0)
    assert state(settings, WRONG) == ("accepted", None, 1)
    assert state(settings, BAD) == ("held", "HELD", 0)
    assert published(settings, "select held from meta.release") == [(TABLE,)]


def test_what_must_not_come_is_refused(settings: Settings) -> None:
    assert state(settings, LIST)[:2] == ("refused", "RESTRICTED_ROWS")
    assert state(settings, OLD)[:2] == ("refused", "TEMPLATE_VERSION")
    assert state(settings, PERSONAL)[:2] == ("refused", "EXTRA_PERSONAL_DATA")


def test_the_senders_are_told(settings: Settings) -> None:
    found = answers(settings, 1)
    receipt = found["квитанции.txt"].read_text(encoding="utf-8")
    assert COLUMN in receipt
    assert "семь" not in receipt
    marked = load_workbook(found["исправить.xlsx"])
    notes = [c.comment.text for s in marked for row in s for c in row if c.comment]
    assert len(notes) == 1
    assert notes[0].startswith("В ячейке не число\nОжидается: ")
    assert "семь" not in notes[0]
    told = answers(settings, 2)["квитанции.txt"].read_text(encoding="utf-8")
    assert "задержана проверкой" in told
    # Data that should never have come are not multiplied: neither copied nor named.
    copies = [path.name for path in settings.outbox.rglob("*оригинал*")]
    assert copies == []


def test_second_night_a_correction_supersedes_and_what_is_held_stays(settings: Settings) -> None:
    since = known(settings, "select stale_since from meta.table_state where state = 'held'")
    edit(settings.inbox / WRONG, partial(fill, COLUMN, 7))
    edit(settings.inbox / GOOD, put(COLUMN, 5))
    code, text = night(settings)
    assert code == HELD, text
    assert schools_in_force(settings) == ["1", "3"]
    assert state(settings, WRONG) == ("accepted", None, 0)
    assert published(
        settings,
        f"select status from meta.delivery where original_name = '{WRONG}' order by seq",
    ) == [("superseded",), ("accepted",)]
    assert state(settings, BAD) == ("held", "HELD", 0)
    assert known(settings, "select stale_since from meta.table_state where state = 'held'") == since
    assert known(
        settings,
        f"select school_id[-1], min(n_volunteers) from raw.{TABLE} group by 1 order by 1",
    ) == [("1", 7), ("3", 5)]


def test_third_night_accepted_by_a_person(settings: Settings) -> None:
    [(delivery,)] = published(
        settings, "select delivery_id from meta.delivery where status = 'held'"
    )
    today = dt.datetime.now(dt.UTC).astimezone().date()
    arguments = ["accept", delivery, "--reason", "Школа-интернат", "--document", "77-р"]
    done = CliRunner().invoke(main, [*arguments, "--until", f"{today:%d.%m.%Y}"])
    assert done.exit_code == 0, done.output
    assert look(settings).reasons
    code, text = night(settings)
    assert code == 0, text
    assert f"Принята вопреки проверке до {today:%d.%m.%Y}: поставка {delivery}" in text
    assert schools_in_force(settings) == ["1", "2", "3"]
    assert published(
        settings, "select delivery_id, reason, document_no, valid_until from meta.acceptance"
    ) == [(delivery, "Школа-интернат", "77-р", today)]
    assert published(
        settings,
        "select count(*) from marts.indicator_value where stale_since is not null",
    ) == [(0,)]
    measure, school, year = published(
        settings,
        "select measure_code, school_id, school_year from marts.indicator_value"
        f" where level = 'school' and list_contains(delivery_ids, '{delivery}') limit 1",
    )[0]
    traced = CliRunner().invoke(main, ["trace", measure, school, year])
    assert "принята вопреки проверке до" in traced.output
    assert "Школа-интернат (документ 77-р)" in traced.output


def test_fourth_night_the_day_has_passed(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert look(settings).reasons == ()

    class Later(dt.datetime):
        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> dt.datetime:  # type: ignore[override]
            return dt.datetime.fromtimestamp(time.time() + 2 * 86_400, tz)

    for module in ("orchestration.pending", "orchestration.raw", "expectations.gate"):
        monkeypatch.setattr(f"{module}.datetime", Later)
    assert look(settings).reasons == ("истёк срок, до которого была принята задержанная поставка",)
    code, text = night(settings)
    assert code == HELD, text
    assert f"задержано: {BAD}" in text
    assert schools_in_force(settings) == ["1", "3"]


def test_fifth_night_lists_of_children_are_read_where_allowed(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    shares = (
        "select school_id, numerator, denominator from marts.indicator_value where measure_code ="
        " 'D1.11b' and level = 'school' and breakdown = 'all' and school_year ="
        " (select max(school_year) from marts.indicator_value where measure_code = 'D1.11b')"
        " order by school_id"
    )
    before = published(settings, shares)
    assert before
    config = Path(os.environ["MSOKO_CONFIG"])
    text = config.read_text(encoding="utf-8")
    config.write_text(
        text.replace("restricted_rows: false", "restricted_rows: true"), encoding="utf-8"
    )
    allowed = load_settings()
    assert allowed.restricted_rows
    night(allowed)
    assert state(allowed, LIST)[0] == "accepted"
    listed = known(
        allowed,
        "select school_id, count(*) filter (where is_supported and is_prescribed),"
        " count(*) filter (where is_prescribed) from raw.sen_pupil group by 1 order by 1",
    )
    after = published(allowed, shares)
    assert after != before
    assert [(school, int(n), int(of)) for school, n, of in after] == listed
