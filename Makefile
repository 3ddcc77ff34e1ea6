# Two commands do everything on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
OPPONENTS := $(VENV)/.opponents

.DEFAULT_GOAL := help
.PHONY: help setup demo test fuzz lint bench schemas screenshots golden lock clean

help: ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /make \1\t/'

setup: $(READY) ## the virtual environment with everything in requirements.lock

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("mailbot needs Python 3.11 or later; set PYTHON=/path/to/python3.11" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(READY)

demo: $(READY) ## a whole invented day through the real passes; shows what happened and where to look
	@$(BIN)/mailbot demo

test: $(READY) ## every test that this machine can run; says which real-server tests were skipped
	@$(BIN)/python -m pytest -n auto --dist loadfile

fuzz: $(READY) ## the property tests with examples that no run has seen yet
	@MAILBOT_FUZZ=1 $(BIN)/python -m pytest -n auto --dist loadfile -m hypothesis

lint: $(READY) ## ruff and mypy --strict
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# The rule-engine libraries that the judge is measured against: nothing else needs them.
$(OPPONENTS): $(READY) benchmarks/requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r benchmarks/requirements.lock
	@touch $(OPPONENTS)

bench: $(OPPONENTS) ## speed as ratios, measured side by side
	@$(BIN)/mailbot bench

schemas: $(READY) ## the JSON Schemas of the configuration files, from the models that read them
	@$(BIN)/python -m mailbot.configuration.schemas config/schemas

screenshots: $(READY) ## every kind of letter photographed (phone, desk, light, dark) into build/captures
	@$(BIN)/python -m mailbot.demo.captures build/captures

golden: $(READY) ## writes tests/golden anew, after a wanted change was looked at
	@MAILBOT_RENEW_GOLDEN=1 $(BIN)/python -m pytest tests/test_golden.py

lock: ## renews requirements.lock (versions and hashes, no index address)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		--upgrade --extra dev pyproject.toml -o requirements.lock

clean: ## removes what make made
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist
