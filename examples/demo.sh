#!/usr/bin/env bash
# `make demo`: starts Barycenter on SQLite in ./data with the two users of users.json, and says where to log in.
# Usage: examples/demo.sh [PORT]; the admin API listens on the port after it. Ctrl-C stops it; ./data stays.
set -euo pipefail
cd "$(dirname "$0")/.."

port=${1:-8080}
case "$port" in
'' | *[!0-9]*) echo "demo: PORT must be a number: make demo PORT=9000" >&2; exit 2 ;;
esac
if [ "$port" -lt 1 ] || [ "$port" -gt 65534 ]; then
    echo "demo: PORT must lie between 1 and 65534: make demo PORT=9000" >&2
    exit 2
fi
admin_port=$((port + 1))
for taken in "$port" "$admin_port"; do
    if (exec 3<>"/dev/tcp/127.0.0.1/$taken") 2>/dev/null; then
        echo "demo: port $taken is already in use; choose another: make demo PORT=9000" >&2
        exit 1
    fi
done

echo "Building (a first build takes some minutes) …"
cargo build --workspace --locked

mkdir -p data
umask 077
cat >data/demo.toml <<TOML
# Written by \`make demo\`. Everything that is not here has its default: SQLite and keys in ./data.
[server]
host = "127.0.0.1"
port = $port
admin_port = $admin_port
public_base_url = "http://localhost:$port"
TOML

# The demonstration is configured by that file alone.
for name in $(compgen -e | grep -E '^(BARYCENTER_|BARYCTL_)' || true); do unset "$name"; done

daemon=
stop() {
    trap '' INT TERM HUP
    if [ -n "$daemon" ] && kill -TERM "$daemon" 2>/dev/null; then
        wait "$daemon" || true
        echo "Stopped. The data stays in ./data; \`make demo\` goes on with it."
    fi
}
trap stop EXIT
trap 'echo; exit 0' INT TERM HUP

target/debug/barycenterd --config data/demo.toml >data/demo.log 2>&1 &
daemon=$!
for _ in $(seq 300); do
    kill -0 "$daemon" 2>/dev/null || break
    if { exec 3<>"/dev/tcp/127.0.0.1/$admin_port"; } 2>/dev/null; then
        printf 'GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' >&3
        read -r _ answer _ <&3 || answer=
        exec 3>&-
        [ "$answer" != 200 ] || { ready=yes; break; }
    fi
    sleep 0.1
done
if [ -z "${ready:-}" ]; then
    echo "demo: barycenterd did not become ready; the end of data/demo.log:" >&2
    tail -n 15 data/demo.log >&2
    exit 1
fi

baryctl="target/debug/baryctl --server http://127.0.0.1:$admin_port --token-file data/admin.token"
$baryctl users sync -f examples/users.json

cat <<TEXT

Barycenter is ready.

  Log in      http://localhost:$port/
  User        alice
  Password    correct horse battery staple

  Next, in another terminal, from this folder:

    $baryctl users list

  The log is data/demo.log. Ctrl-C stops the server.
TEXT
wait "$daemon" && status=0 || status=$?
daemon=
echo "demo: barycenterd ended on its own with status $status; the end of data/demo.log:" >&2
tail -n 15 data/demo.log >&2
exit 1
