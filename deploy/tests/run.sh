#!/usr/bin/env bash
# The checks of deploy/ and docs/, on the programs in target/debug (BARYCENTER_PROGRAMS: others): run.sh [NAME…], where
# NAME is one of test_NAME.py. `make test` runs all of them.
set -euo pipefail
cd "$(dirname "$0")/../.."

deploy/tests/setup.sh
exec target/deploy-tools/venv/bin/python -B deploy/tests "$@"
