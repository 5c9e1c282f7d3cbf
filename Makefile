# The same verbs on a laptop and in CI; each works alone on a fresh clone.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help setup setup-check setup-bench check test soak bench demo docs
export PYTHON
BIN := .venv/bin
SEED ?= 1

help:  ## Say what each verb does
	@grep -hE '^[a-z]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 10

setup:  ## Make .venv with pinned packages, and install missing system libraries
	@./setup.sh run

setup-check:
	@./setup.sh check

check: setup-check  ## Formatter, linter, docstrings, layout, types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/python .ci/docstrings.py --config pyproject.toml src benchmarks
	$(BIN)/python -m pytest -q -o addopts= tests/test_layout.py tests/test_docs.py
	$(BIN)/pyright

test: setup  ## The default suite: no GPU, no network, within five minutes on two cores
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q -n 2 --dist loadfile

soak: setup  ## Kills, fuzz and endurance; writes its result beside the benchmarks'
	$(BIN)/python -m benchmarks.soak --seed $(SEED) --save

setup-bench:
	@./setup.sh bench

bench: setup-bench  ## Every number anew
	$(BIN)/python -m benchmarks --all --seed $(SEED) --save

demo: setup  ## A sentence becomes a video file
	$(BIN)/misora generate "a red ball rolls left across a green floor" --output demo.mp4 --seed $(SEED) --force

docs: setup  ## Draw the pages of numbers and commands, and the README's table and strip
	$(BIN)/python -m benchmarks --docs
