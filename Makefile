# Thin: every verb calls one tool. `make demo` and `make test` are the two commands.
.PHONY: environment setup setup-test demo demo-clean up doctor test test-unit test-connected test-browser test-faults \
        test-compose prove-erasure attack-stats bench check lint format types imports docs docs-check \
        screens clean

VENV := .venv/bin

# The house is many Python processes: each would compile its libraries anew, which doubles its start.
unexport PYTHONDONTWRITEBYTECODE

environment:          ## virtual environment from the lock file
	@deploy/setup/python.sh

setup: environment    ## and Kafka's jars, the store, the encoder
	@$(VENV)/prat init

setup-test: setup     ## and what the tests need: the light broker, Chromium, axe-core
	@deploy/setup/python.sh --extra light
	@deploy/setup/browser.sh

demo: setup           ## the whole house with two demo shops; Ctrl-C stops everything
	@$(VENV)/prat demo

demo-clean:           ## forget the demo's data, keep what was downloaded
	@rm -rf .prat/data .prat/logs .prat/secrets

up: setup             ## broker, store and the five services
	@$(VENV)/prat up

doctor: setup         ## what is missing, and how to mend it
	@$(VENV)/prat doctor

test: setup-test      ## everything: unit, contracts, walk, integration, browser, faults
	@tests/side_by_side.sh

test-unit: setup      ## quick tests without broker, store or browser
	@$(VENV)/pytest tests/unit tests/contracts

test-connected: setup ## on the real broker and store
	@$(VENV)/pytest tests/walk tests/integration

test-browser: setup-test
	@$(VENV)/pytest tests/e2e

test-faults: setup    ## kill -9 of every process in mid-conversation
	@$(VENV)/pytest tests/faults

prove-erasure: setup  ## plants texts everywhere, erases, restores, travels in time, reads every byte
	@deploy/setup/faketime.sh
	@$(VENV)/python -m tests.proof --page

test-compose:         ## docker-compose.yml on a real engine: build, talk, take down
	@deploy/setup/python.sh
	@$(VENV)/python -m tests.compose

attack-stats: setup   ## looks for planted rare questions through the statistics' interface; must find none
	@$(VENV)/python -m tests.attack_stats

bench: setup          ## measures; reports go to docs/figures
	@$(VENV)/python -m tests.bench

check: lint types imports docs-check   ## what must pass before a commit

lint types imports docs-check: environment

lint:
	@$(VENV)/ruff check .
	@$(VENV)/ruff format --check .

format: setup         ## rewrites files to the house's format
	@$(VENV)/ruff format .
	@$(VENV)/ruff check --fix .

types:
	@$(VENV)/mypy

imports:
	@$(VENV)/lint-imports --no-cache

docs: setup           ## event catalogue, AsyncAPI document, configuration reference
	@$(VENV)/prat docs build

screens: setup-test   ## the pictures in docs/screens
	@$(VENV)/python -m tests.e2e.screens

docs-check:
	@$(VENV)/prat docs check

clean: demo-clean
	@rm -rf .prat .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis
