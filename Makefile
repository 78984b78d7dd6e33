# Every task of this repository; `make help` lists them. Longer ones live in scripts/.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
MAKEFLAGS += --no-builtin-rules --no-print-directory

PYTHON ?= python3
export PYTHON

UV_VERSION := 0.13.9
PNPM_VERSION := 12.21.0

# A missing interpreter is an error at once, never a download.
export UV_PYTHON_DOWNLOADS := never
export PATH := $(CURDIR)/.tools/bin:$(PATH)

STAMPS := .tools/stamps
RUN := uv run --no-sync
# What is built of js-packages, and of what. It is built only if that is newer: others may be reading it.
CLIENT := js-packages/client/dist/transports.js
CLIENT_SOURCES := $(shell find js-packages/client/src) $(wildcard js-packages/client/*.json) js-packages/client/bundle.mjs
FRONTEND := packages/transports-jupyter/src/transports_jupyter/static/frontend.js
FRONTEND_SOURCES := $(shell find js-packages/widget/src) $(wildcard js-packages/widget/*.json) js-packages/widget/build.mjs

##@ Everyday

.PHONY: help
help: ## List these targets
	@awk 'BEGIN { FS = ":.*## " } /^##@/ { printf "\n%s\n", substr($$0, 5) } /^[a-z0-9-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: setup
setup: $(STAMPS)/python $(STAMPS)/node $(STAMPS)/chromium $(STAMPS)/nginx ## Install all that is needed, inside the checkout

.PHONY: demo
demo: $(STAMPS)/python build-js ## Open the control room on 127.0.0.1
	$(RUN) python examples/control_room $(DEMO_ARGS)

.PHONY: board
board: $(STAMPS)/python build-js ## Serve two tenants and the board that they share
	$(RUN) uvicorn --app-dir examples/shared_board app:app $(BOARD_ARGS)

.PHONY: dashboard
dashboard: $(STAMPS)/python build-js ## Open the dashboard over SSE on 127.0.0.1
	$(RUN) python examples/dashboard $(DEMO_ARGS)

.PHONY: check
check: setup check-python check-js check-repository bench-laws ## Format, lint, types, layers, pins, and how cost grows

.PHONY: test
test: setup build-js ## Every test, in Python, TypeScript and Chromium
	scripts/test.sh

.PHONY: format
format: setup ## Rewrite the sources in the house's format
	$(RUN) ruff check --fix-only --quiet .
	$(RUN) ruff format --quiet .
	pnpm exec biome check --write .

##@ One side at a time

.PHONY: build-js
build-js: $(CLIENT) $(FRONTEND) ## Build the npm client, and the widget's front end, if they changed

.PHONY: widget
widget: $(FRONTEND) ## Build the front end of transports-jupyter's widget into its package

.PHONY: check-python
check-python: $(STAMPS)/python ## ruff, pyright, import-linter, deptry
	$(RUN) ruff format --check .
	$(RUN) ruff check .
	$(RUN) pyright
	$(RUN) lint-imports --no-cache
	for package in packages/*/; do (cd "$$package" && uv run --no-sync deptry src); done

.PHONY: check-js
check-js: $(CLIENT) ## biome, tsc (the widget is written against what is built of the client)
	pnpm exec biome check --error-on-warnings .
	pnpm -r --filter './js-packages/*' --filter ./benchmarks/javascript exec tsc --noEmit -p tsconfig.json

.PHONY: check-repository
check-repository: $(STAMPS)/python
	$(RUN) codespell
	$(RUN) python scripts/version.py check
	$(RUN) python scripts/lock.py check

.PHONY: test-packages
test-packages: setup ## pytest over every package by itself
	$(RUN) pytest packages $(PYTEST_ARGS)

.PHONY: test-integration
test-integration: setup build-js ## pytest over what ties the packages together
	$(RUN) pytest tests-integration $(PYTEST_ARGS)

.PHONY: test-published
test-published: setup build-js ## pytest over wheels, sdists and tarballs alone
	$(RUN) pytest tests-integration/published $(PYTEST_ARGS)

.PHONY: test-js
test-js: build-js ## vitest over the TypeScript packages
	pnpm -r --filter './js-packages/*' test

.PHONY: test-starlette0
test-starlette0: export UV_PROJECT_ENVIRONMENT := .venv-starlette0
test-starlette0: setup build-js ## What must hold on Starlette below 1 too
	uv sync --locked --quiet --python $(PYTHON) --no-default-groups --group starlette0
	$(RUN) pytest packages/transports-ws/tests packages/transports-sse/tests $(wildcard tests-integration/guide)

.PHONY: test-lowest
test-lowest: setup build-js ## The packages' tests with every requirement at its floor
	scripts/lowest.sh

.PHONY: coverage
coverage: setup build-js ## The packages' tests with branch coverage
	$(RUN) coverage run -m pytest packages
	$(RUN) coverage combine --quiet
	$(RUN) coverage report

##@ What leaves the house

.PHONY: bench
bench: setup build-js ## Measure against peers, for 15 minutes, into benchmarks/out/; W=write,open for some
	$(RUN) python -m benchmarks $(W)

.PHONY: plot
plot: setup ## Measure and draw again the plot of the README, docs/images/growth.svg
	$(RUN) python -m benchmarks growth
	cp benchmarks/out/growth.svg docs/images/growth.svg

.PHONY: bench-laws
bench-laws: $(STAMPS)/python ## The growth laws of the benchmarks alone: fails if a cost follows the model
	$(RUN) python -m benchmarks.laws

.PHONY: soak
soak: export SOAK_SECONDS ?= 600
soak: setup build-js ## Hold load, memory and faults for SOAK_SECONDS, with figures
	$(RUN) python soak $(W)

.PHONY: docs
docs: export NO_MKDOCS_2_WARNING := 1
docs: $(STAMPS)/python ## Build the documentation into site/
	$(RUN) mkdocs build --strict --quiet

.PHONY: dist
dist: setup build-js ## Build and check wheels, sdists and npm tarballs into dist/
	scripts/dist.sh

##@ Upkeep

.PHONY: lock
lock: $(STAMPS)/uv $(STAMPS)/pnpm ## Bring both locks up to date with the manifests
	$(PYTHON) scripts/lock.py fill
	uv lock $(LOCK_ARGS)
	$(PYTHON) scripts/lock.py pack
	pnpm install --lockfile-only

.PHONY: clean
clean: ## Remove what was built; `rm -rf .tools .venv* node_modules` removes the rest
	rm -rf dist site coverage .coverage* .hypothesis .pytest_cache .ruff_cache .import_linter_cache
	rm -rf soak/figures benchmarks/out packages/*/dist js-packages/*/dist js-packages/*/*.tsbuildinfo
	find packages tests-integration scripts soak -name __pycache__ -type d -prune -exec rm -rf {} +

# Each stamp is as new as what it was made from, so that a set-up that is done costs nothing.

$(STAMPS)/uv: Makefile scripts/tools.sh
	@mkdir -p $(@D)
	@scripts/tools.sh uv $(UV_VERSION)
	@touch $@

$(STAMPS)/pnpm: Makefile scripts/tools.sh
	@mkdir -p $(@D)
	@scripts/tools.sh pnpm $(PNPM_VERSION)
	@touch $@

$(STAMPS)/python: uv.lock.in pyproject.toml $(wildcard packages/*/pyproject.toml) | $(STAMPS)/uv $(FRONTEND)
	@echo "setup: Python packages"
	@$(PYTHON) scripts/lock.py fill
	@uv sync --locked --quiet --python $(PYTHON)
	@touch $@

# transports-jupyter cannot be installed without it, not even to be edited.
$(FRONTEND): $(CLIENT) $(FRONTEND_SOURCES)
	@echo "build: the widget's front end"
	@pnpm --filter @1kbgz/transports-widget --silent build

$(CLIENT): $(CLIENT_SOURCES) | $(STAMPS)/node
	@echo "build: the npm client"
	@pnpm --filter @1kbgz/transports --silent build

$(STAMPS)/node: pnpm-lock.yaml pnpm-workspace.yaml package.json $(wildcard js-packages/*/package.json benchmarks/*/package.json) | $(STAMPS)/pnpm
	@echo "setup: npm packages"
	@CI=true pnpm install --frozen-lockfile --reporter=silent
	@touch $@

$(STAMPS)/chromium: scripts/chromium.sh | $(STAMPS)/python
	@scripts/chromium.sh
	@if [[ -e .tools/bin/chromium ]]; then touch $@; fi

$(STAMPS)/nginx: scripts/nginx.sh | $(STAMPS)/python
	@scripts/nginx.sh
	@if [[ -e .tools/nginx ]]; then touch $@; fi
