# The front door. Every target installs what it needs; `make` lists them.
STACK ?= dev
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
DEPS := $(VENV)/.installed
DEV_DEPS := $(VENV)/.installed-dev
AIRFLOW_VENV := .venv-airflow
AIRFLOW_RUN := $(AIRFLOW_VENV)/bin/python
AIRFLOW_DEPS := $(AIRFLOW_VENV)/installed

.DEFAULT_GOAL := help
.PHONY: help deps plan values diagram schema ledger test test-program test-airflow test-e2e test-alarms engine test-engine test-engine-all lint format local \
        demo pictures dashboard local-reset bench bench-dags bench-local bench-landing bench-deploy preview up refresh outputs recover destroy sweep \
        doctor clean

help: ## List the targets
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-13s %s\n", $$1, $$2}'

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

$(AIRFLOW_DEPS): requirements-airflow.txt local/install.py
	@$(PYTHON) -m local.install
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
	@$(RUN) -m tests.program.ledger

test: test-program test-airflow ## Run the fast tests; with -j2 both halves at the same time

test-program: $(DEV_DEPS) ## ... of the program and of the engine's stage; AIRFLOW_CHART and KEDA_CHART name charts to render
	$(RUN) -m pytest tests/program tests/engine

test-airflow: $(AIRFLOW_DEPS) ## ... of what runs beside Airflow
	$(AIRFLOW_RUN) -m pytest tests/airflow

test-e2e: $(AIRFLOW_DEPS) ## Run the platform for real, and break it
	$(AIRFLOW_RUN) -m pytest -n 2 --dist loadgroup tests/e2e

test-alarms: export ALISIO_HEALTH_FASTER ?= 30
test-alarms: $(AIRFLOW_DEPS) ## ... and make each alarm about Airflow fire by a fault, in sped-up time: with nothing else on the machine
	$(AIRFLOW_RUN) -m pytest tests/e2e/test_health.py

engine: ## Build Pulumi, its Kubernetes provider and a control plane from Go modules, for the tests of the real engine
	@$(PYTHON) -m tests.engine.build

test-engine: engine $(DEV_DEPS) $(AIRFLOW_DEPS) ## Run the program on the real engine: deploy, change, break, destroy
	$(RUN) -m pytest -m engine -n 3 --dist loadgroup tests/engine

test-engine-all: export ALISIO_ENGINE_ALL = 1
test-engine-all: test-engine ## ... killed at every single step, too

local: $(AIRFLOW_DEPS) ## Run the whole platform on this machine; with SSO=1 behind TLS and single sign-on
	@$(AIRFLOW_RUN) -m local up $(if $(SSO),--sso)

pictures: $(AIRFLOW_DEPS) ## Take the README's pictures of single sign-on anew, while `make local SSO=1` runs
	@$(AIRFLOW_RUN) -m local.pictures

dashboard: $(AIRFLOW_DEPS) ## Draw the runbook's picture of the dashboard anew, while `make local` runs
	@$(AIRFLOW_RUN) -m local.dashboard_picture

demo: $(AIRFLOW_DEPS) ## Land a day of observations in the platform that runs, and show what becomes of them
	@$(AIRFLOW_RUN) -m local demo

local-reset: $(AIRFLOW_DEPS) ## Forget the local platform's data
	@$(AIRFLOW_RUN) -m local reset

lint: $(DEV_DEPS) $(AIRFLOW_DEPS) ## Check format, style, imports and types
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/lint-imports --no-logo --no-cache
	$(VENV)/bin/pyright
	$(VENV)/bin/pyright --project pyright-airflow.json

format: $(DEV_DEPS) ## Format the code
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .

bench: $(DEV_DEPS) ## Time and memory of the plan, against the bare import of the SDKs
	@$(RUN) -m bench.plan

bench-dags: $(DEV_DEPS) $(AIRFLOW_DEPS) ## Releases of DAGs against Airflow's own bundles: requests, seconds, task rate
	@$(AIRFLOW_RUN) -m bench.dags
	@$(AIRFLOW_RUN) -m bench.task_rate
	@$(RUN) -m bench.plan_files

bench-local: $(AIRFLOW_DEPS) ## The platform on this machine: starts, memory, canary, task rate
	@$(AIRFLOW_RUN) -m bench.local

bench-landing: $(AIRFLOW_DEPS) ## From an object landing to the run that takes it, and where the time goes
	@$(AIRFLOW_RUN) -m bench.landing

bench-deploy: engine $(DEV_DEPS) ## Minutes of up, upgrade and destroy at AWS's published durations, and the critical path
	@$(RUN) -m bench.deploy

doctor: $(DEPS) ## Check what STACK needs before it goes to AWS, and how it is if it is up
	@$(RUN) -m scripts doctor $(STACK)

preview: $(DEPS) ## What would change in AWS
	@$(RUN) -m scripts preview $(STACK)

up: $(DEPS) ## Create or update STACK in AWS
	@$(RUN) -m scripts up $(STACK)

refresh: $(DEPS) ## Write into the state of STACK what there really is
	@$(RUN) -m scripts refresh $(STACK)

outputs: $(DEPS) ## What STACK says of itself: address, dashboard, names
	@$(RUN) -m scripts outputs $(STACK)

recover: $(DEPS) ## After an update of STACK that died: make `up` possible again
	@$(RUN) -m scripts recover $(STACK)

destroy: $(DEPS) ## Delete STACK from AWS; what is protected stays
	@$(RUN) -m scripts destroy $(STACK)

sweep: $(DEPS) ## Delete what services left of STACK in AWS when it was destroyed
	@$(RUN) -m scripts sweep $(STACK)

clean: ## Remove virtual environments and caches
	rm -rf $(VENV) $(AIRFLOW_VENV) .cache .pytest_cache .ruff_cache
