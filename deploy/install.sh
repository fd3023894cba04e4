#!/usr/bin/env bash
# `make install`: puts the built programs, manual pages, completions and the systemd unit where they belong.
# PREFIX (/usr/local), SYSCONFDIR (/etc), DESTDIR (empty) and PROGRAMS (target/release) may be set.
set -euo pipefail
cd "$(dirname "$0")/.."

prefix=${PREFIX:-/usr/local}
etc=${SYSCONFDIR:-/etc}
programs=${PROGRAMS:-target/release}
to=${DESTDIR:-}
# Where systemd looks for units of a prefix: /usr/lib and /usr/local/lib
lib=$prefix/lib

for program in barycenterd baryctl; do
    if [ ! -x "$programs/$program" ]; then
        echo "$0: $programs/$program is not built; run: cargo build --release --workspace --bins" >&2
        exit 1
    fi
done

install -d "$to$prefix/bin" "$to$prefix/share/man/man1" "$to$lib/systemd/system" "$to$lib/sysusers.d"
install -m 0755 "$programs/barycenterd" "$programs/baryctl" "$to$prefix/bin/"
ln -sf barycenterd "$to$prefix/bin/barycenter"
install -m 0644 man/*.1 "$to$prefix/share/man/man1/"
for program in barycenterd baryctl; do
    install -D -m 0644 "completions/$program.bash" "$to$prefix/share/bash-completion/completions/$program"
    install -D -m 0644 "completions/_$program" "$to$prefix/share/zsh/site-functions/_$program"
    install -D -m 0644 "completions/$program.fish" "$to$prefix/share/fish/vendor_completions.d/$program.fish"
done
sed -e "s|@BINDIR@|$prefix/bin|g" -e "s|@SYSCONFDIR@|$etc|g" deploy/systemd/barycenterd.service >"$to$lib/systemd/system/barycenterd.service"
chmod 0644 "$to$lib/systemd/system/barycenterd.service"
install -m 0644 deploy/systemd/barycenter.sysusers "$to$lib/sysusers.d/barycenter.conf"
install -D -m 0644 deploy/systemd/credentials.conf "$to$prefix/share/doc/barycenter/credentials.conf"
# What the operator wrote stays.
if [ ! -e "$to$etc/barycenter/config.toml" ]; then
    install -D -m 0644 deploy/systemd/config.toml "$to$etc/barycenter/config.toml"
fi
if [ -z "$to" ]; then
    echo "installed; next: systemd-sysusers && systemctl daemon-reload && systemctl enable --now barycenterd"
fi
