# make run: set up, fetch a model if there is none, open the app.  make test: set up and test everything.
.DEFAULT_GOAL := help
.PHONY: help setup setup-dev run test lint format bench

# The first Python of 3.11 or newer that really runs.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $$p && break; done)
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --disable-pip-version-check --quiet
# Linux wheels of torch on the public index come with gigabytes of CUDA; this index has CPU builds.
TORCH_CPU := https://download.pytorch.org/whl/cpu

help:
	@echo "make run     set up, fetch a model if there is none, open the app on 127.0.0.1"
	@echo "make test    set up and run all checks and tests"
	@echo "make lint    formatting, linting and types only"
	@echo "make format  put the code into shape"
	@echo "make bench   measure this machine: retrieval, screens, jobs, prefix reuse"

setup: .venv/.installed
setup-dev: .venv/.installed-dev

.venv/.installed: requirements.txt
	@test -n "$(PYTHON)" || { echo "Vademecum needs Python 3.11 or newer; none was found."; exit 1; }
	@test -x $(BIN)/python || { echo "Making the environment in .venv ..."; $(PYTHON) -m venv .venv || { rm -rf .venv; exit 1; }; }
	@echo "Installing requirements (a few minutes the first time) ..."
	@extra=""; if [ "$$(uname -s)" = Linux ] && ! command -v nvidia-smi >/dev/null 2>&1 \
		&& curl -sfI -m 4 $(TORCH_CPU)/torch/ >/dev/null 2>&1; then \
		extra="--extra-index-url $(TORCH_CPU)"; fi; $(PIP) -r requirements.txt $$extra
	@touch $@

.venv/.installed-dev: .venv/.installed requirements-dev.txt
	@echo "Installing what the tests need ..."
	@$(PIP) -r requirements-dev.txt
	@touch $@

run: setup
	@$(BIN)/python -m core models pull --if-none \
		|| echo "No model yet: the Models screen can fetch one or connect a server of yours."
	@$(BIN)/python -m pages.ui.serve

lint: setup-dev
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

format: setup-dev
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

test: lint
	@$(BIN)/python -m tests.live.chromium
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

bench: setup-dev
	@for what in retrieval pages jobs prefix; do $(BIN)/python -m core bench $$what || exit 1; done
