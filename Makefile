# The front door. Every target installs what it needs; `make` lists them.
STACK ?= dev
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
DEPS := $(VENV)/.installed
DEV_DEPS := $(VENV)/.installed-dev

.DEFAULT_GOAL := help
.PHONY: help deps plan values diagram schema ledger test lint format bench preview up destroy doctor clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

deps: $(DEPS) ## Install what the program needs into .venv

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit("Alísio needs Python 3.11 or newer, this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)

$(DEPS): requirements.txt | $(VENV)/bin/python
	$(RUN) -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(DEV_DEPS): requirements-dev.txt $(DEPS)
	$(RUN) -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

plan: $(DEPS) ## What `pulumi up` of STACK would register: no CLI, no account, no network
	@$(RUN) -m plan $(STACK)

values: $(DEPS) ## The Helm values of Airflow in STACK
	@$(RUN) -m plan $(STACK) --values

diagram: $(DEPS) ## Draw the README's picture of the architecture anew, from the plan of prod
	@$(RUN) -m scripts.picture

schema: $(DEPS) ## Write settings.schema.json and the keys of Pulumi.yaml, from the settings' docstrings
	@$(RUN) -m settings.schema

ledger: $(DEV_DEPS) ## Accept the plan's URNs as they are: a renamed resource is a replaced one
	@$(RUN) -m tests.ledger

test: $(DEV_DEPS) ## Run the fast tests
	$(RUN) -m pytest

lint: $(DEV_DEPS) ## Check format, style and types
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/pyright

format: $(DEV_DEPS) ## Format the code
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .

bench: $(DEV_DEPS) ## Time and memory of the plan, against the bare import of the SDKs
	@$(RUN) -m bench.plan

doctor: $(DEPS) ## Check what STACK needs on this machine before it goes to AWS
	@$(RUN) -m scripts doctor $(STACK)

preview: $(DEPS) ## What would change in AWS
	@$(RUN) -m scripts preview $(STACK)

up: $(DEPS) ## Create or update STACK in AWS
	@$(RUN) -m scripts up $(STACK)

destroy: $(DEPS) ## Delete STACK from AWS; what is protected stays
	@$(RUN) -m scripts destroy $(STACK)

clean: ## Remove virtual environments and caches
	rm -rf $(VENV) .cache .pytest_cache .ruff_cache
