#!/usr/bin/env bash
# Runs a command with a throw-away PostgreSQL server:
#
#   tests/with-postgres.sh cargo test --workspace
#
# The server listens on a free port of 127.0.0.1, keeps its data in a temporary folder, runs as an unprivileged user
# (`postgres` when this script runs as root) and is gone when the command ends, however it ends.
# The command finds it in BARYCENTER_TEST_POSTGRES_URL; the role may create databases.
set -euo pipefail

if [ $# -eq 0 ]; then
    echo "usage: $0 COMMAND [ARGUMENT…]" >&2
    exit 2
fi

binaries=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1 || true)
PATH="${binaries:+$binaries:}$PATH"
if ! command -v initdb >/dev/null || ! command -v pg_ctl >/dev/null; then
    echo "$0: PostgreSQL's server programs (initdb, pg_ctl) are not installed; on Debian: apt-get install postgresql" >&2
    exit 1
fi

as_server=()
if [ "$(id -u)" -eq 0 ]; then
    if ! id postgres >/dev/null 2>&1; then
        echo "$0: PostgreSQL does not run as root, and there is no user named postgres" >&2
        exit 1
    fi
    as_server=(runuser -u postgres --)
fi

folder=$(mktemp -d "${TMPDIR:-/tmp}/barycenter-postgres.XXXXXX")
child=
clean_up() {
    trap '' INT TERM HUP
    [ -z "$child" ] || kill -TERM -- "-$child" 2>/dev/null || true
    [ ! -f "$folder/data/postmaster.pid" ] || (cd "$folder" && "${as_server[@]}" pg_ctl stop -D "$folder/data" -m immediate -s) || true
    rm -rf "$folder"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
printf '%s' "$password" >"$folder/password"
[ ${#as_server[@]} -eq 0 ] || chown -R postgres "$folder"
cd_and_run() (cd "$folder" && exec "${as_server[@]}" "$@")

cd_and_run initdb -D "$folder/data" -U barycenter --pwfile="$folder/password" --auth=scram-sha-256 \
    --encoding=UTF8 --locale=C.UTF-8 --no-sync >"$folder/initdb.log" 2>&1 ||
    { cat "$folder/initdb.log" >&2; exit 1; }

# Below the ephemeral ports, so that no outgoing connection holds it; another try if somebody does.
port=
for _ in 1 2 3 4 5 6 7 8 9 10; do
    candidate=$((15000 + RANDOM % 5000))
    if cd_and_run pg_ctl start -w -s -D "$folder/data" -l "$folder/server.log" -o "-p $candidate -k $folder \
        -c listen_addresses=127.0.0.1 -c fsync=off -c full_page_writes=off -c synchronous_commit=off -c max_connections=300" >/dev/null 2>&1; then
        port=$candidate
        break
    fi
done
if [ -z "$port" ]; then
    echo "$0: PostgreSQL did not start; its log:" >&2
    tail -n 20 "$folder/server.log" >&2 || true
    exit 1
fi

export BARYCENTER_TEST_POSTGRES_URL="postgresql://barycenter:$password@127.0.0.1:$port/postgres"

# A process group of its own, so that everything the command started can be stopped with it.
set -m
"$@" <&0 &
child=$!
set +m
status=0
wait "$child" || status=$?
child=
exit "$status"
