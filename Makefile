# Two commands need nothing installed but Python 3.11+, git, make and which:
#   make quickstart   a small run of the whole pipeline, down to its figures
#   make test         format, lint, types and tests
PYTHON ?= python3
UV_VERSION := 0.13.9
CORES ?= $(shell getconf _NPROCESSORS_ONLN)
BIN := .venv/bin

ifeq ($(shell command -v which 2> /dev/null),)
$(error the command 'which' is missing, which Snakemake's plugin for SLURM calls; install the package 'which')
endif

# A user's settings of pip, uv and Python have no say, but for those by which this machine reaches
# packages: what is fetched is checked against hashes, wherever it comes from.
REACH := %_INDEX %_INDEX_URL UV_INDEX_% %_FIND_LINKS %_NO_INDEX %_CONFIG_FILE %_OFFLINE \
	%_CERT %_NATIVE_TLS %_SYSTEM_CERTS %_PROXY %_TRUSTED_HOST %_INSECURE_HOST %_KEYRING_PROVIDER \
	%_TIMEOUT %_RETRIES %_CACHE_DIR %_NO_CACHE %_NO_CACHE_DIR %_LINK_MODE
unexport $(filter-out $(REACH),$(filter PIP_% UV_% PYTHON% VIRTUAL_ENV,$(.VARIABLES)))
# Nor has what a pip.conf says of where to install.
export PIP_USER := 0
export PIP_TARGET :=
export PIP_PREFIX :=

.PHONY: help quickstart test env lock

quickstart: .venv/stamp
	$(BIN)/snakemake --cores $(CORES) --config scale=quick -- quickstart
	@echo && echo "Look at these, beside the paper's Figures 3 and 4:" && $(BIN)/lth results

test: .venv/stamp
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/snakefmt --check Snakefile rules
	$(BIN)/mypy
	$(BIN)/pytest -n $(CORES) --dist loadfile --no-loadscope-reorder

env: .venv/stamp

help:
	@sed -n '1,3p' $(firstword $(MAKEFILE_LIST))

# Every package is checked against the hashes in requirements.txt; this project is
# built with the setuptools pinned there (hence no build isolation).
.venv/stamp: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(None if v >= (3, 11) else f"$(PYTHON) is Python {v[0]}.{v[1]}; 3.11 or newer is needed: make PYTHON=python3.11 ...")'
	$(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	touch $@

# After editing requirements.in. `make lock UPGRADE=--upgrade` also moves to newer versions;
# environment.yml then has to follow (tests/test_environment.py names what differs).
lock:
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest \
		--generate-hashes --no-emit-index-url --custom-compile-command "make lock" \
		$(UPGRADE) requirements.in --output-file requirements.txt
