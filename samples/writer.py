"""Files of a city below one folder: their number, and which of them are known as synthetic.

Belongs here: folders, counting, the list of hashes. Not here: what the files hold.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from samples.workbook import Sheet, write_workbook

MARKER_FILE = ".msoko-synthetic"


class Writer:
    """Writes files below a folder and counts them."""

    def __init__(self, out: Path) -> None:
        self.out = out
        self.files = 0
        self.text_hashes: list[str] = []
        self._folders: set[Path] = set()

    def workbook(self, name: str, sheets: Sequence[Sheet]) -> None:
        write_workbook(self._path(name), sheets)

    def text(self, name: str, content: bytes) -> None:
        """A file that cannot carry the mark of synthetic data; its hash is listed instead."""
        self._path(name).write_bytes(content)
        self.text_hashes.append(hashlib.sha256(content).hexdigest())

    def _path(self, name: str) -> Path:
        path = self.out / name
        if path.parent not in self._folders:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._folders.add(path.parent)
        self.files += 1
        return path

    def finish(self) -> None:
        """List the hashes of files without a mark."""
        if not self.text_hashes:
            return
        path = self.out / MARKER_FILE
        known = path.read_text(encoding="ascii").split() if path.exists() else []
        lines = dict.fromkeys([*known, *self.text_hashes])
        path.write_text("".join(f"{line}\n" for line in lines), encoding="ascii")
