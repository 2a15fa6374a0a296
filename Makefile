# Tollwatch. `make help` lists the commands; each sets up what it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= 2
PYTEST := $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

.PHONY: help run sidecar test test-quick coverage contract check format bench pictures lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/runtime ## set up, then web, sidecar and (SANDBOX=1) the pretend Webex cloud; Ctrl-C stops all
	@exec $(BIN)/python -m jobs serve

sidecar: $(VENV)/runtime ## the sidecar alone
	@exec $(BIN)/python -m jobs

test: $(VENV)/development ## set up everything, a browser included, then all tests
	$(BIN)/python -m tests.browser.provide
	$(PYTEST) -m "not contract"

test-quick: $(VENV)/development ## the tests without a browser and without killing processes
	$(PYTEST) -m "not contract and not browser and not faults"

coverage: $(VENV)/development ## the tests of the product's own code, with a page of what they reach (test-results/coverage)
	$(PYTEST) -m "not contract and not browser and not faults" --cov=core --cov=jobs --cov-report=html:test-results/coverage

contract: $(VENV)/development ## the tests against the official API descriptions in ../shared
	$(PYTEST) -m contract tests/contract

check: $(VENV)/development ## formatting, lint, types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: $(VENV)/development ## put the code in its form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/development ## the figures, each as a ratio to the engine's own limit in the same run
	$(BIN)/python -m bench

pictures: $(VENV)/development ## take the pictures of the docs from a running sandbox
	$(BIN)/python -m tests.browser.provide
	$(BIN)/python -m docs.take_pictures

lock: $(VENV)/uv ## resolve requirements*.in into the locked files
	$(BIN)/uv pip compile -q --universal --generate-hashes --python-version 3.11 --no-header requirements.in -o requirements.txt
	$(BIN)/uv pip compile -q --universal --generate-hashes --python-version 3.11 --no-header requirements-dev.in -o requirements-dev.txt

clean: ## remove the environment and all run-time state
	rm -rf $(VENV) data/var .mypy_cache .ruff_cache .pytest_cache

$(VENV)/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Tollwatch needs Python 3.11 or newer; name one with: make PYTHON=python3.11 $(MAKECMDGOALS)"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || \
		{ echo "Python's venv module is missing; on Debian and Ubuntu: apt install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install -q --disable-pip-version-check uv==0.13.8
	@touch $@

$(VENV)/runtime: requirements.txt | $(VENV)/uv
	@echo "Setting up the environment in $(VENV) …"
	@$(BIN)/uv pip install -q -p $(BIN)/python --require-hashes -r requirements.txt || \
		$(BIN)/python -m pip install -q --require-hashes -r requirements.txt
	@touch $@

$(VENV)/development: requirements-dev.txt $(VENV)/runtime
	@echo "Setting up what the tests need …"
	@$(BIN)/uv pip install -q -p $(BIN)/python --require-hashes -r requirements-dev.txt || \
		$(BIN)/python -m pip install -q --require-hashes -r requirements-dev.txt
	@touch $@
