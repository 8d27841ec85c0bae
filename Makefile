# beratung-xblock. Needs make and Python 3.11 or 3.12 with venv; 'make test' needs both and some Debian packages.
#
#   make demo          try it: http://127.0.0.1:8000 (PORT=8001 for another port)
#   make demo-reset    the same with fresh data
#   make test          everything, as CI runs it        make test-fast    the quick part, under 5 minutes
#   make quality       style, layers, personal data, migrations, package, translations
#   make bench         measure; ONLY=name,... JSON=file
#   make course        the Teams course, importable, in dist/
#   make extract_translations compile_translations validate_translations

VENV ?= .venv
PORT ?= 8000
BIN := $(VENV)/bin
SOURCES := setup.py beratung_xblock/__init__.py

.PHONY: help demo demo-reset test test-fast quality bench course install system extract_translations compile_translations validate_translations clean

help:
	@sed -n '3,9s/^# *//p' Makefile

$(BIN)/python:
	@python=$$(tools/find_python.sh 3.12 3.11) && "$$python" -m venv $(VENV)
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --upgrade pip setuptools wheel

$(VENV)/.demo: $(SOURCES) | $(BIN)/python
	@echo "Installing (this takes a minute the first time) ..."
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -e '.[demo]'
	@touch $@

$(VENV)/.test: $(SOURCES) | $(BIN)/python
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -e '.[demo,test]'
	@touch $@ $(VENV)/.demo

demo: $(VENV)/.demo
	@$(BIN)/python -m beratung_xblock.demo --port $(PORT)

demo-reset: $(VENV)/.demo
	@$(BIN)/python -m beratung_xblock.demo --reset --port $(PORT)

system:
	@tools/system_packages.sh

install: system $(VENV)/.test

test: install
	@$(BIN)/python tools/suites.py all

test-fast: install
	@$(BIN)/python tools/suites.py fast

quality: $(VENV)/.test
	@$(BIN)/python tools/suites.py quality

$(VENV)/.bench: $(VENV)/.test
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -e '.[bench]'
	@touch $@

bench: $(VENV)/.bench
	@$(BIN)/python tools/bench.py $(if $(ONLY),--only $(ONLY)) $(if $(JSON),--json $(JSON))

course: $(VENV)/.demo
	@$(BIN)/python -m beratung_xblock.course build --lang de --out dist/
	@$(BIN)/python -m beratung_xblock.course build --lang en --out dist/

extract_translations: $(VENV)/.test
	@$(BIN)/python tools/i18n.py extract

compile_translations: $(VENV)/.test
	@$(BIN)/python tools/i18n.py compile

validate_translations: $(VENV)/.test
	@$(BIN)/python tools/i18n.py check de

clean:
	@rm -rf build dist *.egg-info .pytest_cache .ruff_cache .hypothesis .import_linter_cache
