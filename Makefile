# The daily commands of Aisle; `make help` lists them.
SHELL := /bin/sh
.DEFAULT_GOAL := help

BIN := .venv/bin
NPM := scripts/with-python -m scripts.npm
TEST_WORKERS ?= 2
PYTHON_CODE := app tests benchmarks scripts migrations wsgi.py worker.py sse.py celeryconfig.py flowerconfig.py


# Every process of the shop imports the same packages: without the compiled files each start takes twice as long.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help
help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: setup
setup: ## Install what running needs (seconds when nothing changed)
	@scripts/with-python -m scripts.setup

.PHONY: run
run: setup ## Run the whole shop with demo data; Ctrl-C stops everything
	@exec $(BIN)/python -m scripts.run

.PHONY: dev
dev: ## Install what running, checking and testing need
	@scripts/with-python -m scripts.setup --dev --test-programs

.PHONY: test
test: dev ## Run every test: front end, unit, integration, web, concurrency, browser
	@$(NPM) run test
	@$(BIN)/python -m pytest -n $(TEST_WORKERS) $(TESTS)

.PHONY: unit
unit: ## Run the tests that need no server (seconds)
	@$(BIN)/python -m pytest tests/unit

.PHONY: check
check: check-form check-types check-layers check-migrations check-compose check-advisories check-front ## Check all that needs no test; `make -k check` shows every failure

.PHONY: check-form check-types check-layers check-migrations check-compose check-advisories check-front
check-form: dev
	$(BIN)/ruff format --check $(PYTHON_CODE)
	$(BIN)/ruff check $(PYTHON_CODE)
check-types: dev
	$(BIN)/mypy app tests benchmarks scripts wsgi.py worker.py sse.py celeryconfig.py flowerconfig.py
check-layers: dev
	$(BIN)/lint-imports
check-migrations: dev
	$(BIN)/python -m scripts.check_migrations
check-compose: dev
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml
	$(BIN)/hadolint Dockerfile
check-advisories: dev
	@$(BIN)/python -m scripts.check_advisories
check-front: dev
	@$(NPM) run check

.PHONY: format
format: ## Bring the Python code into form
	$(BIN)/ruff format $(PYTHON_CODE)
	$(BIN)/ruff check --fix $(PYTHON_CODE)

.PHONY: bench
bench: dev ## Measure tills, look-ups and the bare database (ARGS=--json)
	@$(BIN)/python -m benchmarks.tills $(ARGS)

SEED ?= 1
.PHONY: faults
faults: dev ## Break everything under load: every fault alone, then seeded runs (SEED=1 MINUTES=5, or SEEDS=20)
	AISLE_LONG_FAULTS=1 $(BIN)/python -m pytest tests/faults
	$(BIN)/python -m tests.faults.run --seed $(SEED) $(if $(SEEDS),--seeds $(SEEDS),--minutes $(or $(MINUTES),5))

.PHONY: soak
soak: dev ## A working day in short, a fault a minute, memory and connections watched (SEED=1 MINUTES=20)
	$(BIN)/python -m tests.faults.soak --seed $(SEED) --minutes $(or $(MINUTES),20)

.PHONY: logs
logs: ## Follow the logs of a running shop
	@tail -n 20 -F "$${AISLE_VAR:-var}"/log/*.log

.PHONY: clean
clean: ## Remove caches and built files; keeps the environment and all data
	rm -rf app/static/dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find app tests benchmarks scripts migrations -name __pycache__ -type d -prune -exec rm -rf {} +
	find app/translations -name '*.mo' -delete

.PHONY: reset
reset: ## Delete the demo shop's data, so that the next run starts afresh
	@$(BIN)/python -m scripts.reset
