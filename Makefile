# The workshop's doors: run the shop, test it, lock its dependencies. Works in any directory, as any user.
PYTHON ?= python3
PYTEST_ARGS ?=
WORKERS ?= 2
DEV := .venv-dev/bin
SOURCES := domain application adapters entrypoints tests

.PHONY: run test test-live check fmt lock coverage bench timing audit-timing fuzz simulate crash races clean
.DELETE_ON_ERROR:

run: .venv/.installed
	@exec .venv/bin/tradepost up

test: check
	$(DEV)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS)

# On a real Meilisearch: MEILI_URL=http://127.0.0.1:7700 MEILI_KEY=… make test-live
test-live: .venv-dev/.installed
	$(DEV)/python -m pytest tests/meilisearch/test_live.py $(PYTEST_ARGS)

check: .venv-dev/.installed
	$(DEV)/ruff format --check .
	$(DEV)/ruff check .
	$(DEV)/mypy
	$(DEV)/lint-imports --no-cache
	$(if $(wildcard Dockerfile),$(DEV)/hadolint Dockerfile)

fmt: .venv-dev/.installed
	$(DEV)/ruff format .
	$(DEV)/ruff check --fix .

coverage: .venv-dev/.installed
	$(DEV)/coverage erase
	$(DEV)/coverage run -m pytest $(PYTEST_ARGS)
	$(DEV)/coverage combine -q
	$(DEV)/coverage report

# A minute instead of six: make bench BENCH_ARGS=--quick
bench: .venv/.installed .venv-dev/.installed
	$(DEV)/python -m tests.benchmarks $(BENCH_ARGS)

# Whether a stopwatch tells unknown e-mail addresses from known ones, and what a storm of logins does to the catalogue
timing: .venv-dev/.installed
	$(DEV)/python -m tests.benchmarks.enumeration
	$(DEV)/python -m tests.benchmarks.storm

# How long the audit takes on the books of so many orders, and each of its checks
ORDERS ?= 100000
audit-timing: .venv-dev/.installed
	$(DEV)/python -m tests.benchmarks.auditing --orders $(ORDERS)

# Sends the API what its description allows and forbids, for so many seconds: SECONDS=600 make fuzz
fuzz: SECONDS ?= 300
fuzz: .venv-dev/.installed
	FUZZ_SECONDS=$(SECONDS) $(DEV)/python -m pytest tests/http/test_contract.py $(PYTEST_ARGS)

# The shop in one thread, where the seed decides what happens, fails and comes first: SEEDS=10000 FIRST=1 PROCESSES=2, or SEED=42 alone
SEEDS ?= 300
FIRST ?= 1
PROCESSES ?= 1
simulate: .venv-dev/.installed
	$(DEV)/python -m tests.simulation $(if $(SEED),--seed $(SEED),--seeds $(SEEDS) --first $(FIRST) --processes $(PROCESSES))

# Kills web, worker and PostgreSQL at every point that an order's life passes, starts them again and looks: SCENE=refund for one
crash: .venv-dev/.installed
	$(DEV)/python -m tests.crashes $(if $(SCENE),--scene "$(SCENE)")

# Buyers who come at once, over HTTP to two web processes, and the audit after each round: ROUNDS=10 SECONDS=20 RACE=one_key
ROUNDS ?= 50
races: SECONDS ?= 60
races: .venv-dev/.installed
	$(DEV)/python -m tests.races --rounds $(ROUNDS) --seconds $(SECONDS) $(RACE:%=--race %)

# uv only locks (pip installs). No index, no path of the locking machine goes into a lock.
LOCK := $(DEV)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-annotate --no-header
lock: .venv-dev/.installed
	$(LOCK) $(LOCK_ARGS) requirements.in -o requirements.lock
	$(LOCK) $(LOCK_ARGS) requirements-dev.in -c requirements.lock -o requirements-dev.lock

clean:
	rm -rf .venv .venv-dev .mypy_cache .pytest_cache .ruff_cache .hypothesis .schemathesis htmlcov build dist *.egg-info .coverage*

.venv/.installed: requirements.lock
	$(call install,.venv,requirements.lock)

.venv-dev/.installed: requirements-dev.lock
	$(call install,.venv-dev,requirements-dev.lock)

# $(call install,VENV,LOCK): the lock is complete, so nothing is resolved (--no-deps: what carries browser files asks for
# Django and never runs under it). Uses the pip at hand; a Python without one brings its own into the environment.
define install
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14) and "Tradepost needs Python 3.11 to 3.13, this is %s: make PYTHON=/path/to/python3.12" % sys.version.split()[0])'
	@if $(PYTHON) -m pip --version >/dev/null 2>&1; then $(PYTHON) -m venv --clear --without-pip $(1); else $(PYTHON) -m venv --clear $(1); fi
	@if [ -x $(1)/bin/pip ]; then pip="$(1)/bin/python -m pip"; else pip="$(PYTHON) -m pip --python $(1)/bin/python"; fi; set -ex; \
	$$pip install --no-user --no-deps --require-hashes --requirement $(2); \
	$$pip install --no-user --no-deps --no-build-isolation --config-settings editable_mode=compat --editable .
	@touch $@
endef
