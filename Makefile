# One environment, .venv, filled in steps: what `demo` needs, then `test`, `lint` or `notebook`.
# A stamp file marks each step and goes stale when its lock file or pyproject.toml changes, or the native engine's sources.

PYTHON ?= python3
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

BIN := .venv/bin
# Putting pip itself into a new environment takes several seconds, so the pip of $(PYTHON) serves where it can.
PIP = $$(test -x $(BIN)/pip && echo $(BIN)/pip || echo $(PYTHON) -m pip --python $(BIN)/python)
PIP_FLAGS := -qq --disable-pip-version-check --no-compile
INSTALL = $(PIP) install $(PIP_FLAGS) --require-hashes --no-deps -r

BASE := .venv/.base-stamp
NATIVE := .venv/.native-stamp
TEST := .venv/.test-stamp
LINT := .venv/.lint-stamp
NOTEBOOK := .venv/.notebook-stamp
PEERS := .venv-bench/.stamp
PAGE := src/pellucid/explorer/page/explorer.js src/pellucid/export/page/offline.js

.PHONY: help
help: ## print this list
	@sed -n 's/^\([a-z][a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-15s %s\n", $$1, $$2 }'

.PHONY: demo
demo: $(NATIVE) $(PAGE) ## train the MNIST network and look at it
	@$(BIN)/pellucid demo

# EXPLORE: what to explore, and options, such as EXPLORE="spirals --no-browser".
.PHONY: explore
explore: $(NATIVE) $(PAGE) ## open the explorer in the browser
	@$(BIN)/pellucid explore $(EXPLORE)

# JUPYTER_FLAGS: more for JupyterLab, such as --no-browser, or --allow-root in a container.
.PHONY: notebook
notebook: $(NATIVE) $(PAGE) $(NOTEBOOK) ## open the column's notebook in JupyterLab, on this machine alone
	@$(BIN)/jupyter lab --ServerApp.ip=127.0.0.1 $(JUPYTER_FLAGS) notebooks/the_column.ipynb

.PHONY: test
test: $(NATIVE) $(PAGE) $(TEST) ## run the tests
	@cd web && npm run --silent test
	@MPLBACKEND=Agg $(BIN)/pytest -q

# What takes hours; its results are kept in docs/soak/. SOAK: options, such as SOAK="--files 100000".
.PHONY: soak
soak: $(NATIVE) $(TEST) ## read ten million damaged files, and save under hundreds of faults (two hours)
	@$(BIN)/python tests/soak/crashes.py
	@$(BIN)/python tests/soak/hostile_files.py $(SOAK)

.PHONY: figures
figures: $(NATIVE) $(TEST) ## measure the figures of docs/figures.md (eight minutes; a quiet machine)
	@$(BIN)/python benchmarks/readable_core.py
	@$(BIN)/python benchmarks/mnist_seeds.py
	@$(BIN)/python benchmarks/time_machine.py
	@$(BIN)/python benchmarks/planted_faults.py

.PHONY: screens
screens: $(NATIVE) $(PAGE) $(TEST) ## take the screenshots of the explorer in docs/images (needs Chromium)
	@$(BIN)/python docs/make_screens.py

.PHONY: examples
examples: $(NATIVE) $(PAGE) $(TEST) ## write examples/exported anew: a small network in every language
	@$(BIN)/python examples/make_exported.py

# BENCH: options for the benchmarks, such as BENCH="--cases tiny,deep --rounds 3"; --help lists them.
.PHONY: bench
bench: $(PEERS) ## measure Pellucid beside its peers, in .venv-bench (half an hour; a quiet machine)
	@.venv-bench/bin/python benchmarks/bench.py $(BENCH)

.PHONY: bench-estimators
bench-estimators: $(PEERS) .venv-bench/.data-stamp ## measure the estimators beside scikit-learn's (ten minutes; a quiet machine)
	@.venv-bench/bin/python benchmarks/estimators.py $(BENCH)

.PHONY: bench-exported
bench-exported: $(NATIVE) $(TEST) ## measure exported programs beside the engine (a minute; a quiet machine)
	@$(BIN)/python benchmarks/exported.py

.PHONY: lint
lint: $(LINT) $(PAGE) ## check style, format, types and who imports whom
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/codespell
	@cd web && npm run --silent check

.PHONY: format
format: $(LINT) ## put the files into the house format
	@$(BIN)/ruff check --fix-only --quiet
	@$(BIN)/ruff format

.PHONY: setup
setup: $(NATIVE) $(PAGE) $(TEST) $(LINT) ## make .venv complete, and nothing else

.PHONY: clean
clean: ## remove the environments and everything that was built
	@rm -rf web/node_modules src/pellucid/explorer/page src/pellucid/export/page
	@rm -rf .venv .venv-bench .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis build dist
	@rm -f src/pellucid/engine/_native*.so
	@find src tests -name __pycache__ -type d -prune -exec rm -rf {} +

# --- the environment ------------------------------------------------------------------------------

.PHONY: python
python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "Pellucid needs Python 3.11 or newer, and $(PYTHON) is not; try: make PYTHON=python3.12 …" >&2; exit 1; }

$(BIN)/python: | python
	@echo "Setting up .venv …"
	@$(PYTHON) -m venv --without-pip --clear .venv
	@$(PYTHON) -m pip --python $(BIN)/python --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip >/dev/null

$(BASE): requirements/base.lock pyproject.toml | $(BIN)/python
	@$(INSTALL) requirements/base.lock
	@$(PIP) install $(PIP_FLAGS) --no-deps --no-build-isolation --editable .
	@touch $@

# Built in a folder of .venv, which goes with it, so that only what changed is compiled; then laid beside its Python. The stamp
# bears the time of the start: what is edited while it compiles is compiled the next time.
$(NATIVE): $(BASE) $(wildcard native/*)
	@echo "Compiling the native engine …"
	@touch $@-begun
	@PATH="$(CURDIR)/$(BIN):$$PATH"; \
	  cmake -S native -B .venv/native -G Ninja -DPython_EXECUTABLE="$(CURDIR)/$(BIN)/python" \
	    -Wno-unused-cli --log-level=NOTICE >/dev/null && \
	  cmake --build .venv/native -- --quiet && \
	  cmake --install .venv/native --prefix src >/dev/null
	@mv $@-begun $@

# The types are made from the messages that Python defines; then esbuild makes a module for each of the two pages of web/.
.PHONY: web
web: $(BASE) ## make the types anew, and build the explorer's page and that of exported networks
	@$(BIN)/python -m pellucid.explorer._typescript >web/src/messages.ts
	@$(MAKE) $(PAGE)

web/node_modules/.stamp: web/package.json web/package-lock.json
	@echo "Installing what the pages are built with …"
	@cd web && npm ci --silent --ignore-scripts
	@touch $@

$(PAGE): web/node_modules/.stamp web/build.mjs $(shell find web/src -type f)
	@cd web && npm run --silent build

$(TEST): $(BASE) requirements/test.lock
	@echo "Installing what the tests need …"
	@$(INSTALL) requirements/test.lock
	@touch $@

$(LINT): $(BASE) requirements/lint.lock
	@echo "Installing the linters …"
	@$(INSTALL) requirements/lint.lock
	@touch $@

$(NOTEBOOK): $(BASE) requirements/notebook.lock
	@echo "Installing JupyterLab …"
	@$(INSTALL) requirements/notebook.lock
	@touch $@

# The peers, and Pellucid as a wheel installs it.
.venv-bench/.peers-stamp: requirements/base.lock requirements/bench.txt | python
	@echo "Setting up .venv-bench, some 2 GB …"
	@$(PYTHON) -m venv --clear .venv-bench
	@.venv-bench/bin/pip install $(PIP_FLAGS) --require-hashes --no-deps -r requirements/base.lock
	@.venv-bench/bin/pip install $(PIP_FLAGS) -r requirements/bench.txt
	@touch $@

$(PEERS): .venv-bench/.peers-stamp pyproject.toml $(shell find src native -type f ! -name '*.py[co]' ! -name '*.so' 2>/dev/null)
	@.venv-bench/bin/pip install $(PIP_FLAGS) --no-deps --no-build-isolation --force-reinstall .
	@touch $@

.venv-bench/.data-stamp: .venv-bench/.peers-stamp requirements/bench-data.txt
	@.venv-bench/bin/pip install $(PIP_FLAGS) --no-deps -r requirements/bench-data.txt
	@touch $@

# --- the lock files -------------------------------------------------------------------------------

# For every platform and every Python from 3.11 on: versions and hashes, no address of any registry.
COMPILE = .venv/uv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --upgrade \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" pyproject.toml
# The others follow test.lock, and the last follows two, so that all four fit into one environment.
FOLLOW = --constraint requirements/test.lock

.PHONY: lock
lock: $(BASE) ## renew the lock files in requirements/ from pyproject.toml
	@test -x .venv/uv/bin/uv || { $(PYTHON) -m venv .venv/uv && .venv/uv/bin/pip install $(PIP_FLAGS) uv; }
	@$(COMPILE) --extra explorer --extra notebook --group build --group test -o requirements/test.lock
	@$(COMPILE) --extra explorer --group build $(FOLLOW) -o requirements/base.lock
	@$(COMPILE) --group lint $(FOLLOW) -o requirements/lint.lock
	@$(COMPILE) --extra notebook --group jupyter $(FOLLOW) --constraint requirements/lint.lock -o requirements/notebook.lock
	@if grep -nE '://|--(extra-)?index-url|--find-links' requirements/*.lock; then \
	  echo "A lock file names a registry; it must hold versions and hashes alone." >&2; exit 1; fi
