"""Which school of the register a sender's code or name means.

Belongs here: normal forms of codes and names, the order in which they are tried. Not here:
which rows are staged (`ingestion.load`), what a merger of schools means for figures (dbt: a
closed school keeps its own id).

A code decides. A name is tried only where no code speaks against it, and only if exactly one
school of the register has it; it may stand in the column of codes as well. A name that the
register lists under «Другие названия» has been confirmed by a person: such rows carry
`school_match = 'alias'`; others carry 'name' and are listed for review.
"""

from __future__ import annotations

import re
import unicodedata

import duckdb
import pyarrow as pa

# Exam centres write their own codes; a school_id that looks like one must not win there.
EXAM_SOURCES = ("S03", "S04", "S05", "S06")

# Number of digits → column of the register that such a code would stand in.
_DIGIT_COLUMNS = {10: "inn", 13: "ogrn", **dict.fromkeys(range(3, 9), "rcoi_code")}

# Sender's code → the register's writing of a login: `sch` of earlier years is `edu` of today.
_LOGIN = r"^(sch|edu|ksh|spo)\s*(\d{4,8})(\D|$)"

_LATIN = str.maketrans("abcehkmoptxy", "авсенкмортху")
_SIGNS = re.compile(r"[\"'`«»„“”‘’‹›№#.,;:()‐‑‒–—―−-]")
_BLANKS = re.compile(r"\s+")
_LOGIN_IN_NAME = re.compile(r"\(\s*(?:edu|sch|ksh|spo)\d{4,8}\s*\)\s*$")
_NUMBER = re.compile(r"(?<=\D)(?=\d)|(?<=\d)(?=\D)")
_LEGAL_FORM = re.compile(
    r"^(?:м(?:униципальн\w+ )?|г(?:осударственн\w+ )?|ч(?:астн\w+ )?)?"
    r"(?:(?:бюджетн\w+|автономн\w+|казенн\w+|нетипов\w+) )*"
    r"(?:обще)?образовательн\w+ (?:учреждени\w+|организаци\w+) "
    r"|^(?:[мгчн]?[бак]?оу|[мг]о[бак]у) (?=\S)"
)
_HONOUR = re.compile(r"\bим\b")
_KINDS = (
    (re.compile(r"\bсредн\w+ (?:обще)?образовательн\w+ школ\w+"), "сош"),
    (re.compile(r"\bосновн\w+ (?:обще)?образовательн\w+ школ\w+"), "оош"),
    (re.compile(r"\bначальн\w+ (?:обще)?образовательн\w+ школ\w+"), "нош"),
)


def fold_name(name: str) -> str:
    """Normal form of a school's name; idempotent.

    Case, quotes, dashes, №, ё, look-alike Latin letters and the legal form (МБОУ, «муниципальное
    бюджетное …») go; numbers and «имени …» stay.
    """
    before = None
    while name != before:
        before = name
        name = _fold_once(name)
    return name


def _fold_once(name: str) -> str:
    text = unicodedata.normalize("NFKC", name.replace("№", " ")).lower()
    text = _LOGIN_IN_NAME.sub("", text).translate(_LATIN).replace("ё", "е")
    text = _BLANKS.sub(" ", _NUMBER.sub(" ", _SIGNS.sub(" ", text))).strip()
    text = _HONOUR.sub("имени", _LEGAL_FORM.sub("", text))
    for pattern, short in _KINDS:
        text = pattern.sub(short, text)
    return _BLANKS.sub(" ", text).strip()


class Register:
    """The school register of a session, ready to be asked for many tables.

    Args:
        con: the build database.
        relation: has the columns of the school register; read once.
    """

    def __init__(self, con: duckdb.DuckDBPyConnection, relation: str) -> None:
        self._con = con
        con.execute(_keys_sql(relation))
        self._schools: dict[str, set[str]] = {}
        self._confirmed: set[str] = set()
        self._codes: dict[str, dict[str, str | None]] = {}
        for school_id, short, full, others, login, rcoi, inn, ogrn in con.execute(
            "select school_id, short_name, full_name, other_names, fis_login, rcoi_code, inn, ogrn"
            f" from {relation}"
        ).fetchall():
            self._codes[school_id] = {"login": login, "rcoi_code": rcoi, "inn": inn, "ogrn": ogrn}
            aliases = [fold_name(name) for name in (others or "").split(";") if name.strip()]
            self._confirmed.update(aliases)
            for name in [*map(fold_name, filter(None, (short, full))), *aliases]:
                self._schools.setdefault(name, set()).add(school_id)

    def resolve(self, source: str) -> None:
        """Find the schools of `_school_given` and write temp table `_school_found`.

        `_school_given(school_code, school_name_given)` is a temp table of distinct pairs.

        Args:
            source: code of the source: tells which kind of code comes first.
        """
        self._con.execute(_codes_sql(exam=source in EXAM_SOURCES))
        self._con.register("_by_name", self._found_by_name())
        self._con.execute("insert into _school_found by name select * from _by_name")
        self._con.unregister("_by_name")

    def _found_by_name(self) -> pa.Table:
        """Schools found by name, for the pairs that no code has found."""
        pairs = self._con.execute(
            f"""
            select given.school_code, given.school_name_given, {_code_sql("given.school_code")}
            from _school_given as given
            anti join _school_found as found
                on found.school_code is not distinct from given.school_code
                and found.school_name_given is not distinct from given.school_name_given
            """
        ).fetchall()
        found = []
        for code, name, plain in pairs:
            names = [fold_name(name)] if name else []
            # A name may stand where a code ought to.
            is_name = bool(code) and fold_name(code) in self._schools
            names += [fold_name(code)] if is_name else []
            ids = set.intersection(*(self._schools.get(one, set()) for one in names or [""]))
            if len(ids) == 1:
                (school_id,) = ids
                if is_name or not _contradicts(plain, self._codes[school_id]):
                    match = "alias" if self._confirmed.issuperset(names) else "name"
                    found.append((code, name, school_id, match))
        return pa.table(
            {
                "school_code": pa.array([code for code, *_ in found], pa.string()),
                "school_name_given": pa.array([name for _, name, *_ in found], pa.string()),
                "school_id": pa.array([row[2] for row in found], pa.string()),
                "school_match": pa.array([row[3] for row in found], pa.string()),
            }
        )


def _code_sql(column: str) -> str:
    """A code as text: no blanks around it, no `.0` of a number, lower case."""
    text = f"lower(trim(replace({column}, chr(160), ' ')))"
    return f"regexp_replace({text}, '\\.0+$', '')"


def _login_sql(code: str) -> str:
    groups = f"regexp_extract({code}, '{_LOGIN}', ['class', 'digits', 'rest'])"
    return (
        f"case when regexp_matches({code}, '{_LOGIN}') then"
        f" replace(struct_extract({groups}, 'class'), 'sch', 'edu')"
        f" || struct_extract({groups}, 'digits') end"
    )


def _keys_sql(register: str) -> str:
    """Keys of the register that mean one school only."""
    login = _login_sql("lower(trim(fis_login))")
    return f"""
        create or replace temp table _school_key as
        with keys as (
            select 'id' as kind, lower(trim(school_id)) as key, school_id from {register}
            union all
            select 'login', {login}, school_id from {register}
            union all
            select 'rcoi_code', trim(rcoi_code), school_id from {register}
            union all
            select 'rcoi_short', ltrim(trim(rcoi_code), '0'), school_id from {register}
            union all
            select 'inn', trim(inn), school_id from {register}
            union all
            select 'ogrn', trim(ogrn), school_id from {register}
        )
        select kind, key, any_value(school_id) as school_id
        from keys
        where key <> ''
        group by kind, key
        having count(distinct school_id) = 1
    """


def _codes_sql(*, exam: bool) -> str:
    """Schools found by code: the first kind of key that fits."""
    order = ["id", "login", "rcoi_code", "rcoi_short", "inn", "ogrn"]
    if exam:
        order = ["rcoi_code", "rcoi_short", "login", "inn", "ogrn", "id"]
    ranks = " ".join(f"when '{kind}' then {rank}" for rank, kind in enumerate(order))
    return f"""
        create or replace temp table _school_found as
        with given as (
            select school_code, school_name_given, {_code_sql("school_code")} as code
            from _school_given
        ),
        tried as (
            select *, unnest([
                {{'kind': 'id', 'key': code}},
                {{'kind': 'login', 'key': {_login_sql("code")}}},
                {{'kind': 'rcoi_code', 'key': code}},
                {{'kind': 'rcoi_short', 'key': ltrim(code, '0')}},
                {{'kind': 'inn', 'key': code}},
                {{'kind': 'ogrn', 'key': code}}
            ], recursive := true)
            from given
        )
        select
            tried.school_code,
            tried.school_name_given,
            arg_min(_school_key.school_id, case tried.kind {ranks} end) as school_id,
            replace(
                arg_min(tried.kind, case tried.kind {ranks} end), 'rcoi_short', 'rcoi_code'
            ) as school_match
        from tried
        inner join _school_key
            on _school_key.kind = tried.kind and _school_key.key = tried.key
        group by tried.school_code, tried.school_name_given
    """


def _contradicts(code: str | None, school: dict[str, str | None]) -> bool:
    """Does an unmatched code speak against a school of the same name?

    It does unless the register leaves empty the column where such a code would stand: another
    town's «СОШ №1» has a login too, only another one.
    """
    if not code:
        return False
    if re.match(_LOGIN, code):
        return school["login"] is not None
    column = _DIGIT_COLUMNS.get(len(code)) if code.isdigit() else None
    return column is None or school[column] is not None
