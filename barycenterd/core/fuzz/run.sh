#!/usr/bin/env bash
# `make fuzz`: every target of fuzz_targets/, or those that are named, for FUZZ_SECONDS each (60).
#
# Needs cargo-fuzz and a C++ compiler. The stable toolchain does: no sanitizer is used, because our crates forbid unsafe
# code; what is looked for are panics, hangs and broken promises. It begins with seeds/; what is found stays
# in artifacts/, the inputs that reached something new in corpus/.
set -uo pipefail
cd "$(dirname "$0")" || exit
seconds=${FUZZ_SECONDS:-60}

if ! cargo fuzz --version >/dev/null 2>&1; then
    echo "cargo-fuzz is not installed: cargo install --locked cargo-fuzz" >&2
    exit 1
fi
if ! command -v c++ >/dev/null; then
    echo "libFuzzer needs a C++ compiler; on Debian: apt-get install g++" >&2
    exit 1
fi

if [ $# -gt 0 ]; then
    targets=("$@")
else
    mapfile -t targets < <(cd fuzz_targets && printf '%s\n' *.rs | sed 's/\.rs$//')
fi

# The versions that everything else is tested with.
cp ../../../Cargo.lock Cargo.lock
(cd .. && RUSTC_BOOTSTRAP=1 cargo fuzz build --sanitizer none) || exit
programs=target/$(rustc -vV | sed -n 's/^host: //p')/release

failed=()
for target in "${targets[@]}"; do
    printf '\n==> %s for %s seconds\n' "$target" "$seconds"
    mkdir -p "corpus/$target" "artifacts/$target"
    "$programs/$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=16384 -print_final_stats=1 \
        -verbosity=0 -artifact_prefix="artifacts/$target/" "corpus/$target" "seeds/$target" || failed+=("$target")
done

printf '\n%d passed, %d failed\n' $((${#targets[@]} - ${#failed[@]})) ${#failed[@]}
[ ${#failed[@]} -eq 0 ] || { printf '  failed: %s\n' "${failed[@]}"; exit 1; }
