# Two commands matter: `make run` and `make test`. Both set up everything they need by themselves.

PYTHON ?= python3
PORT ?= 8000
ARGS ?=
export PORT
export HOMEWARD_STARTED := $(shell date +%s)
# Compiled modules lie in one folder, also on a machine that wants none beside the sources: else every command that is
# started compiles Django anew, which is half of its time, and the tests start a hundred.
export PYTHONPYCACHEPREFIX := $(CURDIR)/.pycache
unexport PYTHONDONTWRITEBYTECODE

VENV := .venv/bin/python
SETUP := $(PYTHON) tools/setup.py

.DEFAULT_GOAL := help
.PHONY: help run test check fix bench prove prove-names manage messages diagrams stop demo-reset

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## set up, then serve the demonstration on PORT (8000) until Ctrl-C
	@$(SETUP) run
	@exec $(VENV) -m tools.serve

test: ## set up, then run every test, browser tests included; ARGS="tests/casework -k accept"
	@$(SETUP) test
	@$(VENV) -m tools.test $(ARGS)

check: ## style, types, layers, templates, migrations, texts, diagrams
	@$(SETUP) check
	@$(VENV) -m tools.check $(ARGS)

fix: ## mend what can be mended by itself: style, format, diagrams
	@$(SETUP) check
	@.venv/bin/ruff check --fix --quiet . ; .venv/bin/ruff format --quiet . ; $(VENV) manage.py draw_states ; $(VENV) -m tools.draw_names

prove: ## who may see what: attacks and oracle, then the guard weakened in every place; writes docs/domain/access-proof.md
	@$(SETUP) test
	@$(VENV) -m tools.test --no-coverage tests/attacks tests/oracle $(ARGS)
	@$(VENV) -m tests.attacks.prove

prove-names: ## how well people are found by name, two names told apart, a register linked; writes docs/domain/names-proof.md
	@$(SETUP) check
	@.uv-bootstrap/bin/uv sync --frozen --inexact --no-build --no-progress --quiet --group proof
	@$(VENV) -W ignore -m bench.prove_names $(ARGS)

bench: ## benchmarks, as ratios to bare SQL, with their growth
	@$(SETUP) check
	@$(VENV) -m bench $(ARGS)

manage: ## any command of the application: make manage ARGS="linked --as dprrp-coordinator --json"
	@$(SETUP) run
	@$(VENV) manage.py $(ARGS)

messages: ## gather the texts of the interface for the translators
	@$(SETUP) check
	@$(VENV) -m tools.messages extract

stop: ## end the server, the worker and the database of this checkout
	@$(PYTHON) -m tools.serve stop
	@$(PYTHON) tools/devdb.py stop

demo-reset: stop ## delete the database of this checkout and build the demonstration anew
	@$(PYTHON) tools/devdb.py destroy
	@$(SETUP) run
	@$(VENV) -m tools.serve prepare
