# Two commands set up all they need in .venv, work twice in a row, and offline once installed:
#   make reconcile   trains the example on this machine
#   make test        what a developer runs often: linters, types, the parts, a sample of each promise
# make test-all is that and all the rest: what CI runs.
SHELL       := bash
.SHELLFLAGS := -eu -o pipefail -c
PYTHON ?= python3.11
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --no-input
# pip says a hundred lines, or nothing for minutes: these are the packages, as it gets to them.
NAMES  := sed -un 's/^Collecting \([^ ]*\).*/  \1/p'
export PIP_CONSTRAINT := $(CURDIR)/constraints.txt

.PHONY: reconcile test test-all lint schemas clean azure-demo kill-matrix fault-matrix bench chaos hostile fuzz mutation docs reference transcript

reconcile: $(VENV)/.ready
	$(BIN)/gitrain reconcile --wait
	@echo "Next: $(BIN)/gitrain status, and metrics, logs or outputs of a job; docs: README.md"

test: lint
	$(BIN)/python -m pytest -n 2 --dist loadgroup -m quick

test-all: test $(VENV)/wheels/.ready $(VENV)/.ready-docs
	$(BIN)/python -m pytest -n 2 --dist loadgroup -m "not quick"

lint: $(VENV)/.ready-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy training
	$(BIN)/lint-imports
	$(BIN)/vulture
	$(BIN)/actionlint -shellcheck= -pyflakes= .github/workflows/*.yml
	$(BIN)/zizmor --quiet --offline --pedantic .github

# Practice: the whole Azure flow on this machine, without an account.
azure-demo: $(VENV)/.ready-dev
	$(BIN)/python -m tests.promises.azure.demo

# kill -9 at every request of a reconcile; every failure of the service at every kind of request.
kill-matrix: $(VENV)/.ready-dev
	$(BIN)/python -m tests.promises.azure.kill_matrix

fault-matrix: $(VENV)/.ready-dev
	$(BIN)/python -m tests.promises.azure.fault_matrix

# How fast: tables in Markdown, beside check-jsonschema, and Terraform where it is installed.
# BENCH=--quick for a first look.
bench: $(VENV)/.ready-bench
	$(BIN)/python -m tests.bench $(BENCH)

# Everything that can go wrong, at random, for CHAOS_SECONDS (240) in each of three worlds at once.
chaos: $(VENV)/.ready-dev
	$(BIN)/python -m tests.promises.chaos

# 5,000 generated documents and all of the corpus, through every format of every command.
hostile: $(VENV)/.ready-dev
	$(BIN)/python -m tests.promises.hostile

# Coverage-guided, for FUZZ_SECONDS (300); exits with 1 on a crash, and keeps what caused it.
fuzz: $(VENV)/.ready-dev
	$(PIP) install --quiet --group fuzz
	$(BIN)/python -m tests.promises.hostile.fuzz

# Deliberate faults in the pure core, and which of them no test notices; ten minutes on two cores.
mutation: $(VENV)/.ready-dev
	$(PIP) install --quiet --group mutation
	$(BIN)/python -m tests.mutation

# The documents as a site in build/site, which works offline. Fails for a warning, a broken link, and
# for anything that a page would load from elsewhere.
docs: $(VENV)/.ready-docs
	rm -rf build/site
	$(BIN)/python -m sphinx --quiet --fail-on-warning --keep-going --nitpicky docs build/site
	$(BIN)/python -m tests.promises.documents.site build/site

# The pages of docs/reference that are written from the code.
reference: $(VENV)/.ready-dev
	$(BIN)/python -m tests.promises.documents.reference

# What the commands in the README and in the tutorial print; both are run for this.
transcript: $(VENV)/.ready-dev
	$(BIN)/python -m tests.promises.documents.transcript
	$(BIN)/python -m tests.promises.documents.tutorial

schemas: $(VENV)/.ready
	$(BIN)/gitrain schema --write schemas

$(VENV)/.ready: pyproject.toml constraints.txt
	@echo "Installing gitrain and the trainer's packages into $(VENV); PyTorch alone takes minutes, once:"
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) install --editable '.[all]' | $(NAMES)
	@touch $@

$(VENV)/.ready-dev: $(VENV)/.ready pyproject.toml constraints.txt
	@echo "Installing what the checks and tests need:"
	$(PIP) install --quiet --upgrade pip
	$(PIP) install --group dev | $(NAMES)
	@touch $@

$(VENV)/.ready-bench: $(VENV)/.ready pyproject.toml constraints.txt
	@echo "Installing what the measurements need:"
	$(PIP) install --quiet --upgrade pip
	$(PIP) install --group bench | $(NAMES)
	@touch $@

$(VENV)/.ready-docs: $(VENV)/.ready pyproject.toml constraints.txt
	@echo "Installing what the site of the documents needs:"
	$(PIP) install --quiet --upgrade pip
	$(PIP) install --group docs | $(NAMES)
	@touch $@

# For the tests that install into an environment of their own: no network is needed after this.
$(VENV)/wheels/.ready: $(VENV)/.ready-dev
	@echo "Keeping the wheels that the tests of installing need:"
	$(PIP) wheel --wheel-dir $(VENV)/wheels . scikit-learn==1.9.1 | $(NAMES)
	rm -f $(VENV)/wheels/gitrain-*.whl
	@touch $@

clean:
	rm -rf $(VENV) .gitrain build dist
