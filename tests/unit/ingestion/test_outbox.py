"""Replies: whole files through receiving and reading, and what stands in the outbox then."""

import datetime as dt
import shutil
import stat
from typing import NamedTuple

import openpyxl
import pytest

from ingestion.contracts import load_contracts
from ingestion.journal import open_journal
from ingestion.load import (
    create_raw_tables,
    move_into_raw,
    plan,
    read_new,
    refresh_deliveries,
    stage,
)
from ingestion.read.layout import read_file
from ingestion.reasons import REASONS, sentence
from ingestion.receive import receive, scan
from ingestion.reply.marking import LIST_SHEET, Job, mark, mark_workbook
from ingestion.reply.outbox import NO_SENDER, write_due
from ingestion.reply.receipt import Place, for_sender
from ingestion.reply.template import FIRST_ROW, FORM_SHEET, form_columns, write_template
from tests.unit.ingestion.intake_world import SCHOOLS
from tests.unit.ingestion.layout_world import context, semicolons
from warehouse.database import open_database, transaction
from warehouse.settings import load_settings

SECRET = "Тайнова"


def form(table, path, rows):
    """A form filled in; rows are column → value."""
    contract = load_contracts()[table]
    path.parent.mkdir(parents=True, exist_ok=True)
    write_template(contract, path)
    book = openpyxl.load_workbook(path)
    names = [column.name for column in form_columns(contract)]
    for number, row in enumerate(rows, start=FIRST_ROW):
        for name, value in row.items():
            book[FORM_SHEET].cell(number, names.index(name) + 1, value)
    book.save(path)


def decision(number, **changes):
    return {
        "school_code": "s1",
        "decision_school_year": f"{2015 + number}/{16 + number}",
        "decision": "включить",
        "document_no": f"0{number}-п",
        "document_date": dt.date(2021, 3, number),
        **changes,
    }


class Answer(NamedTuple):
    folder: str
    text: str
    files: dict


class Town:
    """An installation whose inbox holds files of every fate."""

    def __init__(self, root):
        self.settings = load_settings(
            {
                "MSOKO_WAREHOUSE": str(root / "warehouse"),
                "HOME": str(root),
                "MSOKO_SETTLE_SECONDS": "0",
            }
        )
        self.settings.make_folders()
        inbox = self.settings.inbox
        form("school", inbox / "реестр.xlsx", SCHOOLS)
        rows = [decision(number) for number in range(1, 12)]
        rows[3]["document_date"] = SECRET
        rows[5]["decision"] = f"=HYPERLINK({SECRET})"
        form("shnor_decision", inbox / "Отдел качества" / "решения.xlsx", rows)
        counts = {
            column.name: 10
            for column in load_contracts()["social_passport"].columns
            if column.type == "int"
        }
        passport = {"school_code": "00111", "school_year": "2024/25", **counts}
        form("social_passport", inbox / "Отдел качества" / "паспорт.xlsx", [passport])
        wrong = {**passport, "school_code": "", "school_name_given": "СОШ № 2", "n_pupils": SECRET}
        form("social_passport", inbox / "паспорт-2.xlsx", [wrong])
        titles = [c.title for c in form_columns(load_contracts()["shnor_official"])]
        table = [
            ["s1", "", f"20{year}/{year + 1}", "да", "1", "01.09.2020"] for year in range(15, 23)
        ]
        table[2][2] = SECRET
        text = semicolons([titles, *(row[: len(titles)] for row in table)])
        (inbox / "перечень.csv").write_bytes(text)
        book = openpyxl.Workbook()
        book.active.append(["что-то", SECRET])
        book.save(inbox / "чужое.xlsx")
        (inbox / "защищено.xlsx").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)

    def run(self, held=()):
        """Everything up to the replies; returns how many deliveries were answered."""
        settings = self.settings
        receive(settings, scan(settings))
        with open_database(settings) as con:
            create_raw_tables(con)
            read_new(con, settings, open_journal(settings), lambda done, total: None)
            planned = plan(con)
            stage(con, settings, planned, *planned.changed)
            with transaction(con):
                move_into_raw(con, *(table for table in planned.changed if table not in held))
            refresh_deliveries(con)
            return write_due(settings, con)

    def files(self):
        outbox = self.settings.outbox
        return {str(path.relative_to(outbox)): path for path in sorted(outbox.rglob("*.*"))}

    def said(self):
        """All receipts as (file of the outbox, text)."""
        return [
            (path, text)
            for path in self.files().values()
            if path.suffix == ".txt" and "квитанции" in path.name
            for text in path.read_text(encoding="utf-8").split("\n\n")
        ]

    def reply(self, name):
        """Folder and text of the receipt of a file, ending → file of the others."""
        [(path, text)] = [(path, text) for path, text in self.said() if f"Файл: {name}\n" in text]
        delivery = text.split()[3]
        others = path.parent.glob(f"*_{delivery}_*")
        return Answer(path.parent.name, text, {o.name.rpartition("_")[2]: o for o in others})


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    root = tmp_path_factory.mktemp("town")
    town = Town(root)
    assert town.run() == 7
    return town


def test_a_good_file_gets_a_receipt_alone(made) -> None:
    answer = made.reply("реестр.xlsx")
    assert answer.files == {}
    assert "Итог: принята\n" in answer.text
    assert "Строк прочитано 3: принято 3, отклонено 0, школ вне реестра 0" in answer.text
    assert "Таблица: Реестр школ (REG)" in answer.text
    assert answer.folder == NO_SENDER


def test_a_file_about_one_school_is_answered_to_that_school(made) -> None:
    answer = made.reply("Отдел качества/паспорт.xlsx")
    assert "Итог: принята\n" in answer.text
    assert answer.folder == "s1"


def test_a_refused_file_is_answered_to_the_school_that_it_names(made) -> None:
    answer = made.reply("паспорт-2.xlsx")
    assert "Итог: не принята\n" in answer.text
    assert answer.folder == "s2"


def test_folders_are_closed(made) -> None:
    for path in made.settings.outbox.rglob("*"):
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode == (0o700 if path.is_dir() else 0o600), path


def test_a_partly_refused_workbook_comes_back_marked(made) -> None:
    answer = made.reply("Отдел качества/решения.xlsx")
    assert answer.folder == "Отдел_качества"
    assert "Итог: принята частично\n" in answer.text
    assert "Строк прочитано 11: принято 9, отклонено 2, школ вне реестра 0" in answer.text
    assert (
        f"лист «{FORM_SHEET}», строка 6, столбец «Дата документа»: В ячейке не дата" in answer.text
    )
    book = openpyxl.load_workbook(answer.files["исправить.xlsx"])
    assert book.sheetnames[0] == LIST_SHEET
    listed = [[cell.value for cell in row] for row in book[LIST_SHEET].iter_rows(min_row=2)]
    [line] = [line for line in listed if line[2] == "6"]
    assert line[1:5] == [FORM_SHEET, "6", "Дата документа", "В ячейке не дата"]
    assert "Дата документа-основания" in line[5]
    assert line[6] == "Запишите дату как 20.04.2026"
    column = [cell.value for cell in book[FORM_SHEET][2]].index("Дата документа") + 1
    wrong = book[FORM_SHEET].cell(6, column)
    assert wrong.value == SECRET
    assert wrong.fill.fgColor.rgb.endswith("FFC7CE")
    assert "В ячейке не дата" in wrong.comment.text
    links = [cell.hyperlink.location for cell in book[LIST_SHEET]["A"] if cell.hyperlink]
    assert f"'{FORM_SHEET}'!{wrong.coordinate}" in links
    assert book[FORM_SHEET].cell(7, column).fill.fgColor.rgb == "00000000"
    assert all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)


def test_the_marked_copy_mended_is_a_good_file(made, tmp_path) -> None:
    book = openpyxl.load_workbook(made.reply("Отдел качества/решения.xlsx").files["исправить.xlsx"])
    headings = [cell.value for cell in book[FORM_SHEET][2]]
    book[FORM_SHEET].cell(6, headings.index("Дата документа") + 1, dt.date(2021, 3, 4))
    book[FORM_SHEET].cell(8, headings.index("Решение") + 1, "включить")
    book.save(tmp_path / "mended.xlsx")
    data = (tmp_path / "mended.xlsx").read_bytes()
    reading = read_file(data, "mended.xlsx", {}, "0" * 16, context())
    assert (reading.status, reading.rows_accepted, reading.rows_rejected) == ("read", 11, 0)


def test_a_text_file_comes_back_as_it_is_beside_a_list(made) -> None:
    answer = made.reply("перечень.csv")
    assert set(answer.files) == {"исправить.xlsx", "оригинал.csv"}
    assert (
        answer.files["оригинал.csv"].read_bytes()
        == (made.settings.inbox / "перечень.csv").read_bytes()
    )
    book = openpyxl.load_workbook(answer.files["исправить.xlsx"])
    assert book.sheetnames == [LIST_SHEET]
    assert "4" in [cell.value for cell in book[LIST_SHEET]["C"]]


def test_an_unknown_workbook_gets_the_reason_on_its_first_sheet(made) -> None:
    answer = made.reply("чужое.xlsx")
    book = openpyxl.load_workbook(answer.files["исправить.xlsx"])
    assert book.sheetnames == [LIST_SHEET, "Sheet"]
    assert book[LIST_SHEET]["B2"].value == "весь файл"
    assert "не найдена известная таблица" in book[LIST_SHEET]["E2"].value
    assert "Итог: не принята" in answer.text


def test_a_file_that_must_not_be_opened_gets_the_list_alone(made) -> None:
    answer = made.reply("защищено.xlsx")
    assert openpyxl.load_workbook(answer.files["исправить.xlsx"]).sheetnames == [LIST_SHEET]


def test_lists_and_receipts_never_repeat_what_stands_in_a_cell(made) -> None:
    for path in made.files().values():
        if path.suffix == ".txt":
            assert SECRET not in path.read_text(encoding="utf-8")
        elif path.suffix == ".xlsx":
            sheet = openpyxl.load_workbook(path)[LIST_SHEET]
            assert all(SECRET not in str(cell.value) for row in sheet.iter_rows() for cell in row)


def test_only_what_changes_is_written_again(made, tmp_path) -> None:
    shutil.copytree(made.settings.root, tmp_path / "warehouse")
    town = object.__new__(Town)
    town.settings = load_settings(
        {"MSOKO_WAREHOUSE": str(tmp_path / "warehouse"), "HOME": str(made.settings.root.parent)}
    )
    before = {name: path.stat().st_mtime_ns for name, path in town.files().items()}
    assert town.run() == 0
    assert {name: p.stat().st_mtime_ns for name, p in town.files().items()} == before
    with open_database(town.settings) as con:  # the database was lost: the same files stay
        con.execute("drop table meta.receipt")
        assert write_due(town.settings, con) == 7
    assert {name: p.stat().st_mtime_ns for name, p in town.files().items()} == before
    form("school", town.settings.inbox / "реестр.xlsx", [{**SCHOOLS[0]}, {**SCHOOLS[1]}])
    assert town.run() == 2
    texts = [text for _, text in town.said() if "Файл: реестр.xlsx" in text]
    assert "Заменена файлом: реестр.xlsx" in texts[0]
    assert "Заменяет файл: реестр.xlsx" in texts[1]


def test_what_is_stale_goes(made, tmp_path) -> None:
    shutil.copytree(made.settings.root, tmp_path / "warehouse")
    settings = load_settings(
        {"MSOKO_WAREHOUSE": str(tmp_path / "warehouse"), "HOME": str(made.settings.root.parent)}
    )
    with open_database(settings) as con:
        con.execute("delete from meta.rejection")
        con.execute("update meta.delivery set rows_rejected = 0 where rows_rejected = 2")
        con.execute("update meta.delivery set sender = 's2' where original_name like 'перечень%'")
        con.execute("update meta.receipt set digest = ''")
        write_due(settings, con)
    names = sorted(
        (path.parent.name, path.name.rpartition("_")[2])
        for path in settings.outbox.rglob("*_*")
        if path.is_file()
    )
    assert ("Отдел_качества", "исправить.xlsx") not in names
    assert ("s2", "квитанции.txt") in names
    assert [name for name in names if name[1] == "оригинал.csv"] == [("s2", "оригинал.csv")]


def test_a_held_delivery_is_told_the_rules(made, tmp_path) -> None:
    shutil.copytree(made.settings.root, tmp_path / "warehouse")
    town = object.__new__(Town)
    town.settings = load_settings(
        {"MSOKO_WAREHOUSE": str(tmp_path / "warehouse"), "HOME": str(made.settings.root.parent)}
    )
    form(
        "shnor_decision",
        town.settings.inbox / "ещё.xlsx",
        [decision(1, document_date=dt.date(2026, 1, 9))],
    )
    town.run(held=("shnor_decision",))
    with open_database(town.settings) as con:
        own = con.execute(
            "select delivery_id from meta.delivery where original_name = 'ещё.xlsx'"
        ).fetchone()[0]
        con.execute("update meta.delivery set rows_accepted = 0 where delivery_id = ?", [own])
        details = "Нарушений: 2 из 7. Где: поставка чужая, лист «Тайный», строки 9 и далее. "
        con.executemany(
            "insert into meta.check_result values ('r', timestamp '2026-01-01', 'shnor_decision',"
            " ?, ?, 'critical', false, 7, 2, ?)",
            [
                ("future", "Решение не из будущего", f"{details}Что делать: исправьте дату"),
                ("whole", "Решений не убыло", f"{details}Что делать: пришлите все"),
                ("others", "Чужое правило", f"{details}Что делать: исправьте"),
            ],
        )
        con.executemany(
            "insert into meta.check_failure values ('r', 'shnor_decision', ?, ?, ?, ?)",
            [
                ("future", own, FORM_SHEET, 3),
                ("future", "чужая", "Тайный", 9),
                ("whole", own, None, None),
                ("others", "чужая", "Тайный", 9),
            ],
        )
    town.run(held=("shnor_decision",))
    answer = town.reply("ещё.xlsx")
    said = answer.text
    assert "Итог: задержана проверкой" in said
    assert (
        f"Не выполнено правило: Решение не из будущего; лист «{FORM_SHEET}», строки 3. "
        "Что делать: исправьте дату\n"
    ) in said
    assert "Не выполнено правило: Решений не убыло. Что делать: пришлите все\n" in said
    assert "Если в файле всё верно, напишите об этом в управление образования" in said
    hidden = ("Чужое правило", "чужая", "Тайный", "Нарушений", "msoko")
    assert not [word for word in hidden if word in said]
    book = openpyxl.load_workbook(answer.files["исправить.xlsx"])
    assert book[FORM_SHEET]["A3"].comment.text.startswith("Не выполнено правило: Решение не из")


@pytest.mark.parametrize("code", sorted(REASONS))
def test_a_sender_is_told_no_commands_and_no_tables(code) -> None:
    params = {"form": "social_passport", "version": "0a1b2c3d", "current": "4e5f6a7b"}
    said = for_sender(sentence(code, params | {"options": "--grade 4", "other": "б.xlsx"}))
    words = ("msoko", "social_passport", "restricted_rows", "0a1b2c3d", "template")
    assert not [word for word in words if word in said], said


def place(**changes):
    return Place(**{"sheet": "Sheet", "row": 3, "heading": "Балл", "what": "Нет",
                    "expected": "", "remedy": "Да", **changes})  # fmt: skip


def test_headings_in_two_rows_and_rows_without_a_heading(tmp_path) -> None:
    book = openpyxl.Workbook()
    for row in (["Код", "Работа", ""], ["", "Вариант", "Балл"], [None, 1, 2]):
        book.active.append(row)
    book.active.merge_cells("B1:C1")
    book.save(tmp_path / "a.xlsx")
    places = [place(heading="Работа Балл"), place(heading=""), place(sheet="нет")]
    marked = mark_workbook((tmp_path / "a.xlsx").read_bytes(), places)
    (tmp_path / "b.xlsx").write_bytes(marked)
    sheet = openpyxl.load_workbook(tmp_path / "b.xlsx")["Sheet"]
    noted = [cell.coordinate for row in sheet.iter_rows() for cell in row if cell.comment]
    assert noted == ["B3", "C3"]


def test_formulas_that_only_count_stay(tmp_path) -> None:
    book = openpyxl.Workbook()
    formulas = [
        "=SUM(A1:B2)+1", "=ROUND($A$1/2,1)", "=cmd|' /C calc'!A0", '=HYPERLINK("http://x")',
        "=WEBSERVICE(A1)",
    ]  # fmt: skip
    book.active.append(formulas)
    book.save(tmp_path / "a.xlsx")
    (tmp_path / "b.xlsx").write_bytes(mark_workbook((tmp_path / "a.xlsx").read_bytes(), []))
    cells = list(openpyxl.load_workbook(tmp_path / "b.xlsx")["Sheet"][1])
    assert [cell.data_type for cell in cells] == ["f", "f", "s", "s", "s"]


def test_a_workbook_that_kills_the_child_costs_its_copy_only(tmp_path) -> None:
    import hashlib

    settings = load_settings({"HOME": str(tmp_path)})
    book = openpyxl.Workbook()
    book.save(tmp_path / "a.xlsx")
    data = (tmp_path / "a.xlsx").read_bytes()
    sha = hashlib.sha256(data).hexdigest()
    jobs = [
        Job(str(tmp_path / "a.xlsx"), sha, "a.xlsx", str(tmp_path / target), (place(),))
        for target in ("no/such/folder.xlsx", "b.xlsx")
    ]
    damaged = Job(str(tmp_path / "a.xlsx"), "0", "a.xlsx", str(tmp_path / "c.xlsx"), ())
    assert mark([*jobs, damaged], settings.readers) == {str(tmp_path / "b.xlsx")}
    assert stat.S_IMODE((tmp_path / "b.xlsx").stat().st_mode) == 0o600
