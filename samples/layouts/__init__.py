"""Real layouts, written: one module a family of files.

Belongs here: headings, order of columns, frames and spellings of real files. Not here: what
the results are.
"""
