# Every command of the project. Needs only make and Python 3.11 or newer: `.venv` makes itself.

PYTHON ?= python3
DEMO_ARGS ?=
TEST_ARGS ?=

BIN := .venv/bin
READY := .venv/.ready
DRIVES := .venv/.drives
SOURCES_OF_VENV := pyproject.toml hatch_build.py $(wildcard edge/native/*.[ch] edge/native/*/*.[ch] edge/native/*/*/*.[ch]) edge/native/build.py
PYTEST := $(BIN)/python -m pytest

QUIETLY := --quiet --disable-pip-version-check
define MAKE_VENV
$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	{ echo "doorstep needs Python 3.11 or newer: make PYTHON=/path/to/python3" >&2; exit 1; }; \
test -x $(BIN)/pip || $(PYTHON) -m venv .venv >&2
endef

MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.PHONY: demo test check bench soak fuzz schema clean help

demo: $(DRIVES) ## a whole station's day, simulated (DEMO_ARGS="--headless --json")
	@$(BIN)/doorstep-sim demo $(DEMO_ARGS)

test: $(READY) ## the tests, three at a time: many wait more than they work (TEST_ARGS="-k mission")
	@$(PYTEST) -n 3 --dist loadgroup -rs $(TEST_ARGS)

check: $(READY) ## format, lint, types, import contracts, schemas current
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo --no-cache
	@$(BIN)/doorstep-station schema --check

bench: $(READY) ## measure every figure of docs/benchmarks.md
	@$(BIN)/python -m tests.bench

soak: $(READY) ## hours of faults: kills, power cuts, outages
	@$(PYTEST) -m soak --timeout 0 $(TEST_ARGS)

fuzz: $(READY) ## millions of damaged inputs per parser
	@$(PYTEST) -m fuzz --timeout 0 $(TEST_ARGS)

schema: $(READY) ## write the JSON Schemas and AsyncAPI into docs/wire anew
	@$(BIN)/doorstep-station schema

clean: ## remove .venv and everything that was built or cached
	@rm -rf .venv build dist out .hypothesis .mypy_cache .pytest_cache .ruff_cache
	@rm -f edge/native/*.so
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1	\2/p' Makefile

# What a demo drives with; a tenth of what testing and measuring needs.
$(DRIVES): $(SOURCES_OF_VENV)
	@echo "making .venv ..." >&2
	@$(MAKE_VENV)
	@test -e $(READY) || $(BIN)/pip install $(QUIETLY) --editable '.[sim]' >&2
	@test ! -e $(READY) || $(BIN)/pip install $(QUIETLY) --editable '.[dev]' >&2
	@touch $@

$(READY): $(SOURCES_OF_VENV)
	@echo "making .venv ..." >&2
	@$(MAKE_VENV)
	@$(BIN)/pip install $(QUIETLY) --editable '.[dev]' >&2
	@touch $@ $(DRIVES)
