"""The floor: a script written by hand for this one workload, with nothing to spare.

The same copy into a vault, two reading processes, one DuckDB session, the same figures. No
checks, no history, no lineage, no release. `python -m benchmarks.floor INBOX OUT`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import duckdb
import pyarrow as pa
from python_calamine import CalamineWorkbook

from benchmarks import figures
from benchmarks.parse import arrow, read_vpr, vault_copy, vpr_key

_CHUNK = 400
_SCALE = Path(__file__).parents[1] / "dbt_project" / "seeds" / "reference" / "vpr_scale.csv"


def _read_chunk(paths: Sequence[Path], vault: Path) -> pa.Table:
    papers = []
    for path in paths:
        data = vault_copy(path, vault)
        key = vpr_key(str(path))
        if key:
            papers.append(read_vpr(data, key))
    return arrow(papers)


def main() -> None:
    inbox, out = Path(sys.argv[1]), Path(sys.argv[2])
    vault = out / "vault"
    vault.mkdir(parents=True)
    paths = [Path(folder) / name for folder, _, names in os.walk(inbox) for name in names]
    chunks = [paths[start : start + _CHUNK] for start in range(0, len(paths), _CHUNK)]
    with duckdb.connect(str(out / "floor.duckdb")) as connection, ProcessPoolExecutor(2) as pool:
        for number, rows in enumerate(pool.map(_read_chunk, chunks, [vault] * len(chunks))):
            verb = "insert into pupil" if number else "create table pupil as"
            connection.register("rows", rows)
            connection.execute(f"{verb} select * from rows")
        os.sync()
        register = next(path for path in paths if path.name == "Реестр школ.xlsx")
        header, *body = CalamineWorkbook.from_path(register).get_sheet_by_index(0).to_python()
        known, login = header.index("Код школы в реестре"), header.index("Логин ФИС ОКО")
        school = pa.table(
            {
                "school_id": [str(row[known]) for row in body],
                "login": [str(row[login]) for row in body],
            }
        )
        connection.register("school", school)
        connection.execute(f"create view scale as select * from read_csv('{_SCALE}')")
        print(figures.checksum(connection.execute(figures.FLOOR).fetchall()))


if __name__ == "__main__":
    main()
