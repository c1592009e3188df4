"""The whole corpus through the door and the real workers: reasons, seconds, memory, places."""

from __future__ import annotations

import json
import os
import stat
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ingestion.inbox import scan
from ingestion.journal import open_journal
from ingestion.read.model import Reading
from ingestion.read.pool import ToRead, read_deliveries
from ingestion.receive import receive
from warehouse.settings import load_settings

sys.path.insert(0, str(Path(__file__).parent))
from hostile import CANARY, pack, parts, sheet
from hostile_corpus import OTHERS, XLSX
from hostile_more import MORE

from tests.unit.ingestion.layout_world import EXPORT_2021, semicolons

HERE = Path(__file__).parent
SECONDS, MEGABYTES = 2.0, 512
FIFTY = "".join(
    f'<row r="{number}">'
    + "".join(f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in row)
    + "</row>"
    for number, row in enumerate(
        [EXPORT_2021[0], *([*EXPORT_2021[1][:3], str(40_000 + n), *EXPORT_2021[1][4:]] for n in range(50))],
        start=1,
    )
)  # fmt: skip
GOOD = {
    "good": ("2021/4/Математика.csv", semicolons(EXPORT_2021), 2),
    "a dimension that lies": (
        "2021/4/Математика.xlsx",
        pack(parts(sheet(FIFTY, before='<dimension ref="A1:B2"/>'))),
        50,
    ),
}
FILES = {
    **{f"xlsx: {case}": ("a.xlsx", data, code) for case, (data, code) in XLSX.items()},
    **OTHERS,
    **MORE,
    **GOOD,
}


@dataclass
class World:
    """What became of the corpus: by name in the inbox."""

    root: Path
    readings: dict[str, Reading] = field(default_factory=dict)
    costs: dict[str, tuple[float, int]] = field(default_factory=dict)
    at_the_door: dict[str, str] = field(default_factory=dict)
    before: set[Path] = field(default_factory=set)
    after: set[Path] = field(default_factory=set)
    odd: set[str] = field(default_factory=set)


def entries(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if "vault" not in path.parts}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    made = World(tmp_path_factory.mktemp("hostile"))
    root = made.root
    (root / "tmp").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(HERE))
        patch.setenv("MSOKO_MEASURED", str(root / "costs"))
        patch.setenv("TMPDIR", str(root / "tmp"))
        (root / "costs").touch()
        settings = load_settings(
            {"MSOKO_WAREHOUSE": str(root / "w"), "MSOKO_KEY_FILE": str(root / "key" / "key")}
        )
        settings.make_folders()
        folders = {f"{number:03}": case for number, case in enumerate(FILES)}
        for number, case in folders.items():
            name, data, _ = FILES[case]
            path = settings.inbox / number / name
            path.parent.mkdir(parents=True)
            path.write_bytes(data)
        secret = root / "secret.csv"
        secret.write_text("Код;Балл\n1;2\n")
        odd = settings.inbox / "odd"
        odd.mkdir()
        (odd / "link.csv").symlink_to(secret)
        (odd / "dangling.csv").symlink_to(root / "nowhere")
        (odd / "folder.csv").symlink_to(root)
        (odd / "hard.csv").hardlink_to(secret)
        (odd / "directory.csv").mkdir()
        os.mkfifo(odd / "fifo.csv")
        with suppress(PermissionError):  # only root can make one
            os.mknod(odd / "device.csv", 0o600 | stat.S_IFCHR, os.makedev(1, 5))
        made.odd = {path.stem for path in odd.iterdir()}
        made.before = entries(root)
        received = receive(settings, scan(settings))
        made.at_the_door = dict(received.refused)
        waiting = dict(open_journal(settings).content_of)
        while waiting:  # the same bytes stand in the corpus under several names
            of_content = {sha256: name for name, sha256 in waiting.items()}
            waiting = {name: sha for name, sha in waiting.items() if of_content[sha] != name}
            (root / "costs").write_text("")
            todo = [ToRead(sha[:16], sha, name[4:]) for sha, name in of_content.items()]
            case_of = {sha[:16]: folders[name[:3]] for sha, name in of_content.items()}
            for batch in read_deliveries(settings, todo, reader="stub_measured:read_file"):
                for reading in batch.readings:
                    made.readings[case_of[reading.delivery_id]] = reading
            for line in (root / "costs").read_text().splitlines():
                delivery_id, seconds, peak = json.loads(line)
                made.costs[case_of[delivery_id]] = (seconds, peak)
        made.after = entries(root)
    return made


@pytest.mark.parametrize("case", FILES)
def test_a_hostile_file_is_refused_or_read_at_small_cost(world, case):
    _, data, expected = FILES[case]
    if not data:
        assert world.at_the_door
        return
    reading = world.readings[case]
    if isinstance(expected, int):
        assert (reading.status, reading.rows_read) == ("read", expected), reading.reason_code
    else:
        assert reading.reason_code == expected
    seconds, peak = world.costs[case]
    assert seconds <= SECONDS
    assert peak <= MEGABYTES


def test_there_are_enough_of_them():
    assert len(FILES) >= 150


def test_what_is_no_file_stays_outside(world):
    odd = {name: code for name, code in world.at_the_door.items() if name.startswith("odd/")}
    assert set(odd.values()) == {"NOT_A_FILE"}
    assert odd.keys() == {f"odd/{name}.csv" for name in world.odd}


def test_nothing_is_written_outside_its_place(world):
    new = [path.relative_to(world.root) for path in world.after - world.before if path.is_file()]
    assert new
    assert {path.parts[0] for path in new} == {"w", "key"}
    assert {path.parts[1] for path in new if path.parts[0] == "w"} <= {"cache", "work", ".lock"}
    assert not [path for path in new if path.suffix not in (".jsonl", ".parquet", "", ".json")]
    assert not Path("/tmp/x.xml").exists()


def test_no_refusal_quotes_a_cell(world):
    for case, reading in world.readings.items():
        shown = repr([reading.params, reading.rejections, reading.envelope]).lower()
        assert CANARY.split()[0].lower() not in shown, case
