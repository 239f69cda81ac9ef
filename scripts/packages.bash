#!/usr/bin/env bash
# What `./test --packages` does: builds the Debian package and the image, and runs tests/packages on bare Debian 12 and 13
# that it makes (docs/testing.md). Arguments go to pytest, those that are files in place of that folder. Takes root; leaves
# nothing behind but a cache and build/.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=scripts/install.bash
source "$here/scripts/install.bash"
# shellcheck source=scripts/bare_root.bash
source "$here/scripts/bare_root.bash"
cannot=3

if [ "$(id -u)" -ne 0 ]; then
    say "--packages makes directories the roots of systems, which takes root: sudo ./test --packages"
    exit "$cannot"
fi
install_packages mmdebstrap debian-archive-keyring systemd-container buildah podman runc || exit "$cannot"
if ! unshare --mount --pid --fork --kill-child --ipc --uts --net true; then
    say "--packages needs namespaces (CAP_SYS_ADMIN), which this system does not let root have"
    exit "$cannot"
fi

install -d -m 700 "$cache"
exec {one_run}>"$cache/packages.lock"
flock "$one_run"
exec {one_at_a_time}>"$cache/lock"
flock "$one_at_a_time"
clear_leftovers
make_bare 12
make_bare 13
made=$(mktemp -d "$cache/run.XXXXXX")
exec {held}<"$made"
flock "$held"
trap 'rm -rf --one-file-system "$made"' EXIT
trap 'exit 130' INT TERM HUP
exec {one_at_a_time}>&-
apt_settings >"$made/apt.conf"
"$here/packaging/build-deb" --into "$made" >/dev/null
# The version before: what dpkg does is up to the number, what happens to the data is tried with those of an older schema.
"$here/packaging/build-deb" --into "$made" --version 0.0.9 --compression none >/dev/null
say "running the tests of packages"
cd "$here"
tried=(tests/packages)
for each in "$@"; do
    [ ! -e "${each%%::*}" ] || tried=()
done
# In a namespace of its own, with which all ends that they start, whatever happens to them.
RENVOI_TEST_PACKAGES=$made RENVOI_TEST_CACHE=$cache setpriv --pdeathsig KILL -- \
    unshare --pid --fork --kill-child --mount-proc -- \
    .venv/bin/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder "${tried[@]}" "$@"
