#!/usr/bin/env bash
# Makes sure that what the tests need is on this machine: PostgreSQL's server programs, Chromium, Node.js with npm,
# promtool, a C compiler, the CA bundle, buildah, podman with runc, HAProxy, Python's venv, Apache with mod_auth_openidc
# and oidc-agent from Debian's packages, the Node packages that package-lock.json pins, the Python packages that
# requirements.txt pins, and the tools that deploy/tests/setup.sh pins.
# Installs what is missing when it may (as root, or through sudo without a password); otherwise names it and fails.
set -euo pipefail
cd "$(dirname "$0")"

missing=()
compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || command -v initdb >/dev/null || missing+=(postgresql)
command -v chromium >/dev/null || missing+=(chromium)
command -v node >/dev/null || missing+=(nodejs)
command -v npm >/dev/null || missing+=(npm)
command -v promtool >/dev/null || missing+=(prometheus)
command -v cc >/dev/null || missing+=(gcc libc6-dev)
command -v buildah >/dev/null || missing+=(buildah)
command -v podman >/dev/null || missing+=(podman)
command -v runc >/dev/null || missing+=(runc)
command -v slirp4netns >/dev/null || missing+=(slirp4netns)
command -v haproxy >/dev/null || missing+=(haproxy)
command -v strip >/dev/null || missing+=(binutils)
[ -x /usr/sbin/apache2 ] || missing+=(apache2-bin)
[ -e /usr/lib/apache2/modules/mod_auth_openidc.so ] || missing+=(libapache2-mod-auth-openidc)
command -v oidc-gen >/dev/null || missing+=(oidc-agent-cli)
python3 -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3-venv)
[ -s /etc/ssl/certs/ca-certificates.crt ] || missing+=(ca-certificates)

if [ ${#missing[@]} -gt 0 ]; then
    as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        as_root=(sudo -n)
        if ! command -v sudo >/dev/null || ! sudo -n true 2>/dev/null; then
            echo "$0: the tests need these packages, and this user may not install them: ${missing[*]}" >&2
            echo "  hint: sudo apt-get install ${missing[*]}" >&2
            exit 1
        fi
    fi
    if ! command -v apt-get >/dev/null; then
        echo "$0: the tests need these packages (Debian's names), and there is no apt-get here: ${missing[*]}" >&2
        exit 1
    fi
    echo "installing ${missing[*]}"
    # The tests start a server of their own: PostgreSQL's package need not set up and start one.
    quiet_postgresql=/etc/postgresql-common/createcluster.d/barycenter-tests.conf
    "${as_root[@]}" mkdir -p "$(dirname "$quiet_postgresql")"
    echo 'create_main_cluster = false' | "${as_root[@]}" tee "$quiet_postgresql" >/dev/null
    quiet=("$quiet_postgresql")
    # Nor Prometheus: its package is here for promtool, and services of packages need not start.
    policy=/usr/sbin/policy-rc.d
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
        "${as_root[@]}" chmod 755 "$policy"
        quiet+=("$policy")
    fi
    trap '"${as_root[@]}" rm -f "${quiet[@]}"' EXIT
    install=(env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}")
    "${as_root[@]}" apt-get update -q
    "${as_root[@]}" "${install[@]}" </dev/null
fi

for tool in fmt clippy; do
    if ! cargo "$tool" --version >/dev/null 2>&1; then
        echo "$0: the Rust toolchain has no cargo $tool" >&2
        echo "  hint: rustup component add rustfmt clippy" >&2
        exit 1
    fi
done

# Nothing to do when the installed packages are the pinned ones.
if ! cmp -s relying-party/package-lock.json relying-party/node_modules/.barycenter-lock; then
    (cd relying-party && npm ci --no-audit --no-fund --loglevel=error)
    cp relying-party/package-lock.json relying-party/node_modules/.barycenter-lock
fi

venv=../target/relying-party
if ! cmp -s relying-party/requirements.txt "$venv/.requirements"; then
    rm -rf "$venv"
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check --no-deps -r relying-party/requirements.txt
    cp relying-party/requirements.txt "$venv/.requirements"
fi

../deploy/tests/setup.sh
