#!/usr/bin/env bash
# Measures whether Barycenter holds what the deployment guide's limits ask, in a container with exactly these limits:
#
#   limits.sh [FOLDER-OF-PROGRAMS] [LOGINS] [MINUTES]     default: target/release (a release build), 10000, 0
#
#   the init container syncs the guide's users within 128 MiB and 0.2 processors     in under 5 s
#   the server is idle within 512 MiB and 0.5 processors                             at most 25 MiB resident
#   the same after LOGINS sign-ins                                                   at most 120 MiB resident
#   the same after MINUTES more of sign-ins without a pause, if there are any        at most 4 MiB more than before
#
# Prints a line for each and ends with 1 if one is not held. Needs buildah, podman and Python, and the right to run
# containers; takes about LOGINS / 25 seconds, because a sign-in costs an Argon2 hash and half a processor makes 30 a second.
set -euo pipefail
cd "$(dirname "$0")/.."

programs=${1:-target/release}
logins=${2:-10000}
minutes=${3:-0}
image=localhost/barycenter:limits
folder=$(mktemp -d "${TMPDIR:-/tmp}/barycenter-limits.XXXXXX")
server=
clean_up() {
    [ -z "$server" ] || podman rm --force --time 5 "$server" >/dev/null 2>&1 || true
    rm -rf "$folder"
}
trap clean_up EXIT

# Without CAP_SYS_RESOURCE nobody may raise limits; podman's own defaults would.
printf '[containers]\ndefault_ulimits = ["nofile=1024:4096", "nproc=1024:4096"]\n[engine]\nruntime = "runc"\n' >"$folder/containers.conf"
export CONTAINERS_CONF=$folder/containers.conf

failed=0
held() { # WHAT MEASURED UNIT MOST
    if awk "BEGIN { exit !($2 <= $4) }"; then verdict=ok; else verdict=FAILED failed=1; fi
    printf '%-8s%-58s%10s %-4s (at most %s)\n' "$verdict" "$1" "$2" "$3" "$4"
}

deploy/container/build.sh "$programs" "$image"
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
mkdir "$folder/app" "$folder/secrets" "$folder/data"
sed "s|https://auth.example.com|http://localhost:$port|" tests/guide/config.toml >"$folder/app/config.toml"
cp tests/guide/users.json "$folder/secrets/"
chmod -R go+rX "$folder"
chown 1000:1000 "$folder/data"
common=(--no-healthcheck --read-only --read-only-tmpfs=false --cap-drop=ALL --security-opt no-new-privileges --tmpfs /tmp
    --network slirp4netns --volume "$folder/app:/app:ro" --volume "$folder/secrets:/secrets:ro" --volume "$folder/data:/data")

podman create --name "barycenter-limits-sync-$$" --memory 128m --cpus 0.2 "${common[@]}" "$image" \
    barycenter sync-users --file /secrets/users.json >/dev/null
# From start to end as the container's own clock has it: starting a container is the machine's business.
podman start --attach "barycenter-limits-sync-$$" 2>&1 | tail -n 1 || true
took=$(podman inspect "barycenter-limits-sync-$$" --format '{{.State.StartedAt.UnixMilli}} {{.State.FinishedAt.UnixMilli}} {{.State.ExitCode}} {{.State.OOMKilled}}')
podman rm "barycenter-limits-sync-$$" >/dev/null
read -r started finished code killed <<<"$took"
if [ "$code" != 0 ] || [ "$killed" != false ]; then
    echo "FAILED  the sync ended with $code (out of memory: $killed)"
    exit 1
fi
held "first sync of the guide's users in 128 MiB, 0.2 processors" "$(awk "BEGIN { print ($finished - $started) / 1000 }")" s 5

server=$(podman run --detach --memory 512m --cpus 0.5 "${common[@]}" --publish "127.0.0.1:$port:8080" "$image")
process=$(podman inspect "$server" --format '{{.State.Pid}}')
resident() { awk '/^VmRSS:/ { printf "%.1f", $2 / 1024 }' "/proc/$process/status"; }
python3 deploy/tests/logins.py "http://localhost:$port" admin CHANGE-ME-IN-PRODUCTION 0
sleep 10
held "the server, idle" "$(resident)" MiB 25
python3 deploy/tests/logins.py "http://localhost:$port" admin CHANGE-ME-IN-PRODUCTION "$logins"
sleep 10
held "the server, after $logins sign-ins" "$(resident)" MiB 120
if [ "$minutes" -gt 0 ]; then
    before=$(resident) until=$((SECONDS + minutes * 60))
    while [ $SECONDS -lt $until ]; do
        python3 deploy/tests/logins.py "http://localhost:$port" admin CHANGE-ME-IN-PRODUCTION 1000
        printf '        %s MiB resident\n' "$(resident)"
    done
    sleep 10
    held "growth in $minutes minutes of sign-ins" "$(awk "BEGIN { print $(resident) - $before }")" MiB 4
fi
for name in /sys/fs/cgroup/memory/libpod_parent/libpod-"$server"/memory.max_usage_in_bytes /sys/fs/cgroup/machine.slice/libpod-"$server".scope/memory.peak; do
    [ ! -r "$name" ] || awk '{ printf "        at most, page cache included: %.1f MiB\n", $1 / 1048576 }' "$name"
done
exit $failed
