# Two commands that install what they need into .venv. They can be repeated, then also offline:
#   make reconcile   trains the example on this machine
#   make test        for every day: linters, types, unit tests, a sample of each promise
# make test-all runs all of that and everything else, as CI does.
SHELL       := bash
.SHELLFLAGS := -eu -o pipefail -c
PYTHON ?= python3.11
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --no-input
# pip prints a hundred lines, or nothing for minutes: print only the packages, as it gets to them.
NAMES  := sed -un 's/^Collecting \([^ ]*\).*/  \1/p'
export PIP_CONSTRAINT := $(CURDIR)/constraints.txt

.PHONY: reconcile test test-all lint schemas clean azure-demo kill-matrix fault-matrix bench chaos hostile fuzz mutation docs reference transcript

reconcile: $(VENV)/.ready
	$(BIN)/gitrain reconcile --wait
	@echo "Next: $(BIN)/gitrain status, or metrics, logs or outputs JOB. Documentation: README.md"

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

# Speed, compared with check-jsonschema and with Terraform if installed, as Markdown tables.
# BENCH=--quick for a first look.
bench: $(VENV)/.ready-bench
	$(BIN)/python -m tests.bench $(BENCH)

# Random edits, accidents and crashes for CHAOS_SECONDS (240), in three worlds at once.
chaos: $(VENV)/.ready-dev
	$(BIN)/python -m tests.promises.chaos

# 5,000 generated documents and the whole corpus, through every format of every command.
hostile: $(VENV)/.ready-dev
	$(BIN)/python -m tests.promises.hostile

# Coverage-guided fuzzing for FUZZ_SECONDS (300); exits 1 on a crash and keeps the input.
fuzz: $(VENV)/.ready-dev
	$(PIP) install --quiet --group fuzz
	$(BIN)/python -m tests.promises.hostile.fuzz

# Puts faults into the pure core and lists those that no test notices; ten minutes on two cores.
mutation: $(VENV)/.ready-dev
	$(PIP) install --quiet --group mutation
	$(BIN)/python -m tests.mutation

# The documentation as a site in build/site, which works offline. Fails on warnings, broken links,
# and anything that a page would load from elsewhere.
docs: $(VENV)/.ready-docs
	rm -rf build/site
	$(BIN)/python -m sphinx --quiet --fail-on-warning --keep-going --nitpicky docs build/site
	$(BIN)/python -m tests.promises.documents.site build/site

# The pages of docs/reference that are generated from the code.
reference: $(VENV)/.ready-dev
	$(BIN)/python -m tests.promises.documents.reference

# The output of commands in the README and the tutorial; runs them.
transcript: $(VENV)/.ready-dev
	$(BIN)/python -m tests.promises.documents.transcript
	$(BIN)/python -m tests.promises.documents.tutorial

schemas: $(VENV)/.ready
	$(BIN)/gitrain schema --write schemas

$(VENV)/.ready: pyproject.toml constraints.txt
	@echo "Installing gitrain and the trainer's packages into $(VENV) (PyTorch takes minutes, but only once):"
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
	@echo "Installing what the documentation site needs:"
	$(PIP) install --quiet --upgrade pip
	$(PIP) install --group docs | $(NAMES)
	@touch $@

# For tests that install into environments of their own; after this they need no network.
$(VENV)/wheels/.ready: $(VENV)/.ready-dev
	@echo "Building the wheels for the installation tests:"
	$(PIP) wheel --wheel-dir $(VENV)/wheels . scikit-learn==1.9.1 | $(NAMES)
	rm -f $(VENV)/wheels/gitrain-*.whl
	@touch $@

clean:
	rm -rf $(VENV) .gitrain build dist
