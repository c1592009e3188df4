"""Dagster assets, checks, jobs, schedules, sensors and the command line.

The only room that imports dagster. Decides when and in which order the other rooms work; knows
nothing of files' layouts, rules or figures.
"""

# Names for those who start jobs without importing dagster.
REFRESH = "refresh"
REBUILD = "rebuild"
INTAKE_STEP = "intake__deliveries"
RELEASE_STEP = "release__current"
