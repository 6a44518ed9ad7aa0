# make run: set up and run the main job; make test: set up and run all tests. Needs python3 (3.11+), pip and make.
PYTHON ?= python3
BIN    := .venv/bin
SETUP  := .venv/.installed
DEV    := .venv/.installed-dev
WORKERS := $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)

.PHONY: run test quick check coverage bench docs lock clean

run: $(SETUP)
	$(BIN)/beatnaive run

test: $(DEV)
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

quick: $(DEV)
	$(BIN)/python -m pytest -q -n auto --dist loadfile -m 'not slow and not network'

check: $(DEV)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/python -m pytest -q -m 'not slow and not network' tests/docs

ROOMS := core prices judging backtest runs
coverage: $(DEV)
	$(BIN)/python -m pytest -q -n auto --dist loadfile -m 'not slow and not network' $(ROOMS:%=tests/%) $(ROOMS:%=src/beatnaive/%) --cov --cov-report=term:skip-covered

bench: $(DEV)
	$(BIN)/python benchmarks/all.py

docs: $(DEV)
	$(BIN)/python -m sphinx -q -W docs docs/_build
	@echo open docs/_build/index.html

.venv/bin/python:
	$(PYTHON) -m venv --without-pip .venv

$(SETUP): requirements.lock pyproject.toml | .venv/bin/python
	$(PYTHON) -m pip --python $(BIN)/python install -q --require-hashes -r requirements.lock
	$(PYTHON) -m pip --python $(BIN)/python install -q --no-deps --no-build-isolation -e .
	touch $@

$(DEV): requirements-dev.lock $(SETUP)
	$(PYTHON) -m pip --python $(BIN)/python install -q --require-hashes -r requirements-dev.lock
	touch $@

# After a change of pyproject.toml; needs uv. Pins that still fit stay as they are: delete a line to renew it.
LOCK := uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
	--no-header --no-annotate
lock:
	$(LOCK) pyproject.toml --group build -o requirements.lock
	$(LOCK) pyproject.toml --group dev -o requirements-dev.lock

clean:
	rm -rf .venv docs/_build docs/reference
