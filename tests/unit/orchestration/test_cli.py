"""The command line: words, exit codes, what is refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from openpyxl import Workbook, load_workbook

from ingestion.contracts import load_contracts
from ingestion.journal import open_journal
from ingestion.load import create_raw_tables, refresh_deliveries, sync_journal
from ingestion.pseudonym import load_key
from ingestion.receive import receive, scan
from ingestion.reply import seedbook
from orchestration.cli import main
from orchestration.fingerprints import product_hashes
from warehouse.database import open_database
from warehouse.release import current_release, new_release, publish
from warehouse.settings import Settings, load_settings
from warehouse.state import State, write_state


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("MSOKO_WAREHOUSE", str(tmp_path / "warehouse"))
    monkeypatch.setenv("MSOKO_KEY_FILE", str(tmp_path / "key"))
    made = load_settings()
    made.make_folders()
    return made


def msoko(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def real_file(folder: Path, name: str = "a.xlsx") -> Path:
    book = Workbook()
    book.active.append(["что-то"])
    book.save(folder / name)
    return folder / name


def release(settings: Settings, value: int) -> str:
    head = new_release(settings, run_id=f"r{value}", kind="synthetic", fingerprint=str(value))
    return publish(settings, head, lambda con: con.execute("create table t (a int)"), {}).release_id


def test_help_is_in_plain_words() -> None:
    shown = msoko("--help")
    assert shown.exit_code == 0
    for command in (
        "sample", "refresh", "rebuild", "deliver", "deliveries", "withdraw", "accept", "trace",
        "releases", "rollback", "template", "reference", "receipt", "reset", "setup", "ui",
    ):  # fmt: skip
        assert f"\n  {command} " in shown.output
        assert msoko(command, "--help").exit_code == 0


def test_nothing_new(settings: Settings) -> None:
    release_id = release(settings, 1)
    settings.database.touch()
    write_state(
        settings,
        State("run", "2026-11-24T00:00:00+00:00", release_id, 0, product_hashes(), {}, {}),
    )
    said = msoko("refresh")
    assert said.exit_code == 0, said.output
    assert said.output.startswith(f"нового нет; выпуск {release_id} от 24.11.2026")


def test_nothing_new_after_a_roll_back_names_what_readers_see(settings: Settings) -> None:
    first, second = release(settings, 1), release(settings, 2)
    settings.database.touch()
    write_state(
        settings,
        State("run", "2026-11-24T00:00:00+00:00", second, 0, product_hashes(), {}, {}),
    )
    msoko("rollback")
    assert f"читатели видят возвращённый вручную выпуск {first}" in msoko("refresh").output


@pytest.mark.parametrize(
    "told",
    [["--subject", "Матиматика"], ["--season", "лето"], ["--date", "31.02.2025"],
     ["--procedure", "ВСОШ"]],
)  # fmt: skip
def test_deliver_refuses_a_word_that_it_does_not_know(
    settings: Settings, tmp_path: Path, told: list[str]
) -> None:
    said = msoko("deliver", str(real_file(tmp_path)), *told)
    assert said.exit_code == 1
    assert told[1] in said.output
    assert not open_journal(settings).events


def test_deliver_takes_what_an_envelope_may_lack(settings: Settings, tmp_path: Path) -> None:
    said = msoko(
        "deliver", str(real_file(tmp_path)), "--subject", "математике", "--programme", "4",
        "--season", "осень", "--date", "30.05.2025",
    )  # fmt: skip
    assert said.exit_code == 0, said.output
    told = open_journal(settings).events[-1].told
    assert told["programme_grade"] == "4"
    assert told["exam_date"] == "30.05.2025"


def test_nothing_new_but_held(settings: Settings) -> None:
    settings.database.touch()
    release_id = release(settings, 1)
    held = {"vpr_marks": 1}
    write_state(
        settings,
        State("run", "2026-11-24T00:00:00+00:00", release_id, 0, product_hashes(), {}, held),
    )
    said = msoko("refresh")
    assert said.exit_code == 3
    assert "на прежней поставке стоят таблицы: vpr_marks" in said.output


def test_a_lost_key_is_a_sentence(settings: Settings) -> None:
    load_key(settings)
    settings.key_file.unlink()
    said = msoko("setup")
    assert said.exit_code == 1
    assert said.output.startswith("Ошибка: Нет файла ключа псевдонимов")


def test_a_folder_that_cannot_be_made_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MSOKO_WAREHOUSE", "/proc/nowhere")
    said = msoko("refresh")
    assert said.exit_code == 1
    assert said.output.startswith("Ошибка: нет папки или прав на неё: /proc/nowhere")


def test_questions_before_the_first_run(settings: Settings) -> None:
    for arguments in (["deliveries"], ["trace", "D1.07a", "s", "2020/21"]):
        said = msoko(*arguments)
        assert said.exit_code == 1
        assert "msoko refresh" in said.output


def test_releases_list_pin_roll_back(settings: Settings) -> None:
    first, second = release(settings, 1), release(settings, 2)
    assert msoko("releases", "pin", first, "--reason", "справка № 3").exit_code == 0
    listed = msoko("releases").output.splitlines()
    assert listed[0].startswith(second)
    assert listed[0].endswith("текущий")
    assert listed[1].endswith("закреплён: справка № 3")
    assert first in msoko("rollback").output
    current = current_release(settings)
    assert current is not None
    assert current.release_id == first
    assert msoko("rollback").exit_code == 1
    assert msoko("releases", "unpin", "nothing").exit_code == 1


def test_a_delivered_file_waits_for_the_next_refresh(settings: Settings, tmp_path: Path) -> None:
    path = real_file(tmp_path)
    said = msoko("deliver", str(path), "--subject", "MA", "--grade", "4", "--year", "2021")
    assert said.exit_code == 0, said.output
    event = open_journal(settings).events[-1]
    assert dict(event.told) == {"subject": "MA", "grade_label": "4", "cal_year": "2021"}
    said = msoko("withdraw", event.delivery_id, "--reason", "просит Канарейкина Анна Ильинична")
    assert said.exit_code == 1
    assert "напишите без имён" in said.output
    assert "анарейкин" not in said.output
    taken_back = msoko("withdraw", event.delivery_id, "--reason", "ошибка школы")
    assert taken_back.exit_code == 0, taken_back.output
    assert msoko("withdraw", "0" * 16, "--reason", "нет такой").exit_code == 1


def test_an_acceptance_does_not_end_before_it_begins(settings: Settings) -> None:
    answers = ("--reason", "верно", "--document", "№ 1", "--until")
    assert "уже прошёл" in msoko("accept", "0" * 16, *answers, "01.01.2020").output
    assert "уже прошёл" not in msoko("accept", "0" * 16, *answers, "01.01.2050").output


def test_what_an_operator_writes_names_nobody(settings: Settings) -> None:
    first = release(settings, 1)
    said = [
        msoko("accept", "0" * 16, "--reason", "верно", "--until", "01.01.2050",
              "--document", "заявление Канарейкиной В.П."),
        msoko("accept", "0" * 16, "--reason", "СНИЛС 112-233-445 95", "--until", "01.01.2050",
              "--document", "№ 1"),
        msoko("releases", "pin", first, "--reason", "канарейкина анна петровна"),
    ]  # fmt: skip
    for answer in said:
        assert answer.exit_code == 1
        assert "напишите без имён" in answer.output


def test_a_bad_file_is_refused_in_words(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "link.xlsx").symlink_to(real_file(tmp_path))
    said = msoko("deliver", str(tmp_path / "link.xlsx"))
    assert said.exit_code == 1
    assert "Ошибка:" in said.output


def test_reset_never_touches_real_files(settings: Settings) -> None:
    real_file(settings.inbox)
    receive(settings, scan(settings))
    said = msoko("reset", "--yes")
    assert said.exit_code == 1
    assert "настоящие файлы" in said.output
    assert open_journal(settings).events
    assert msoko("sample").exit_code == 1


def test_reset_empties_a_synthetic_warehouse(settings: Settings) -> None:
    assert msoko("sample", "--schools", "3", "--years", "1").exit_code == 0
    assert msoko("sample", "--if-empty").output == ""
    receive(settings, scan(settings))
    release(settings, 1)
    assert msoko("reset").exit_code == 1
    said = msoko("reset", "--yes")
    assert said.exit_code == 0, said.output
    assert open_journal(settings).events == []
    assert current_release(settings) is None
    assert not list(settings.inbox.rglob("*.xlsx"))
    assert settings.inbox.is_dir()


def test_templates(settings: Settings, tmp_path: Path) -> None:
    said = msoko("template", "school", "--out", str(tmp_path / "forms"))
    assert said.exit_code == 0, said.output
    assert (tmp_path / "forms" / "school.xlsx").exists()
    said = msoko("template", "S19", "--out", str(tmp_path))
    assert [Path(line).name for line in said.output.split()] == ["staff.xlsx", "staff_post.xlsx"]
    refused = msoko("template", "nothing")
    assert refused.exit_code == 1
    assert "school" in refused.output
    assert "S19" in refused.output
    assert msoko("template").exit_code == msoko("template", "S19", "--all").exit_code == 1


def test_all_templates_offer_the_citys_schools(settings: Settings, tmp_path: Path) -> None:
    with open_database(settings) as connection:
        create_raw_tables(connection)
        connection.execute(
            "insert into raw.school by name select 's' || i as school_id, 'Школа ' || i as"
            " short_name, case when i < 3 then ? else 'elsewhere' end as municipality_id,"
            " case when i = 2 then date '2020-01-01' end as closed_on from range(1, 5) as t(i)",
            [settings.municipality_id],
        )
    said = msoko("template", "--all", "--out", str(tmp_path))
    assert said.exit_code == 0, said.output
    names = {Path(line).stem for line in said.output.split()}
    forms = {c.table for c in load_contracts().values() if c.template and not c.restricted}
    assert names == forms | {"S40"}
    lists = load_workbook(tmp_path / "staff.xlsx")["Списки"]
    assert [cell.value for cell in lists["A"] if cell.value] == ["s1 — Школа 1"]


def test_reference_comes_back(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "reference"
    shutil.copytree(seedbook.FOLDER, folder)
    defaults = (folder,)
    monkeypatch.setattr(seedbook.import_seed_book, "__defaults__", defaults)
    msoko("template", "S40", "--out", str(tmp_path))
    path = tmp_path / "S40.xlsx"
    assert "справочники те же" in msoko("reference", "import", str(path)).output
    book = load_workbook(path)
    book["vpr_scale"]["E3"] = 21
    book.save(path)
    said = msoko("reference", "import", str(path))
    assert said.exit_code == 0, said.output
    assert said.output.startswith("vpr_scale: было строк ")
    book["vpr_scale"]["E3"] = "много"
    book.save(path)
    said = msoko("reference", "import", str(path))
    assert said.exit_code == 1
    assert "лист «vpr_scale», строка 3, «max_score»: нужно целое число" in said.output
    refused = msoko("reference", "import", str(real_file(tmp_path, "b.csv")))
    assert refused.exit_code == 1


def test_a_receipt_is_written_again(settings: Settings) -> None:
    real_file(settings.inbox)
    receive(settings, scan(settings))
    with open_database(settings) as connection:
        create_raw_tables(connection)
        sync_journal(connection, open_journal(settings))
        connection.execute(
            "insert into meta.reading by name select delivery_id, '' as generation, '' as segment,"
            " '' as name, '' as told, 'refused' as outcome, 'NO_DATA_ROWS' as reason_code,"
            " 'Нет строк' as reason, 0 as rows_read, 0 as rows_accepted, 0 as rows_rejected,"
            " 0 as rows_structural from meta.arrival"
        )
        refresh_deliveries(connection)
    delivery = open_journal(settings).events[0].delivery_id
    said = msoko("receipt", delivery)
    assert said.exit_code == 0, said.output
    assert f"Квитанция о поставке {delivery}" in said.output
    assert all(Path(line).exists() for line in said.output.splitlines()[-2:])
    assert msoko("receipt", "nothing").exit_code == 1


def test_a_missing_configuration_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MSOKO_CONFIG", "/nowhere/msoko.yml")
    said = msoko("releases")
    assert said.exit_code == 1
    assert "msoko.yml" in said.output


def test_a_full_reset_can_be_repeated(settings: Settings) -> None:
    shutil.rmtree(settings.root)
    assert msoko("reset", "--yes").exit_code == 0
