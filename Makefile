# mangazero: every target says what it does in `make help`.
# PROFILE, PAGES, WORK and WORKERS may be given to shards, run, status and look.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/bash

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
PROFILE ?= sample
OPTIONS := --profile $(PROFILE) $(if $(PAGES),--pages "$(PAGES)") $(if $(WORK),--work "$(WORK)")
RUN_OPTIONS := $(OPTIONS) $(if $(WORKERS),--workers $(WORKERS))

export DO_NOT_TRACK := 1
export HF_HUB_DISABLE_TELEMETRY := 1
export RAY_USAGE_STATS_ENABLED := 0
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PYTHONUNBUFFERED := 1

.PHONY: help
help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

# --- the main job -------------------------------------------------------------------------

.PHONY: shards
shards: .setup/base .setup/faces ## Build the shards: the drawn sample, PROFILE=name, or PAGES=folder
	@$(BIN)/python -m flows.shards $(RUN_OPTIONS)

.PHONY: run
run: .setup/base .setup/faces ## The same stages without Prefect
	@$(BIN)/mangazero run $(RUN_OPTIONS)

.PHONY: status
status: .setup/base ## What is done, stale or missing, and why
	@$(BIN)/mangazero status $(OPTIONS)

.PHONY: look
look: .setup/base ## Write a page that shows the shards with their boxes
	@$(BIN)/mangazero look $(OPTIONS)

.PHONY: demo-mangadex
demo-mangadex: .setup/base .setup/faces ## The whole pipeline against a local stand-in for MangaDex
	@$(BIN)/python -m tests.support.mangadex.demo $(if $(WORK),--work "$(WORK)")

.PHONY: accuracy
accuracy: .setup/base .setup/faces ## Score the detector on the real pages of MANGAZERO_REAL_PAGES
	@$(BIN)/python -m benchmarks.accuracy

# --- tests and checks ---------------------------------------------------------------------

.PHONY: test
test: .setup/dev .setup/faces ## The default tests: no network, no GPU, under two minutes
	@$(BIN)/pytest -n 2

.PHONY: test-slow
test-slow: .setup/dev .setup/faces ## The slow tests, the real pages and a real Prefect server
	@$(BIN)/pytest -m "slow or prefect" --timeout 600

.PHONY: test-prefect
test-prefect: .setup/dev .setup/faces ## Only the tests that boot a real Prefect server
	@$(BIN)/pytest -m prefect --timeout 600

.PHONY: check
check: lint types imports test ## Everything that has to be green before a commit

.PHONY: lint
lint: .setup/dev ## Style and spelling
	@$(BIN)/ruff format --check -q . && $(BIN)/ruff check -q . && $(BIN)/codespell README.md CHANGELOG.md docs pipeline schemas flows annotation_ui

.PHONY: types
types: .setup/dev ## Strict type checking
	@$(BIN)/mypy

.PHONY: imports
imports: .setup/dev ## Which room may import which
	@$(BIN)/lint-imports --no-cache > .setup/imports.log || { cat .setup/imports.log; exit 1; }

.PHONY: fmt
fmt: .setup/dev ## Format the code
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix -q .

.PHONY: schemas
schemas: .setup/base ## Write the JSON Schemas anew
	@$(BIN)/python -m schemas.export

.PHONY: bench
bench: .setup/base .setup/faces ## Measure; the results go to benchmarks/results
	@$(BIN)/python -m benchmarks.all

.PHONY: clean
clean: ## Remove workspaces and caches, keep the environments
	rm -rf work .prefect .pytest_cache .mypy_cache .ruff_cache .hypothesis

# --- environments -------------------------------------------------------------------------

.PHONY: setup
setup: .setup/dev .setup/faces ## Set up everything without running anything

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' \
	  || { echo "mangazero needs Python 3.11: make PYTHON=/path/to/python3.11 ..."; exit 1; }
	@echo "making .venv ..."
	@$(PYTHON) -m venv .venv

.setup/base: pyproject.toml constraints.txt | .venv/bin/python
	@echo "installing the base packages (about a minute the first time) ..."
	@mkdir -p .setup
	@test -x $(BIN)/pip || $(PYTHON) -m venv .venv
	@$(BIN)/pip install -q -c constraints.txt -e . 2>.setup/base.log \
	  || { cat .setup/base.log; exit 1; }
	@touch $@

.setup/dev: .setup/base
	@echo "installing the extras models and dev (a few minutes the first time) ..."
	@$(BIN)/pip install -q -c constraints.txt -e ".[models,dev]" 2>.setup/dev.log \
	  || { cat .setup/dev.log; exit 1; }
	@touch $@

# animeface reads Pillow's memory and needs Pillow < 12, the SDK of Label Studio needs >= 12.3:
# so faces have an environment of their own. Without it the run goes on, and says so.
.setup/faces: constraints-faces.txt | .venv/bin/python
	@mkdir -p .setup
	@echo "setting up the face environment ..."
	@if $(PYTHON) -m venv .venv-faces \
	  && .venv-faces/bin/pip install -q -r constraints-faces.txt 2>.setup/faces.log; \
	then touch $@; \
	else rm -rf .venv-faces; \
	  echo "no face environment (see .setup/faces.log): characters will be missing"; fi
