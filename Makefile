# Every task of the repository. `make help` lists them.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules --no-print-directory

# An interpreter that is missing is an error at once, never a download.
export UV_PYTHON_DOWNLOADS := never
export UV_COMPILE_BYTECODE := 1
export UV := $(CURDIR)/.tools/bin/uv
export PATH := $(CURDIR)/.tools/bin:$(CURDIR)/.tools/npm/node_modules/.bin:$(PATH)

PYTHON ?= python3
UV_VERSION := 0.13.9
PNPM_VERSION := 12.21.0
STAMPS := .tools/stamps

##@ Everyday

.PHONY: help
help: ## List the targets
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: setup
setup: $(STAMPS)/python $(STAMPS)/node ## Install every tool and dependency inside the checkout

.PHONY: test
test: setup ## Run every test, Python and TypeScript
	pnpm -r build
	uv run --no-sync pytest
	pnpm -r test

.PHONY: lock
lock: $(STAMPS)/uv $(STAMPS)/pnpm ## Bring both locks up to date with the manifests
	uv lock
	$(PYTHON) scripts/lock.py pack
	pnpm install --lockfile-only

$(STAMPS)/uv:
	@mkdir -p $(@D)
	$(PYTHON) -m venv .tools
	.tools/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@touch $@

$(STAMPS)/pnpm:
	@mkdir -p $(@D)
	npm install --silent --no-fund --no-audit --prefix .tools/npm pnpm@$(PNPM_VERSION)
	@touch $@

$(STAMPS)/python: uv.lock.in pyproject.toml $(wildcard packages/*/pyproject.toml) | $(STAMPS)/uv
	$(PYTHON) scripts/lock.py fill
	uv sync --locked
	@touch $@

$(STAMPS)/node: pnpm-lock.yaml pnpm-workspace.yaml package.json $(wildcard js-packages/*/package.json) | $(STAMPS)/pnpm
	CI=true pnpm install --frozen-lockfile
	@touch $@
