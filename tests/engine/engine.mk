# Included by the Makefile.
.PHONY: engine test-engine

engine: ## Build Pulumi, its Kubernetes provider and a control plane from Go modules, for the tests of the real engine
	@$(PYTHON) -m tests.engine.build

test-engine: engine $(DEV_DEPS) ## Run the program on the real engine: deploy, crash, repair, destroy
	$(RUN) -m pytest -m engine tests/engine
