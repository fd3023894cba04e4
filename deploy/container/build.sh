#!/usr/bin/env bash
# Builds the image from programs that are built already, without any network: build.sh [FOLDER-OF-PROGRAMS] [TAG].
# Uses buildah, podman or docker, the first that there is. An image of the release build may have 40 MB.
set -euo pipefail
cd "$(dirname "$0")/../.."

programs=${1:-target/release}
tag=${2:-barycenter:$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)}
most=$((40 * 1000 * 1000))
context=target/image
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
revision=$(git rev-parse HEAD 2>/dev/null || echo unknown)

deploy/container/rootfs.sh "$programs" "$context"
size=$(du -sb --apparent-size "$context/root" | cut -f1)
if [ "$programs" = target/release ] && [ "$size" -gt "$most" ]; then
    echo "$0: the image would have $size bytes; $most is the most" >&2
    exit 1
fi
# HEALTHCHECK exists in the docker format only.
arguments=(--file deploy/container/Containerfile --target prebuilt --tag "$tag"
    --build-arg "VERSION=$version" --build-arg "REVISION=$revision")
if command -v buildah >/dev/null; then
    buildah build --format docker --quiet "${arguments[@]}" "$context"
elif command -v podman >/dev/null; then
    podman build --format docker --quiet "${arguments[@]}" "$context"
elif command -v docker >/dev/null; then
    docker build --quiet "${arguments[@]}" "$context"
else
    echo "$0: neither buildah, podman nor docker is installed; on Debian: apt-get install buildah" >&2
    exit 1
fi
echo "$tag: $size bytes"
