"""A sender's text file as it may lie in the outbox: no cell of it begins a formula.

Belongs here: text files. Not here: workbooks (`marking`). Nothing but the apostrophes is changed,
so the copy has the encoding and the lines of the original.
"""

from __future__ import annotations

import codecs
import re

# All delimiters count: a spreadsheet may take another one than the reader did.
_CELL = re.compile(
    r'(?P<before>(?:\A(?:\ufeff|\xef\xbb\xbf)?|[\r\n;,\t])"?)'
    r'(?=[=+@]|(?<=[";,])\t|-(?!(?:\d[\d\xa0 ]*(?:[.,]\d+)?%?)?(?:["\r\n;,\t]|\Z)))'
)
_WIDE = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


def without_formulas(data: bytes) -> bytes:
    """The same text with an apostrophe before whatever a spreadsheet would compute.

    Negative numbers and a lone dash stay as they are.
    """
    # Every byte is a letter of Latin-1, and in all other encodings of tables ASCII is ASCII.
    encoding = _WIDE.get(data[:2], "latin-1")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        encoding = "latin-1"
        text = data.decode(encoding)
    return _CELL.sub(r"\g<before>'", text).encode(encoding)
