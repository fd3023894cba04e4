# Everything a developer types. `make help` lists it.

PORT ?= 8080

.PHONY: help demo test lint bench rotation fuzz install image bless

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## build, start on SQLite with two example users, and say where to log in (PORT=8080)
	@examples/demo.sh $(PORT)

test: ## everything that must hold: format, clippy, docs, unit, database, browser tests
	@tests/run.sh

lint: ## format, clippy, docs and dependency rules; needs cargo-deny
	@tests/run.sh lint

bench: ## what the core, tokens, and diff and sync up to a million users cost, as ratios (BENCH_USERS=1000000)
	cargo bench --workspace --bench core
	cargo build --release --workspace --bins
	tests/with-postgres.sh cargo bench --workspace --bench tokens
	tests/with-postgres.sh cargo bench --workspace --bench scale

install: ## programs, manual pages, completions and the systemd unit (PREFIX=/usr/local DESTDIR=); after `cargo build --release`
	@PREFIX="$(PREFIX)" DESTDIR="$(DESTDIR)" SYSCONFDIR="$(SYSCONFDIR)" PROGRAMS="$(PROGRAMS)" deploy/install.sh

image: ## the container image, of a release build (IMAGE=barycenter:VERSION)
	cargo build --release --locked --workspace --bins
	deploy/container/build.sh target/release $(IMAGE)

rotation: ## ten key rotations under load, on three daemons: not one token that a relying party refuses
	cargo build --workspace --bins
	tests/with-postgres.sh cargo test --workspace --bench rotation

fuzz: ## every fuzz target for a minute each; needs cargo-fuzz (FUZZ_SECONDS=60)
	@FUZZ_SECONDS="$(FUZZ_SECONDS)" barycenterd/core/fuzz/run.sh

bless: ## rewrite the generated files in schema/, completions/ and man/
	@BLESS=1 tests/with-postgres.sh cargo test --workspace
	@deploy/generate.py
