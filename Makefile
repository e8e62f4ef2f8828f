# Everything a developer or a new user needs; each target sets up what it uses.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
# A virtual environment of its own, with the lowest versions.
LOWEST := $(VENV)/lowest/bin
# Python with the packages of tests/support, for the checks that run outside pytest.
TOOL = PYTHONPATH=tests/support$${PYTHONPATH:+:$$PYTHONPATH} $(BIN)/python -m

# A link that leads nowhere is an error.
SITE = $(BIN)/python -m sphinx --quiet --fail-on-warning --keep-going -b html -d $(VENV)/doctrees docs site

.DEFAULT_GOAL := help
.PHONY: help demo accidents test test-all test-fleet coverage lowest check fmt bench nightly simulate simulate-fleet fleet-faults kill kill-writing disturbances page-pictures nights stories fuzz site lock help-pages wheel clean

help:  ## show these targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 12

demo: $(VENV)/.installed  ## import the sample data into a local sandbox, at the real pace
	$(BIN)/vorel-import demo --output demo-output

# Four workers for two cores: tests that start processes or keep the real pace mostly wait.
test: $(VENV)/.dev  ## run the tests that are not slow in WORKERS processes (4)
	$(BIN)/python -m pytest -n $(or $(WORKERS),4) --dist worksteal -m 'not slow'

test-all: $(VENV)/.dev  ## run the whole suite: also browsers, databases, killed processes, long stories
	$(BIN)/python -m pytest -n $(or $(WORKERS),4) --dist worksteal

test-fleet: $(VENV)/.dev  ## run the tests of the fleet with a PostgreSQL of their own
	$(BIN)/python -m pytest -n $(or $(WORKERS),2) tests/fleet

coverage: $(VENV)/.dev  ## run the whole suite with its coverage floor, as CI does
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -n $(or $(WORKERS),3) --dist worksteal
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

lowest: $(VENV)/.lowest  ## run the suite with the lowest versions that pyproject.toml allows
	$(LOWEST)/python -m pytest -n $(or $(WORKERS),3) --dist worksteal

check: $(VENV)/.dev  ## format, lint, types, layers, and the links of the documents
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(SITE)

fmt: $(VENV)/.dev  ## format the code and mend what the linter can
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

bench: $(VENV)/.bench  ## compare speed with what people would use instead
	$(BIN)/python -m benchmarks

nightly:  ## all that must hold before a release: the suite at full size, simulate, kills, nights, stories, fuzz
	HYPOTHESIS_PROFILE=nightly PYTEST_ADDOPTS='--timeout 1800' $(MAKE) coverage
	$(MAKE) simulate simulate-fleet fleet-faults kill kill-writing accidents nights stories fuzz

simulate: $(VENV)/.dev  ## simulate SEEDS imports (2000) from START (0): crashes, losses, outages
	$(TOOL) commands.simulate --seeds $(or $(SEEDS),2000) --start $(or $(START),0)

simulate-fleet: $(VENV)/.dev  ## simulate owners of one key with SEEDS (2000) from START (0)
	$(TOOL) commands.simulate_fleet --seeds $(or $(SEEDS),2000) --start $(or $(START),0)

fleet-faults: $(VENV)/.dev  ## kill, stop and cut off workers of a fleet FAULTS times (60), audit the CRM
	$(TOOL) commands.fleet_faults --faults $(or $(FAULTS),60) --tenants $(or $(TENANTS),12) --gap $(or $(GAP),7)

kill: $(VENV)/.dev  ## kill real imports KILLS times (1000) at random moments and audit the CRM
	$(TOOL) commands.kill --kills $(or $(KILLS),1000)

kill-writing: $(VENV)/.dev  ## kill commands KILLS times (1000) while they write exports, index, results
	$(TOOL) commands.kill --writing --rows 400 --kills-per-list 50 --kills $(or $(KILLS),1000)

disturbances: $(VENV)/.dev  ## disturb imports on the page, take pictures of it into TO (a folder), audit the CRM
	$(TOOL) commands.disturbances $(if $(TO),--to $(TO)) && $(TOOL) commands.disturbances --language ar $(if $(TO),--to $(TO))

page-pictures: $(VENV)/.dev  ## take the pictures in docs/page.md again
	$(TOOL) commands.page_pictures

accidents: $(VENV)/.dev  ## play each accident of a nightly import in one night, with its message
	$(TOOL) commands.accidents

nights: $(VENV)/.dev  ## import a list of 10,000 rows on 365 nights with 97 accidents
	$(TOOL) commands.nights

stories: $(VENV)/.dev  ## play STORIES (500) from START (0) in JOBS processes (2): what people do to lists over weeks
	$(TOOL) commands.stories --stories $(or $(STORIES),500) --start $(or $(START),0) --jobs $(or $(JOBS),2) $(if $(KIND),--kind '$(KIND)')

fuzz: $(VENV)/.dev  ## mutate the corpus for MINUTES (5) and check what must hold for any bytes
	$(TOOL) commands.fuzz --minutes $(or $(MINUTES),5)

site: $(VENV)/.dev  ## build the documents as a site into site/, and check their links
	$(SITE)

lock: $(VENV)/.dev  ## write uv.lock, the versions with which CI runs other systems
	$(BIN)/pip install --quiet uv==0.13.9
	$(BIN)/uv lock

help-pages: $(VENV)/.dev  ## write docs/commands.md, man/ and the schema of --json from the commands
	$(TOOL) commands.help_pages
	$(TOOL) commands.json_schema

wheel: $(VENV)/.dev  ## build the wheel into dist/
	$(BIN)/pip wheel --quiet --no-deps --wheel-dir dist .

clean:  ## remove what these targets made
	rm -rf $(VENV) dist site demo-output .coverage* .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(VENV)/bin/pip:
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed, this is " + sys.version)'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: $(VENV)/bin/pip pyproject.toml
	$(BIN)/pip install --quiet --editable .
	@touch $@

$(VENV)/.lowest: $(VENV)/bin/pip pyproject.toml
	$(BIN)/python -m venv $(VENV)/lowest
	$(BIN)/python tools/lowest_versions.py > $(VENV)/lowest.txt
	$(LOWEST)/pip install --quiet --requirement $(VENV)/lowest.txt
	$(LOWEST)/pip install --quiet --no-deps --editable .
	@touch $@

$(VENV)/.bench: $(VENV)/.dev
	$(BIN)/python tools/group.py dev bench > $(VENV)/bench.txt
	$(BIN)/pip install --quiet --requirement $(VENV)/bench.txt --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/bin/pip pyproject.toml
	$(BIN)/python tools/group.py dev > $(VENV)/dev.txt
	$(BIN)/pip install --quiet --requirement $(VENV)/dev.txt --editable .
	@touch $@ $(VENV)/.installed
