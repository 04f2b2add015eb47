# Two commands do everything on a fresh Debian or Ubuntu machine: `make demo` and `make test`.

VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= python3
BENCH ?= full
SOURCES := $(shell find scraper curation datasets -type f ! -name '*.pyc') pyproject.toml README.md
LINT := scraper curation datasets tests benchmarks examples docs

.DEFAULT_GOAL := help
.PHONY: help demo test check lint types imports docs loaders torture fuzz bench projects demo-projects dev browser clean

help: ## show this help
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 16

demo: $(VENV)/.installed browser ## set up, then run the main job on the local replica
	$(BIN)/pixset demo

test: $(VENV)/.tested browser ## set up, then run the tests against the installed wheel
	$(BIN)/pytest

check: lint types imports docs test ## lint, types, import rules, documentation and tests

lint: $(VENV)/.tested ## style and mistakes
	$(BIN)/ruff format --check $(LINT)
	$(BIN)/ruff check $(LINT)

types: $(VENV)/.tested .types ## strict types
	MYPYPATH=.types $(BIN)/mypy -p pixset

imports: $(VENV)/.tested .types ## two wings and a roof, one room for selenium, one for SQL
	PYTHONPATH=.types $(BIN)/lint-imports

docs: $(VENV)/.tested ## build the documentation into site/, with every link checked
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -P -m mkdocs build --strict --quiet

loaders: $(VENV)/.tested ## load an export with all ten training packages (several GB to install)
	sh tests/loaders/run.sh

bench: $(VENV)/.tested ## every speed beside its peers', into benchmarks/RESULTS.md (BENCH=quick: minutes)
	$(BIN)/python benchmarks/bench.py --size $(BENCH) --peers $(VENV)/peers

projects: $(VENV)/projects/.installed browser ## test the five example projects (installs TensorFlow, 1 GB)
	cd examples && ../$(VENV)/projects/bin/pytest

demo-projects: $(VENV)/projects/.installed $(VENV)/.installed browser ## the five projects from set to answer, on the replica
	$(VENV)/projects/bin/python examples/demo.py --pixset $(BIN)/pixset

torture: $(VENV)/.tested browser ## 100 kills, full disks, damaged catalogues, hostile hosts (half an hour)
	PYTHONPATH=tests $(BIN)/python -P -m torture $(TORTURE)

fuzz: $(VENV)/.tested ## mutated pages, pictures, recipes, manifests, folders (30 minutes)
	PYTHONPATH=tests $(BIN)/python -P -m fuzz $(FUZZ)

dev: $(VENV)/.tested ## an editable install, for work on pixset itself
	$(BIN)/pip install --quiet --no-deps --editable .

browser: ## a browser and its driver, if there is none
	@sh .ci/browser

clean: ## remove what make made
	rm -rf $(VENV) .types build site pixset-demo projects-demo *.egg-info

# The rooms lie at the top level and install as subpackages: type checkers do not follow
# import hooks, so they get a tree of links in the installed shape.
.types:
	mkdir -p $@/pixset
	for room in scraper curation datasets; do ln -sfn ../../$$room $@/pixset/$$room; done

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "pixset needs Python 3.11 or newer: make PYTHON=python3.12 …"; exit 1; }
	$(PYTHON) -m venv $(VENV) || sh .ci/venv $(PYTHON) $(VENV)

# `build` would keep files that the sources no longer have, and the wheel would carry them.
$(VENV)/.installed: $(BIN)/python constraints.txt $(SOURCES)
	rm -rf build
	$(BIN)/pip install --quiet --constraint constraints.txt --force-reinstall --no-deps .
	$(BIN)/pip install --quiet --constraint constraints.txt .
	touch $@

$(VENV)/projects/.installed: $(BIN)/python $(wildcard examples/*/requirements.txt)
	$(PYTHON) -m venv $(VENV)/projects || sh .ci/venv $(PYTHON) $(VENV)/projects
	$(VENV)/projects/bin/pip install --quiet $(foreach file,$(wildcard examples/*/requirements.txt),--requirement $(file))
	touch $@

$(VENV)/.tested: $(VENV)/.installed
	$(BIN)/pip install --quiet --constraint constraints.txt '.[dev]'
# Only its axe.min.js is wanted, and a browser is there: Playwright brings its own.
	$(BIN)/pip install --quiet --constraint constraints.txt --no-deps axe-playwright-python
	touch $@
