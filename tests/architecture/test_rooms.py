"""The rooms: who imports whom, and which room may use which heavy library."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest

from warehouse.settings import PROJECT

# Room → rooms that it may import. One way only.
MAY_IMPORT = {
    "warehouse": set(),
    "ingestion": {"warehouse"},
    "expectations": {"warehouse", "ingestion"},
    "samples": {"warehouse", "ingestion"},
    "orchestration": {"warehouse", "ingestion", "expectations", "samples"},
}
ONLY_IN = {
    "dagster": "orchestration",
    "dagster_dbt": "orchestration",
    "dbt": "orchestration",
    "great_expectations": "expectations",
}
# What a look for news must not cost.
HEAVY = {"dagster", "dagster_dbt", "dbt", "great_expectations", "pandas", "pyarrow", "scipy"}


def modules() -> list[Path]:
    return [path for room in MAY_IMPORT for path in sorted((PROJECT / room).rglob("*.py"))]


def imports(path: Path) -> Iterator[tuple[str, bool]]:
    """Top-level name of each import, and whether it is done when the module is loaded."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inner = {
        child
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        or (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")
        for child in ast.walk(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name.split(".")[0], node not in inner
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield (node.module or "").split(".")[0], node not in inner


def room_of(path: Path) -> str:
    return path.relative_to(PROJECT).parts[0]


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PROJECT)))
def test_imports_go_one_way(path: Path) -> None:
    room = room_of(path)
    for name, _ in imports(path):
        assert name == room or name not in MAY_IMPORT or name in MAY_IMPORT[room], name
        assert ONLY_IN.get(name, room) == room, f"{name} belongs to {ONLY_IN[name]}"
        assert name not in ("tests", "benchmarks"), name


def test_duckdb_is_opened_in_one_place() -> None:
    opening = [
        str(path.relative_to(PROJECT))
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "duckdb.connect"
    ]
    assert set(opening) == {"warehouse/database.py"}


def test_great_expectations_is_imported_only_inside_functions() -> None:
    for path in modules():
        at_load = {name for name, is_at_load in imports(path) if is_at_load}
        assert "great_expectations" not in at_load, path


def test_a_look_for_news_imports_nothing_heavy() -> None:
    import subprocess

    code = (
        "import sys; import orchestration.cli, orchestration.pending;"
        f"print(sorted({HEAVY!r} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_every_module_says_what_belongs_in_it() -> None:
    for path in modules():
        assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), path


def test_no_module_has_the_name_of_a_dependency() -> None:
    ours = {path.name.removesuffix(".py") for path in PROJECT.iterdir() if _is_module(path)}
    theirs = set(metadata.packages_distributions()) - set(MAY_IMPORT) - _editable()
    assert ours & theirs == set()
    assert ours & set(sys.stdlib_module_names) == set()
    # dbt imports every top-level module of that name as a plug-in.
    assert not [name for name in ours if name.startswith("dbt_") and name != "dbt_project"]
    assert not (PROJECT / "dbt_project" / "__init__.py").exists()


def test_files_stay_short() -> None:
    long = [
        f"{path.relative_to(PROJECT)}: {count}"
        for path in modules()
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > 400
    ]
    assert long == []


def _is_module(path: Path) -> bool:
    return path.suffix == ".py" or (path.is_dir() and any(path.glob("*.py")))


def _editable() -> set[str]:
    return {
        name for name, owners in metadata.packages_distributions().items() if owners == ["msoko"]
    }
