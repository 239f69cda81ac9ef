#!/usr/bin/env bash
# What `./test --debian13` does: makes a bare Debian 13 in a directory, installs into it by ./run, goes through the
# README's first minute there, and runs the tests of what that release has other versions of. Arguments go to pytest,
# in place of those folders. Takes root; leaves nothing behind but a cache (docs/testing.md).
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=scripts/install.bash
source "$here/scripts/install.bash"
# shellcheck source=scripts/bare_root.bash
source "$here/scripts/bare_root.bash"

bare=$cache/debian13
cannot=3

if [ "$(id -u)" -ne 0 ]; then
    say "--debian13 makes a directory the root of processes, which takes root: sudo ./test --debian13"
    exit "$cannot"
fi
install_packages mmdebstrap debian-archive-keyring iproute2 || exit "$cannot"
if ! unshare --mount --pid --fork --kill-child --ipc --uts --net -- ip link set lo up; then
    say "--debian13 needs namespaces (CAP_SYS_ADMIN), which this system does not let root have"
    exit "$cannot"
fi

# Copy the bare root, and into it this checkout and what leads from this machine to the packages.
make_root() {
    cp -a "$bare/." "$root_here"
    mkdir -p "$root_here$inside"
    tar -C "$here" --exclude-vcs --exclude='./.*_cache' --exclude=./.venv --exclude=./var --exclude=__pycache__ -cf - . |
        tar -C "$root_here$inside" --no-same-owner -xf -
    apt_settings >"$root_here/etc/apt/apt.conf.d/99mmdebstrap"
    local file
    for file in /etc/resolv.conf /etc/pip.conf "$HOME/.config/pip/pip.conf" /usr/local/share/ca-certificates/*.crt \
        "${PIP_CERT:-}" "${SSL_CERT_FILE:-}" "${REQUESTS_CA_BUNDLE:-}"; do
        if [ -f "$file" ]; then
            rm -f "$root_here$file"
            install -D -m 644 "$file" "$root_here$file"
        fi
    done
    # As Debian's installer writes it.
    printf '127.0.0.1\tlocalhost\n127.0.1.1\tdebian13\n::1\tlocalhost ip6-localhost ip6-loopback\n' >"$root_here/etc/hosts"
    printf 'debian13\n' >"$root_here/etc/hostname"
}

# enter NETWORK COMMAND...: run a command in the root. All that it starts ends with it, and its mounts are seen by
# nobody else: the system ends both with the namespaces. NETWORK is `ours`, or `none` for loopback alone.
enter() {
    local network=$1 flags=(--mount --propagation private --pid --fork --kill-child --ipc --uts)
    shift
    [ "$network" = ours ] || flags+=(--net)
    # A shell has what it starts in the background ignore Ctrl-C, and so would all that is started in there.
    env --default-signal=INT,QUIT setpriv --pdeathsig KILL -- unshare "${flags[@]}" -- bash "$here/scripts/enter_root.bash" "$root_here" "$cache" "$network" "$@" &
    namespaces=$!
    local code=0
    wait "$namespaces" || code=$?
    namespaces=
    return "$code"
}

clean_up() {
    if [ -n "$namespaces" ]; then
        kill -KILL "$namespaces" 2>/dev/null || true
        wait "$namespaces" 2>/dev/null || true
    fi
    rm -rf --one-file-system "$root_here"
}

inside=/opt/renvoi
install -d -m 700 "$cache"
mkdir -p "$cache/apt/partial" "$cache/pip"
exec {one_at_a_time}>"$cache/lock"
flock "$one_at_a_time"
clear_leftovers
make_bare 13
root_here=$(mktemp -d "$cache/run.XXXXXX")
chmod 755 "$root_here"
exec {held}<"$root_here"
flock "$held"
namespaces=
trap clean_up EXIT
trap 'exit 130' INT TERM HUP
make_root
say "installing into it by ./run, and what the tests need"
enter ours "$inside/run" --help >/dev/null
enter ours env RENVOI_TEST_BROWSER=no "$inside/test" --install
# What follows has a network and a root of its own.
exec {one_at_a_time}>&-
say "going through the README's first minute there, behind ./run"
enter none env RENVOI_TEST_RUN=1 .venv/bin/python -m pytest tests/docs/test_readme.py
say "running the tests there"
if [ $# -eq 0 ]; then
    set -- tests/unit/edge tests/contract tests/integration/edge tests/integration/store tests/e2e
fi
enter none .venv/bin/python -m pytest -n "$(($(nproc) + 1))" --dist loadfile --no-loadscope-reorder "$@"
