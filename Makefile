# `make` lists the targets. What needs Python packages runs in .venv, which is built on first use and again when
# setup.cfg, pyproject.toml or constraints.txt change. Another Python: make PYTHON=python3.12 quickstart

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check

# A stamp says: this extra was installed, to the end, from files with this checksum.
FRAME := $(shell cat setup.cfg pyproject.toml constraints.txt | cksum | tr ' ' -)
QUICKSTART := $(VENV)/.quickstart-$(FRAME)
TEST := $(VENV)/.test-$(FRAME)

# Environments of their own: for the oldest versions that setup.cfg allows, and for the wheel alone.
LOWEST := .venv-lowest
LOWEST_TEST := $(LOWEST)/.test-$(shell cat setup.cfg pyproject.toml | cksum | tr ' ' -)
WHEEL := .venv-wheel
AUDIT := .venv-audit

# The documentation has its own too: MkDocs is no part of the library.
DOCS := .venv-docs
DOCS_READY := $(DOCS)/.docs-$(FRAME)

PACKAGES := cards dataset_builder dualview trainer

.DEFAULT_GOAL := help
.PHONY: help quickstart demo test test-all audit test-lowest lint style types docs paper-small dist test-dist clean

help: ## list the targets
	@echo "DualView: make TARGET"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1 \2/p' Makefile | awk '{ name = $$1; $$1 = ""; printf "  %-12s%s\n", name, $$0 }'

quickstart: $(QUICKSTART) ## build a dataset, train on it, evaluate and write the cards, in runs/quickstart
	@$(BIN)/python -m dualview quickstart --out runs/quickstart

demo: $(QUICKSTART) ## open the demo on what the quickstart made
	@$(BIN)/python -m dualview demo

# Two files of tests at a time, in their order; a file's tests stay together, since they share what is costly.
PARALLEL := --numprocesses 2 --dist loadfile --no-loadscope-reorder

test: $(TEST) ## run the tests, without the slow ones
	@$(BIN)/python -m pytest -m "not slow" $(PARALLEL)

test-all: $(TEST) ## run all tests
	@$(BIN)/python -m pytest

# `make lint` runs ruff's security rules; here is what needs a network.
audit: $(TEST) ## look for known vulnerabilities in the pinned packages, and for secrets in the checkout
	@$(PYTHON) -m venv $(AUDIT)
	@$(AUDIT)/bin/python -m pip --quiet --disable-pip-version-check install pip-audit
	@$(AUDIT)/bin/pip-audit --requirement constraints.txt --no-deps --disable-pip --progress-spinner off
	@$(BIN)/python -m pytest -q tests/test_frame.py -k "token or path_of_some_machine"

test-lowest: $(LOWEST_TEST) ## run the tests, without the slow ones, with the oldest versions that setup.cfg allows
	@$(LOWEST)/bin/python -m pytest -m "not slow" $(PARALLEL)

lint: style types ## check style, formatting and types

style: $(TEST) ## check style and formatting
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

# mypy knows no package_dir: links show it the folders under their import name.
# Each Space is checked from inside its folder, as it is uploaded and run.
types: $(TEST) ## check types
	@$(link_packages)
	@cd build/types && "$$OLDPWD/$(BIN)/mypy" --config-file ../../setup.cfg --cache-dir ../../.mypy_cache -p dualview
	@set -e; root=$$PWD; for space in spaces/[!_]*/; do \
		(cd "$$space" && "$$root/$(BIN)/mypy" --config-file "$$root/setup.cfg" \
			--cache-dir "$$root/.mypy_cache" .); done

# The same links show mkdocstrings the packages. With --quiet, MkDocs would not see its own warnings.
docs: $(DOCS_READY) ## build the documentation in build/docs, and check its links
	@$(link_packages)
	@NO_MKDOCS_2_WARNING=1 $(DOCS)/bin/mkdocs build --strict
	@echo "Documentation: build/docs/index.html"

DATA ?= ../shared/data
paper-small: $(QUICKSTART) ## run the experiment of benchmarks/README.md (a night on two cores; DATA=folder of its text)
	@$(BIN)/python -m benchmarks.paper_small --data $(DATA)

# The wheel is built from the source archive, so that the archive is known to be whole.
dist: $(TEST) ## build the source archive and the wheel in dist/, and check what a wheel holds
	@rm -rf build dist
	@$(BIN)/python -c 'from setuptools import build_meta; build_meta.build_sdist("dist")' >/dev/null
	@$(PIP) wheel --no-deps --no-build-isolation --wheel-dir dist dist/*.tar.gz
	@$(BIN)/python -m zipfile --list dist/*.whl
	@$(BIN)/python -m pytest tests/test_wheel.py

test-dist: dist ## install that wheel into an empty environment and run its command
	@$(check_python)
	@rm -rf $(WHEEL)
	@$(PYTHON) -m venv $(WHEEL)
	@$(WHEEL)/bin/python -m pip --quiet --disable-pip-version-check install dist/*.whl
	@cd $(WHEEL) && bin/dualview --help

clean: ## remove .venv and caches; results in runs/ stay
	@rm -rf $(VENV) $(LOWEST) $(WHEEL) $(AUDIT) $(DOCS) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find $(PACKAGES) spaces tests -name __pycache__ -type d -prune -exec rm -rf {} +
	@echo "Removed $(VENV) and the caches; results in runs/ are kept."

$(QUICKSTART):
	@$(call install,quickstart)
	@touch $@

# The extra `test` holds what `quickstart` does.
$(TEST):
	@$(call install,quickstart$(comma)test)
	@touch $(QUICKSTART) $@

# uv finds the oldest versions that go together, from the floors of setup.cfg; pip installs them, so that it finds
# PyTorch's CPU builds here as it does for .venv.
$(LOWEST_TEST):
	@$(check_python)
	@echo "Installing the oldest versions that setup.cfg allows into $(LOWEST): a few minutes." >&2
	@rm -rf $(LOWEST)
	@$(PYTHON) -m venv $(LOWEST)
	@$(LOWEST)/bin/python -m pip --quiet --disable-pip-version-check install uv
	@$(LOWEST)/bin/python -m uv pip compile --quiet --python $(LOWEST)/bin/python --resolution lowest-direct \
		--no-header --extra test --extra quickstart --output-file $(LOWEST)/versions.txt setup.cfg
	@$(LOWEST)/bin/python -m pip --quiet --disable-pip-version-check install \
		-c $(LOWEST)/versions.txt -e '.[test,quickstart]'
	@touch $@

# The extra `docs` alone, without the library's own dependencies: docstrings are read, not imported.
$(DOCS_READY):
	@$(check_python)
	@echo "Installing the packages of [docs] into $(DOCS): a minute the first time." >&2
	@rm -rf $(DOCS)
	@$(PYTHON) -m venv $(DOCS)
	@$(DOCS)/bin/python -c 'import configparser; c = configparser.ConfigParser(); c.read("setup.cfg"); \
		print(c["options.extras_require"]["docs"])' > $(DOCS)/requirements.txt
	@$(DOCS)/bin/python -m pip --quiet --disable-pip-version-check install \
		-c constraints.txt -r $(DOCS)/requirements.txt
	@touch $@

comma := ,

define link_packages
rm -rf build/types && mkdir -p build/types/dualview && \
for part in dualview/[!_]* dualview/__*.py cards dataset_builder trainer; do \
	ln -s "$$PWD/$$part" build/types/dualview/; done
endef

define check_python
$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	echo "error: DualView needs Python 3.11 or newer, and '$(PYTHON)' is not; try: make PYTHON=python3.11 $(MAKECMDGOALS)" >&2; \
	exit 2; }
endef

# Where pip was cut off, it can take half-installed packages for whole ones: the mark .unfinished stays behind then,
# and the next run starts from an empty .venv.
define install
$(check_python); \
if [ -e $(VENV)/.unfinished ]; then \
	echo "The last installation was cut off: removing $(VENV)." >&2; rm -rf $(VENV); fi; \
if ! $(BIN)/python -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	echo "Creating $(VENV) with $$($(PYTHON) --version)." >&2; rm -rf $(VENV); $(PYTHON) -m venv $(VENV) || exit 2; fi; \
echo "Installing the packages of [$(1)] into $(VENV): a few minutes the first time." >&2; \
rm -f $(VENV)/.quickstart-* $(VENV)/.test-*; \
touch $(VENV)/.unfinished; \
$(PIP) install -c constraints.txt -e '.[$(1)]' || exit 2; \
rm $(VENV)/.unfinished
endef
