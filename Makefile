# One command per purpose; `make` alone lists them. Each sets up what it needs by itself.
PYTHON ?= python3
PY := .venv/bin/python
# A clone installs the exact versions of the lock; the students' archive has no lock and installs ranges.
LOCK := $(wildcard requirements.lock)
INSTALLED := .venv/installed
# Chapter 3 quotes torch's source, so its version moves on purpose only.
TORCH := 2.13.0
# One notebook, one worker: two cores are shared, not fought over.
export OMP_NUM_THREADS ?= 1
export JUPYTER_PLATFORM_DIRS := 1

.DEFAULT_GOAL := help
.PHONY: help lab

help:  ## show this list
	@echo 'make VERB, where VERB is one of'
	@$(if $(wildcard solutions),cat,sed '/^ifneq/q') Makefile | grep -E '^[a-z-]+:.*## ' | sed -E 's/:.*## /\t/' | while IFS="$$(printf '\t')" read -r verb says; do printf '  %-13s %s\n' "$$verb" "$$says"; done

$(INSTALLED): pyproject.toml $(LOCK)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo 'Python 3.11 or newer is needed: make PYTHON=python3.12 ...' >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(if $(LOCK),$(PY) -m pip install --quiet -r $(LOCK))
	$(PY) -m pip install --quiet $(if $(LOCK),--no-deps) -e .
	@touch $@

lab: $(INSTALLED)  ## open JupyterLab on the chapters
	.venv/bin/jupyter lab --ServerApp.root_dir='$(CURDIR)' --LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb $(LAB_FLAGS)

# What follows is for instructors and contributors: the students' archive has no solutions, and so ends here.
ifneq ($(wildcard solutions),)
.PHONY: test check grade notebooks assignments bundle bench lint lock system-packages

test: $(INSTALLED)  ## run the whole test suite, notebooks included
	$(PY) -m pytest --numprocesses=2 --dist=loadscope --no-loadscope-reorder --doctest-modules --nbval --nbval-cell-timeout=120 $(TEST_FLAGS)

check: $(INSTALLED)  ## test the assignments' tests, every mutant included: some minutes
	@for name in $(notdir $(wildcard solutions/[0-9]*)); do $(PY) -m grader check $$name || failed=1; done; exit $${failed:-0}

grade: $(INSTALLED)  ## grade a sample class, or a real one: ASSIGNMENT=... SUBMITTED=...
	$(PY) -m grader $(if $(ASSIGNMENT),grade $(ASSIGNMENT) --submitted '$(SUBMITTED)',sample) $(GRADE_FLAGS)

notebooks: $(INSTALLED)  ## execute the chapters in a clean kernel and store their outputs
	$(PY) -m tests.stored_outputs

assignments: $(INSTALLED)  ## regenerate assignments/ from solutions/
	$(PY) -m grader.release assignments

bundle: $(INSTALLED)  ## write the students' archive
	$(PY) -m grader.release bundle

bench: $(INSTALLED)  ## run the benchmarks: a table here, JSON lines in build/bench.jsonl
	$(PY) -m tests.bench

lint: $(INSTALLED)  ## check format, style and notebook hygiene
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	$(PY) -m tests.notebook_rules

SUDO := $(if $(filter-out 0,$(shell id -u)),sudo)
APT := { $(SUDO) apt-get update --quiet && $(SUDO) apt-get install --quiet --yes
system-packages:  ## install what grading needs, bubblewrap, and what tests need: Chromium, PostgreSQL, JupyterHub's proxy
	command -v bwrap && command -v chromium || $(APT) bubblewrap chromium; }
	ls /usr/lib/postgresql/*/bin/initdb || $(APT) postgresql; }
	command -v npm || $(APT) npm; }
	command -v configurable-http-proxy || $(SUDO) npm install --global --silent configurable-http-proxy

lock: pyproject.toml  ## pin what pyproject.toml allows today, in requirements.lock
	$(PYTHON) -m venv --clear build/lock
	build/lock/bin/python -m pip install --quiet 'torch==$(TORCH)' '.[dev,postgresql,cluster]'
	build/lock/bin/python -m pip freeze --exclude least-squares-to-adam | sed -E 's/^(torch==[0-9.]+)\+.*/\1/' > requirements.lock

endif
