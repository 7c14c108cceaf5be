# Two commands do all of it: `make run` and `make test`. The rest is for those who build.
SHELL := /bin/bash
PY := .venv/bin/python
export JIESU_DATA ?= $(CURDIR)/.data
export UV_PYTHON_DOWNLOADS := never
export PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD := 1

.PHONY: run demo setup setup-dev speech browser test check fix bench release audit stop lock

run: setup           ## serve the product; the first time with the demo street
	@.venv/bin/jiesu run --demo

demo: setup          ## fill the data folder with the demo street, serve nothing
	@.venv/bin/jiesu init --demo

stop:
	@.venv/bin/jiesu stop

setup: .venv/.base   ## the environment in .venv, so that .venv/bin/jiesu works

.venv/bin/python:
	@tools/venv

.venv/.base: requirements/base.txt pyproject.toml | .venv/bin/python
	@tools/install requirements/base.txt
	@touch $@

setup-dev: setup .venv/.dev

.venv/.dev: requirements/dev.txt | .venv/.base
	@tools/install requirements/dev.txt
	@touch $@

speech: setup        ## hear recordings on this machine: engines, and a small model in the data folder
	@tools/install requirements/speech.txt
	@.venv/bin/jiesu transcribe --install-model

browser:             ## what the browser tests need, from Debian's packages
	@tools/browser

test: setup-dev browser   ## everything that must pass
	@$(PY) -m pytest -n 2 --dist loadfile

check: setup-dev     ## format, lint, types, import order, migrations, templates
	@$(PY) -m ruff format --check .
	@$(PY) -m ruff check .
	@.venv/bin/lint-imports
	@$(PY) -m mypy jiesu/rules jiesu/cases jiesu/core jiesu/trail/{whereabouts,chain,report,roles,anchors}.py jiesu/*/actions.py
	@tools/django makemigrations --check --dry-run
	@.venv/bin/djlint jiesu --lint --quiet

fix: setup-dev
	@$(PY) -m ruff check --fix .
	@$(PY) -m ruff format .

bench: setup-dev     ## measure, and write docs/performance.md
	@$(PY) -m bench $(BENCH)

release: setup-dev   ## the wheel, and what it is made of (CycloneDX), in dist/
	@$(PY) -m build --wheel
	@$(PY) tools/sbom dist

audit: setup-dev     ## known advisories against what is locked; exit 3: the service could not be asked
	@$(PY) tools/audit

lock:                ## resolve the requirements anew
	@.venv/bin/uv pip compile requirements/base.in -o requirements/base.txt --python-version 3.11 --generate-hashes -q
	@.venv/bin/uv pip compile requirements/speech.in -o requirements/speech.txt --python-version 3.11 --generate-hashes -q
	@.venv/bin/uv pip compile requirements/dev.in -o requirements/dev.txt --python-version 3.11 --generate-hashes -q
