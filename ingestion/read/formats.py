"""Bytes of a checked file → sheets of cells; one reader for each format.

Belongs here: what a format can and cannot say. Not here: what a sheet means (`layout`), and
whether the bytes are safe to parse (`precheck`, which must come first).
"""

from __future__ import annotations

from ingestion.read.model import Cell, FileKind, Sheet

__all__ = ["Cell", "FileKind", "Sheet", "read_sheets"]


def read_sheets(data: bytes, kind: FileKind) -> list[Sheet]:
    """All sheets with cells, hidden ones too, in the order of the workbook."""
    raise NotImplementedError
