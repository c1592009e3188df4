"""The gate: the truth of delivered data is judged here, by Great Expectations, before dbt sees it.

Belongs here: contracts → suites, hand-written suites, the verdict, the move of a passed table
into `raw`, the quality report. Not here: the shape of files (`ingestion.read`), formulas of
figures (dbt). The only room that imports great_expectations.
"""
