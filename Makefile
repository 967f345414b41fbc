# Everything sets itself up: a plain Python 3.11+ is enough.
#   make up      start the whole system (ARGS="--fresh --relays 2" and so on), Ctrl-C stops it
#   make test    check, then every test, on real servers
#   make chaos   every scenario of faults at full scale, judged by the checker: hours (ARGS="--scale smoke")
#   make check   format, lint, strict types, import contracts, unit tests
.DEFAULT_GOAL := help
PACKAGES := $(wildcard app bench chaos checker cli domains kernel lockstep_testing migrations projector relay stack tests)
BIN := .venv/bin

.PHONY: help up test chaos check venv page format lock describe
help:
	@sed -n '2,5p' Makefile | cut -c3-

venv:
	@requirements/install.sh

# built once, and again when its sources change; without it the rest still runs
page: venv
	@web/build.sh

up: venv
	@web/build.sh || echo 'lockstep: going on without the page' >&2
	@exec $(BIN)/lockstep up $(ARGS)

check: venv
	@$(BIN)/ruff format --check --quiet . || { echo 'some files are not formatted: make format' >&2; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy --no-error-summary $(PACKAGES)
	@$(BIN)/lint-imports --no-logo >.venv/lint-imports.log || { cat .venv/lint-imports.log; exit 1; }
	@web/build.sh check
	@$(BIN)/pytest -q tests/unit

test: check page
	@$(BIN)/pytest -q -n 2 --dist loadfile tests --ignore tests/unit $(ARGS)

chaos: venv
	@exec $(BIN)/lockstep chaos --all --scale full --write docs/reliability.md $(ARGS)

format: venv
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --quiet --fix .

# what the code says of itself, as it is committed; a test fails when it is old
describe: venv
	@env -u LOCKSTEP_DOMAINS -u LOCKSTEP_NAMESPACE $(BIN)/lockstep describe all --folder docs/reference

lock: venv
	@requirements/lock.sh
