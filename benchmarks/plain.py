"""A plain loader script, as a user would write it: files into DuckDB, one after the other.

Then comes `dbt build` from the shell over the product's own models (`benchmarks.__main__` runs
it). No vault bookkeeping, no gate, no release. `python -m benchmarks.plain INBOX DATABASE`.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import duckdb
import pyarrow as pa
from python_calamine import CalamineWorkbook

from benchmarks.parse import arrow, read_vpr, vault_copy, vpr_key
from ingestion.contracts import load_contracts, table_ddl
from warehouse.database import META_TABLES, SCHEMAS

_PUPILS = """
insert into raw.vpr_pupil by name
select 'plain' as delivery_id, 1 as part_no, 'Sheet' as sheet, row_number() over () as row_no,
       'VPR' as procedure, cal_year, 'spring' as season,
       concat(cal_year - 1, '/', right(cast(cal_year as varchar), 2)) as school_year, subject,
       grade as grade_label, grade as programme_grade, login as school_code, s.school_id,
       'login' as school_match, code as pupil_code, present as is_present,
       total as primary_score, scores
from rows join raw.school s on s.fis_login = rows.login
"""


def main() -> None:
    inbox, database = Path(sys.argv[1]), Path(sys.argv[2])
    vault = database.parent / "vault"
    vault.mkdir(parents=True)
    papers, register = [], []
    for folder, _, names in os.walk(inbox):
        for name in names:
            path = Path(folder) / name
            data = vault_copy(path, vault)
            key = vpr_key(str(path))
            if key:
                papers.append(read_vpr(data, key))
            elif name == "Реестр школ.xlsx":
                register = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    with duckdb.connect(str(database)) as connection:
        for schema in SCHEMAS:
            connection.execute(f"create schema {schema}")
        connection.execute(META_TABLES)
        contracts = load_contracts()
        for contract in contracts.values():
            connection.execute(table_ddl(contract, "raw"))
        titles = {column.title: column.name for column in contracts["school"].columns}
        header, *body = register
        connection.register(
            "register",
            pa.table(
                {
                    titles[heading]: [str(row[index]) or None for row in body]
                    for index, heading in enumerate(header)
                }
            ),
        )
        connection.execute(
            "insert into raw.school by name select * replace (try_strptime(opened_on, '%d.%m.%Y')"
            " as opened_on, null as closed_on, case school_kind when 'СОШ' then 'sosh'"
            " when 'ООШ' then 'oosh' when 'НОШ' then 'nosh' when 'лицей' then 'lyceum'"
            " when 'гимназия' then 'gymnasium' else 'evening' end as school_kind) from register"
        )
        connection.register("rows", arrow(papers))
        connection.execute(_PUPILS)


if __name__ == "__main__":
    main()
