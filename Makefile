# Wufang (五方). `make` alone lists what there is.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/set-up.sha256

.DEFAULT_GOAL := help
.PHONY: help setup up demo test check bench pictures lock

help: ## what there is, a line each
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1|\2/' | column -t -s '|'

setup: ## the environment only: Python packages and front-end parts
	@$(PYTHON) .ci/set_up.py

up: setup ## start everything; addresses and demo log-ins are printed; Ctrl-C stops it
	@exec $(BIN)/wufang up

demo: setup ## the story from upload to passes, told and checked on a throw-away state
	@exec $(BIN)/wufang demo

test: setup ## the whole test suite
	@$(BIN)/python -m pytest -q -n 2 --dist loadgroup

check: setup ## all static checks: format, lint, types, rooms, sizes, catalogue, protocols, migrations
	@$(BIN)/ruff format --check --quiet . && echo "format    ok"
	@$(BIN)/ruff check --quiet . && echo "lint      ok"
	@$(BIN)/python -m wufang.checks.types && echo "types     ok"
	@$(BIN)/lint-imports >.venv/rooms.log 2>&1 || { cat .venv/rooms.log; exit 1; }; echo "rooms     ok"
	@$(BIN)/python -m wufang.checks.sizes && echo "sizes     ok"
	@$(BIN)/python -m wufang.catalogue check && echo "catalogue ok"
	@$(BIN)/wufang protocols >/dev/null && echo "protocols ok"
	@$(BIN)/python -m wufang.checks.migrations && echo "tables    ok"

bench: setup ## measure the claims (long): every figure against its peer or ceiling
	@$(BIN)/python -m benchmarks

pictures: setup ## photograph every page (8 looks) into var/gallery, the main ones into docs/pictures
	@$(BIN)/python -m tests.browser.gallery --docs

lock: ## write requirements.lock anew from pyproject.toml
	@$(BIN)/uv pip compile pyproject.toml --group dev --generate-hashes --no-emit-index-url --no-header --no-annotate \
	  --universal --python-version 3.11 --quiet --output-file requirements.lock
