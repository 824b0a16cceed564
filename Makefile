# Each of these first sets up what it needs, once: see install.py.
#
#   make demo                    watch Dovetail work on a sample project
#   make demo PROJECT=/path    … or on a project of yours
#   make test                    style, types and all tests; ARGS="-k hover" for some of it
#   make vscode                  pack the extension for VS Code
#   make bench                   how fast it is here
#   make lint                    style, types and imports alone
#   make model                   train the bundled model anew (installs PyTorch beside)
#   make lock                    renew requirements.lock (needs uv); ARGS=--upgrade for newer pins
#   make clean                   remove .venv and caches; the compiled llama.cpp stays in your cache folder
#
# PYTHON=/path/to/python3.12 chooses the Python of a new .venv.

PYTHON ?= python3
PROJECT ?=
ARGS ?=
BIN = .venv/bin

.PHONY: help setup demo test vscode bench lint model lock clean

help:
	@sed -n '/^#   make/s/^#   //p' Makefile

setup:
	@$(or $(wildcard $(BIN)/python),$(PYTHON)) install.py

demo: setup
	@$(BIN)/dovetail demo $(if $(PROJECT),--project "$(PROJECT)") $(ARGS)

test: setup
	@$(BIN)/python -m pytest $(ARGS)

vscode:
	@editors/vscode/pack.sh
	@echo 'To install it: code --install-extension editors/vscode/dovetail.vsix'

bench: setup
	@$(BIN)/python -m tests.bench $(ARGS)

lint: setup
	@$(BIN)/python -m pytest -q tests/units/test_project.py $(ARGS)

model:
	@$(or $(wildcard $(BIN)/python),$(PYTHON)) install.py --train
	@training/.venv/bin/python -m training.make_model $(ARGS)

lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-config \
		--custom-compile-command "make lock" --extra dev --extra llama --extra wheels --group build -o requirements.lock pyproject.toml $(ARGS)

clean:
	rm -rf .venv training/.venv .cache build dist .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find server tests training -name __pycache__ -type d -prune -exec rm -rf {} +
