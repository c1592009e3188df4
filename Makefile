# What a person runs. Every target makes what it needs; a second call is fast.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.ONESHELL:
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
BIN := .venv/bin
# A module's tests share what they set up, so a module stays in one process.
SUITE := $(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile
export DO_NOT_TRACK := 1

.PHONY: help refresh test check ui bench fuzz prove-crash lock clean

help: ## show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/' | expand -t 14

# The environment's own pip is not needed: the machine's pip fills it. A pip that is too old for
# that (--python) is helped out by ensurepip.
$(BIN)/uv:
	@$(PYTHON) -c 'import sys; sys.exit("нужен Python 3.11 или новее") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv --clear --without-pip .venv
	$(PYTHON) -m pip --python $(BIN)/python install --quiet uv 2>/dev/null \
		|| { $(PYTHON) -m venv --clear .venv && $(BIN)/python -m pip install --quiet uv; }

.venv/.runtime: requirements.lock pyproject.toml | $(BIN)/uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode --require-hashes -r requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --offline --no-deps --no-build-isolation -e .
	touch $@

.venv/.dev: requirements-dev.lock .venv/.runtime
	$(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode --require-hashes -r requirements-dev.lock
	touch $@

refresh: .venv/.runtime ## take what came, check it, rebuild figures, publish (makes a synthetic city if there is no data yet)
	@$(BIN)/msoko sample --if-empty
	$(BIN)/msoko refresh

test: .venv/.dev ## the whole test suite
	@$(SUITE)

check: .venv/.dev ## format, lint, types, SQL, tests
	@$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/sqlfmt --check dbt_project
	$(BIN)/sqlfluff lint --disable-progress-bar dbt_project/models
	$(SUITE)

ui: .venv/.runtime ## Dagster's web interface and daemon, on this machine only
	@$(BIN)/msoko ui

bench: .venv/.dev ## the benchmark against a floor and a plain script
	@$(BIN)/python -m benchmarks

fuzz: .venv/.dev ## spoil files in 110,000 ways and read them (20 minutes); writes docs/fuzz.md
	@$(BIN)/python -m tests.fuzz

defects: .venv/.dev ## every kind of defect in every layout, and 200 clean cities (half an hour); writes docs/defect_matrix.md
	@$(BIN)/python -m tests.defects

prove-crash: .venv/.dev ## kill a refresh before each durable call it makes (an hour); writes docs/proof_crash.md
	@$(BIN)/python -m tests.pipeline.prove_crash

lock: | $(BIN)/uv ## resolve the dependencies again
	@for out in requirements-dev.lock requirements.lock; do
		extra=$$([ $$out = requirements-dev.lock ] && echo '--extra dev' || echo '-c requirements-dev.lock')
		$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
			--no-emit-index-url --no-annotate --no-header $$extra pyproject.toml build-requirements.in -o $$out
	done

clean: ## remove the environment and caches; data stays
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache msoko.egg-info
