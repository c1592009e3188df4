"""Where data lies: paths and settings, the only door to DuckDB, the lock, the release.

Nothing here knows what a file or a figure means. Imports nothing of the other rooms.
"""
