#!/usr/bin/env bash
# `make test`: installs what is missing, runs every check and every test, and ends with the tallies.
# `make lint` (run.sh lint): the checks without the tests, and the dependency rules of deny.toml.
#
# A failing step does not stop the next one; the last line and the exit status speak of all of them.
set -uo pipefail
cd "$(dirname "$0")/.." || exit
export CARGO_TERM_COLOR="${CARGO_TERM_COLOR:-auto}"

log=$(mktemp "${TMPDIR:-/tmp}/barycenter-tests.XXXXXX")
child=
clean_up() {
    trap '' INT TERM HUP
    [ -z "$child" ] || { kill -TERM -- "-$child" 2>/dev/null && wait "$child"; }
    rm -f "$log"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

tallies=()
failures=()
total_passed=0
total_failed=0
tally() { # NAME PASSED FAILED [REMARK]
    tallies+=("$(printf '  %-52s %5d passed %5d failed%s' "$1" "$2" "$3" "${4:+   $4}")")
    total_passed=$((total_passed + $2))
    total_failed=$((total_failed + $3))
}

# Runs a command in a process group of its own, so that an interrupt ends all of it; keeps its output in $log.
run() {
    printf '\n==> %s\n' "$*"
    : >"$log"
    set -m
    { "$@" 2>&1 </dev/null | tee "$log"; } &
    child=$!
    set +m
    local status=0
    wait "$child" || status=$?
    child=
    return "$status"
}

check() { # NAME COMMAND…
    local name=$1
    shift
    if run "$@"; then tally "$name" 1 0; else tally "$name" 0 1; fi
}

# Reads cargo's report: one line for every test binary.
tally_tests() { # STATUS
    local name passed failed ignored reported=0
    while IFS=$'\t' read -r name passed failed ignored; do
        tally "$name" "$passed" "$failed" "$([ "$ignored" -eq 0 ] || echo "$ignored ignored")"
        reported=$((reported + failed))
    done < <(sed 's/\x1b\[[0-9;]*m//g' "$log" | awk '
        /^ *Running / {
            binary = $NF; gsub(/[()]/, "", binary); sub(/.*\//, "", binary); sub(/-[0-9a-f]+$/, "", binary)
            source = $2 == "unittests" ? $2 " " $3 : $2
            name = binary " " source
        }
        /^ *Doc-tests / { name = $2 " documentation" }
        /^test result: / {
            if ($4 + $6 + $8 > 0) printf "%s\t%d\t%d\t%d\n", name, $4, $6, $8
        }')
    mapfile -t failures < <(sed -n 's/\x1b\[[0-9;]*m//g; s/^test \(.*\) \.\.\. FAILED$/  failed: \1/p' "$log")
    # A build that failed, or a test binary that died, leaves no count.
    if [ "$1" -ne 0 ] && [ "$reported" -eq 0 ]; then tally "cargo test (see above)" 0 1; fi
}

# Reads the report of deploy/tests: a line `tally NAME PASSED FAILED REMARK` for every file of checks.
tally_deploy() { # STATUS
    local name passed failed remark reported=0
    while IFS=$'\t' read -r _ name passed failed remark; do
        tally "$name" "$passed" "$failed" "$remark"
        reported=$((reported + failed))
    done < <(grep -P '^tally\t' "$log")
    if [ "$1" -ne 0 ] && [ "$reported" -eq 0 ]; then tally "deploy (see above)" 0 1; fi
}

summary() {
    printf '\n'
    printf '%s\n' "${tallies[@]}" "${failures[@]}"
    printf '%d passed, %d failed\n' "$total_passed" "$total_failed"
    [ "$total_failed" -eq 0 ]
}

checks() {
    check "format (cargo fmt --all)" cargo fmt --all --check -- -l
    check "clippy" cargo clippy --workspace --all-targets --locked -- -D warnings
    check "documentation" env RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked
}

case "${1:-test}" in
lint)
    if ! cargo deny --version >/dev/null 2>&1; then
        echo "cargo-deny is not installed: cargo install --locked cargo-deny" >&2
        exit 1
    fi
    checks
    check "dependency rules" cargo deny check bans licenses sources
    ;;
test)
    check "provisioning" tests/provision.sh
    checks
    status=0
    run tests/with-postgres.sh cargo test --workspace --locked --no-fail-fast || status=$?
    tally_tests "$status"
    status=0
    run deploy/tests/run.sh || status=$?
    tally_deploy "$status"
    ;;
*)
    echo "usage: $0 [test|lint]" >&2
    exit 2
    ;;
esac
summary
