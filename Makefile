# Two commands set up all they need in .venv, work twice in a row, and offline once installed:
#   make reconcile   trains the example on this machine
#   make test        runs all checks and tests
PYTHON ?= python3.11
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --no-input
export PIP_CONSTRAINT := $(CURDIR)/constraints.txt

.PHONY: reconcile test lint schemas clean azure-demo kill-matrix fault-matrix bench chaos hostile fuzz mutation docs reference transcript

reconcile: $(VENV)/.ready
	$(BIN)/gitrain reconcile --wait

test: lint $(VENV)/wheels/.ready $(VENV)/.ready-docs
	$(BIN)/python -m pytest -n 2 --dist loadgroup

lint: $(VENV)/.ready-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy training
	$(BIN)/lint-imports
	$(BIN)/actionlint -shellcheck= -pyflakes= .github/workflows/*.yml
	$(BIN)/zizmor --quiet --offline --pedantic .github

# Practice: the whole Azure flow on this machine, without an account.
azure-demo: $(VENV)/.ready-dev
	$(BIN)/python -m tests.azure_cli.demo

# kill -9 at every request of a reconcile; every failure of the service at every kind of request.
kill-matrix: $(VENV)/.ready-dev
	$(BIN)/python -m tests.azure_cli.kill_matrix

fault-matrix: $(VENV)/.ready-dev
	$(BIN)/python -m tests.azure_cli.fault_matrix

# How fast: tables in Markdown, beside check-jsonschema, and Terraform where it is installed.
# BENCH=--quick for a first look.
bench: $(VENV)/.ready-bench
	$(BIN)/python -m tests.bench $(BENCH)

# Everything that can go wrong, at random, for CHAOS_SECONDS (240) in each of three worlds at once.
chaos: $(VENV)/.ready-dev
	$(BIN)/python -m tests.chaos

# 5,000 generated documents and all of the corpus, through every format of every command.
hostile: $(VENV)/.ready-dev
	$(BIN)/python -m tests.hostile

# Coverage-guided, for FUZZ_SECONDS (300); exits with 1 on a crash, and keeps what caused it.
fuzz: $(VENV)/.ready-dev
	$(PIP) install --quiet --group fuzz
	$(BIN)/python -m tests.hostile.fuzz

# Deliberate faults in the pure core, and which of them no test notices; ten minutes on two cores.
mutation: $(VENV)/.ready-dev
	$(PIP) install --quiet --group mutation
	$(BIN)/python -m tests.mutation

# The documents as a site in build/site, which works offline. Fails for a warning, a broken link, and
# for anything that a page would load from elsewhere.
docs: $(VENV)/.ready-docs
	rm -rf build/site
	$(BIN)/python -m sphinx --quiet --fail-on-warning --keep-going --nitpicky docs build/site
	$(BIN)/python -m tests.docs.site build/site

# The pages of docs/reference that are written from the code.
reference: $(VENV)/.ready-dev
	$(BIN)/python -m tests.docs.reference

# What the commands in the README and in the tutorial print; both are run for this.
transcript: $(VENV)/.ready-dev
	$(BIN)/python -m tests.docs.transcript
	$(BIN)/python -m tests.docs.tutorial

schemas: $(VENV)/.ready
	$(BIN)/gitrain schema --write schemas

$(VENV)/.ready: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) install --quiet --editable '.[all]'
	touch $@

$(VENV)/.ready-dev: $(VENV)/.ready pyproject.toml constraints.txt
	$(PIP) install --quiet --upgrade pip
	$(PIP) install --quiet --group dev
	touch $@

$(VENV)/.ready-bench: $(VENV)/.ready pyproject.toml constraints.txt
	$(PIP) install --quiet --upgrade pip
	$(PIP) install --quiet --group bench
	touch $@

$(VENV)/.ready-docs: $(VENV)/.ready pyproject.toml constraints.txt
	$(PIP) install --quiet --upgrade pip
	$(PIP) install --quiet --group docs
	touch $@

# For the tests that install into an environment of their own: no network is needed after this.
$(VENV)/wheels/.ready: $(VENV)/.ready-dev
	$(PIP) wheel --quiet --wheel-dir $(VENV)/wheels . scikit-learn==1.9.1
	rm -f $(VENV)/wheels/gitrain-*.whl
	touch $@

clean:
	rm -rf $(VENV) .gitrain build dist
