# `make run` and `make test` set up what they need; `make` alone lists the targets.
BIN := .venv/bin
RUN_AGENTS := oracle,careless,no-op

.PHONY: help setup dev run test lint clean
help:
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile

setup: ## virtual environment, engine, images: all that a run needs
	@./setup.sh

dev: ## the same, and what tests and lint need
	@./setup.sh dev

run: setup ## the suite `starter` with three agents, a table, and leaderboard.json
	@$(BIN)/offsite run starter --agent $(RUN_AGENTS)
	@$(BIN)/offsite leaderboard build last -o leaderboard.json

test: dev ## all images and all tests; OFFSITE_NO_DOCKER=1 leaves out those that need an engine
	@[ "$$OFFSITE_NO_DOCKER" = 1 ] || $(BIN)/python -m offsite.sandboxes.images || true
	@$(BIN)/pytest -q $(PYTEST)

lint: dev ## ruff, pyright, layers
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/pyright
	@$(BIN)/lint-imports --no-logo

clean: ## leftovers of dead runs, caches, the virtual environment; never results
	@if [ -x $(BIN)/offsite ]; then $(BIN)/offsite clean; fi
	rm -rf .venv .cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache *.egg-info build dist
