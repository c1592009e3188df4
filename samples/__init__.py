"""A synthetic city or region that writes every source in its real layout.

Belongs here: invented schools, pupils and results, the layouts in which they are written, and
defects on purpose. Not here: reading files (`ingestion`) or knowing what a figure should be.
No person in it exists; the distributions are those of open aggregates (`samples/data`).
"""
