# `make` lists the commands. Each first installs what is missing from requirements.lock into .venv.
#
# PYTHON=python3.12   Python for the environment, 3.11 or newer (`make clean` first)
# ARGS="…"            passed to the program behind a command: make test ARGS="-k paths"
# WORKERS=4           how many test files run at once
# DATA=FOLDER         folder of another survey (or INSIGHTS_DATA=FOLDER)

SHELL := /bin/sh
.DEFAULT_GOAL := help

BIN := .venv/bin
STAMP := .venv/installed
PAGE := src/helpers/pages/browser
ifdef DATA
export INSIGHTS_DATA := $(DATA)
endif
# More than processors: tests of pages and servers wait now and then; four keep two processors 90% busy.
WORKERS := 4

# Bytecode makes every import several times faster; some machines switch it off.
unexport PYTHONDONTWRITEBYTECODE
# Ignore anything installed elsewhere or active in this shell.
unexport PYTHONPATH PYTHONHOME VIRTUAL_ENV
export PYTHONNOUSERSITE := 1
# Matrices here are small: several threads of OpenBLAS only wait for one another.
export OPENBLAS_NUM_THREADS := 1
export JUPYTER_PLATFORM_DIRS := 1
export JUPYTER_PREFER_ENV_PATH := 1

# An environment of another folder (a moved or copied checkout), or without its Python, is made again.
ifneq ($(shell test -x $(BIN)/python && cat $(STAMP) 2>/dev/null),$(CURDIR))
.PHONY: $(STAMP)
endif

# Voila finds the template where it is installed: a copy, updated when it changes.
$(STAMP): requirements.lock pyproject.toml $(wildcard $(PAGE)/voila/templates/*/*.* $(PAGE)/voila/templates/*/static/*)
	@tools/environment

.PHONY: help setup dashboards lab test check fix release site page bench rehearse lock clean style types every quick programs node

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-12s%s\n", $$1, $$2}' Makefile

setup: $(STAMP) ## install everything in requirements.lock into .venv
	@echo "The environment is ready: .venv"

dashboards: $(STAMP) ## serve the dashboards on http://localhost:8866
	@$(BIN)/insights dashboards $(ARGS)

lab: $(STAMP) ## open the notebooks in JupyterLab
	@$(BIN)/insights lab -- $(ARGS)

test: $(STAMP) ## run every test: style, types, units, notebooks, a real browser
	@$(MAKE) --silent style
	@$(MAKE) --silent --jobs=2 types every

check: $(STAMP) ## check style and types and run the quick tests; changes nothing
	@$(MAKE) --silent style
	@$(MAKE) --silent --jobs=2 types quick

fix: $(STAMP) ## correct what ruff can correct
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

release: $(STAMP) ## build the protected release that the dashboards show
	@$(BIN)/insights release $(ARGS)

site: $(STAMP) ## write dashboards and notebooks as plain files into site/, for any web host
	@$(BIN)/insights site $(ARGS)

page: node ## rebuild the page's scripts from their source (needs Node.js)
	@npm run --silent build
	@cat $(PAGE)/source/* | sha256sum | cut -c 1-64 >$(PAGE)/source.sha256
	@$(MAKE) --silent setup

bench: $(STAMP) ## repeat the measurements in benchmarks/
	@$(BIN)/python benchmarks/run.py $(ARGS)

rehearse: $(STAMP) ## release and attack a thousand synthetic surveys (fewer: ARGS="--surveys 50")
	@$(BIN)/python -m benchmarks.releases $(ARGS)

lock: ## remake requirements.lock from pyproject.toml (newest versions: ARGS=--upgrade)
	@command -v uv >/dev/null || { echo "make lock needs uv: pip install uv"; exit 1; }
	@uv pip compile --quiet pyproject.toml --extra report --group dev --universal --fork-strategy fewest \
		--generate-hashes --no-strip-extras --custom-compile-command "make lock" $(ARGS) --output-file requirements.lock
	@sed -n 's/^spark = \["\(.*\)"\].*/\1/p' pyproject.toml | uv pip compile --quiet - --universal \
		--constraint requirements.lock --generate-hashes --custom-compile-command "make lock" $(ARGS) \
		--output-file requirements-spark.lock

clean: ## remove the environment and every cache
	rm -rf .venv node_modules .mypy_cache .pytest_cache .ruff_cache build dist
	find src tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

style: $(STAMP)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

# Ten seconds of one processor: they pass beside the tests, of which one starts a `make` of its own, without our jobs.
types: $(STAMP)
	@$(BIN)/mypy

every: programs
	@env -u MAKEFLAGS CHROMIUM="$$(tools/chromium shell)" $(BIN)/python -m pytest notebooks dashboards tests \
		--numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder --nbval-lax --nbval-current-env --nbval-cell-timeout=120 $(ARGS)

quick: $(STAMP)
	@env -u MAKEFLAGS $(BIN)/python -m pytest -m "not browser and not slow" --ignore tests/browser -q --numprocesses auto --dist loadfile $(ARGS)

# What tests need besides Python, one after another: the system installs one package at a time.
programs: $(STAMP)
	@tools/chromium install
	@tools/fronts install
	@tools/office install
	@tools/spark
	@tools/node

node:
	@tools/node
