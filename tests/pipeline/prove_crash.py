"""Kill the refresh before every durable call it makes, and see whether the next one heals it.

A first, undisturbed run publishes edition A. A new file then arrives; an undisturbed run on a
copy gives edition B and the list of kill points. For each point a fresh copy is killed there,
checked (the published file is A or B, nothing acknowledged is lost), run again, and must then
publish B with nothing temporary left.

`python -m tests.pipeline.prove_crash [every-nth]` does it for every point (or every n-th) and
writes `docs/proof_crash.md`.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.pipeline.logical import broken_invariants, leftovers, logical_hash

_DOCS = Path(__file__).parents[2] / "docs" / "proof_crash.md"


@dataclass
class Proof:
    """What the kills showed."""

    points: list[str]
    tried: int = 0
    failures: list[str] = field(default_factory=list)


def msoko(root: Path, *arguments: str, kill_at: int = 0, log: Path | None = None) -> int:
    """Run `msoko` under the counting harness; the exit code (−9 when killed)."""
    environment = os.environ | {
        "MSOKO_WAREHOUSE": str(root),
        "MSOKO_KEY_FILE": str(root.parent / "pseudonym.key"),
        "MSOKO_SETTLE_SECONDS": "0",
        "MSOKO_KILL_AT": str(kill_at),
    }
    environment.pop("DAGSTER_HOME", None)
    if log:
        environment["MSOKO_KILL_LOG"] = str(log)
    return subprocess.run(
        [sys.executable, "-m", "tests.pipeline.killpoints", *arguments],
        env=environment,
        cwd=_DOCS.parents[1],
        capture_output=True,
        check=False,
    ).returncode


def prove(folder: Path, every: int = 1, first: int = 1) -> Proof:
    """Kill at points first, first + every, …; see the module's docstring."""
    base, late = folder / "base" / "warehouse", folder / "late"
    assert (
        msoko(base, "sample", "--out", str(base / "inbox"), "--schools", "4", "--years", "1") == 0
    )
    files = sorted(p for p in (base / "inbox").rglob("*2021*.xlsx") if p.is_file())
    late.mkdir()
    held_back = files[0]
    shutil.move(held_back, late / held_back.name)
    assert msoko(base, "refresh") == 0
    edition_a = logical_hash(base / "current" / "msoko.duckdb")
    shutil.copy(late / held_back.name, held_back)

    log = folder / "points.log"
    undisturbed = _copy(base, folder / "undisturbed")
    assert msoko(undisturbed, "refresh", log=log) == 0
    edition_b = logical_hash(undisturbed / "current" / "msoko.duckdb")
    assert edition_a != edition_b
    proof = Proof(points=log.read_text(encoding="utf-8").splitlines())

    for point in range(first, len(proof.points) + 1, every):
        proof.tried += 1
        root = _copy(base, folder / "killed")
        code = msoko(root, "refresh", kill_at=point)
        broken = broken_invariants(root, [edition_a, edition_b])
        if code != -signal.SIGKILL:
            broken.append(f"was not killed (exit {code})")
        if msoko(root, "refresh") != 0:
            broken.append("the next run failed")
        elif logical_hash(root / "current" / "msoko.duckdb") != edition_b:
            broken.append("I3: the next run came to another result")
        broken += broken_invariants(root, [edition_b])
        broken += [f"I4: left behind: {name}" for name in leftovers(root)]
        proof.failures += [f"{proof.points[point - 1]}: {text}" for text in broken]
        shutil.rmtree(root.parent)
    return proof


def _copy(base: Path, target: Path) -> Path:
    shutil.copytree(base.parent, target, symlinks=True)
    return target / base.name


def main() -> None:
    every = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        proof = prove(Path(name), every)
    kinds: dict[str, int] = {}
    for point in proof.points:
        kinds[point.split(maxsplit=1)[1]] = kinds.get(point.split(maxsplit=1)[1], 0) + 1
    lines = [
        "# Proof: killed at every durable call",
        "",
        (
            f"`make prove-crash`, {time.strftime('%Y-%m-%d')}: {len(proof.points)} kill points in a refresh with one new file "
            f"({', '.join(f'{n} × {kind}' for kind, n in sorted(kinds.items()))}); "
            f"{proof.tried} tried, {len(proof.failures)} broken invariants, {time.monotonic() - start:.0f} s."
        ),
        "",
        "After each kill: the published file fits its manifest and is the edition before or after (I1), every",
        "acknowledged file is in the vault under its hash (I2); after the next run: the same result as an",
        "undisturbed one (I3), nothing temporary left (I4).",
        "",
        *(f"* {failure}" for failure in proof.failures),
    ]
    _DOCS.write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")
    print("\n".join(lines))
    sys.exit(bool(proof.failures))


if __name__ == "__main__":
    main()
