#!/usr/bin/env bash
# Assembles the file system of the image from built programs: rootfs.sh PROGRAMS OUT makes OUT/root and OUT/data.
# The C library comes from this machine, so it must be at least as new as the one that the programs were built with.
set -euo pipefail
cd "$(dirname "$0")"

if [ $# -ne 2 ]; then
    echo "usage: $0 FOLDER-OF-PROGRAMS OUT" >&2
    exit 2
fi
programs=$(cd "$OLDPWD" && realpath "$1")
out=$(cd "$OLDPWD" && realpath -m "$2")
root=$out/root

if [ ! -x "$programs/barycenter" ]; then
    echo "$0: $programs/barycenter is not built; run: cargo build --release --workspace --bins" >&2
    exit 1
fi
certificates=/etc/ssl/certs/ca-certificates.crt
if [ ! -s "$certificates" ]; then
    echo "$0: $certificates is missing; on Debian: apt-get install ca-certificates" >&2
    exit 1
fi

rm -rf "$root" "$out/data"
mkdir -p "$root"/{app,etc/barycenter,etc/ssl/certs,usr/local/bin} "$out/data"
mkdir -m 1777 "$root/tmp"
install -m 0755 "$programs/barycenter" "$root/usr/local/bin/"
# Debugging information stays at home.
if command -v strip >/dev/null; then strip --strip-all "$root/usr/local/bin/barycenter"; fi
for name in barycenterd baryctl; do ln -s barycenter "$root/usr/local/bin/$name"; done

# The libraries that the program names, under the names that they are looked for.
ldd "$programs/barycenter" | awk '$2 == "=>" { print $3 } $1 ~ /^\// && $1 !~ /:$/ { print $1 }' | sort -u |
    while read -r library; do
        mkdir -p "$root$(dirname "$library")"
        cp -L "$library" "$root$library"
    done

install -m 0644 config.toml "$root/etc/barycenter/config.toml"
install -m 0644 "$certificates" "$root$certificates"
printf 'hosts: files dns\n' >"$root/etc/nsswitch.conf"
printf 'root:x:0:0:root:/:/sbin/nologin\nbarycenter:x:1000:1000:Barycenter:/data:/sbin/nologin\n' >"$root/etc/passwd"
printf 'root:x:0:\nbarycenter:x:1000:\n' >"$root/etc/group"
chmod 0700 "$out/data"
