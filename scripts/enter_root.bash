#!/usr/bin/env bash
# enter_root.bash ROOT CACHE NETWORK COMMAND...: started by debian13.bash in namespaces of its own, as their process 1:
# gives ROOT what a root has (proc, devices, memory, caches of packages), and runs COMMAND in the checkout there.
# It stays, as process 1 has to wait for orphans.
set -euo pipefail
root=$1 cache=$2 network=$3
shift 3

hostname debian13
# A mount of its own, so that tests in there can make namespaces of mounts.
mount --bind "$root" "$root"
[ "$network" = ours ] || ip link set lo up
mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for device in null zero full random urandom tty; do
    touch "$root/dev/$device"
    mount --bind "/dev/$device" "$root/dev/$device"
done
ln -s /proc/self/fd "$root/dev/fd"
ln -s fd/0 "$root/dev/stdin"
ln -s fd/1 "$root/dev/stdout"
ln -s fd/2 "$root/dev/stderr"
mkdir "$root/dev/shm" "$root/dev/pts"
mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
mount --bind "$cache/apt" "$root/var/cache/apt/archives"
mkdir -p "$root/root/.cache/pip"
mount --bind "$cache/pip" "$root/root/.cache/pip"

# A newcomer's environment, and how pip gets to its packages.
environment=(PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8)
for name in "${!PIP_@}" "${!RENVOI_TEST_@}" CI SSL_CERT_FILE REQUESTS_CA_BUNDLE \
    http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY; do
    [ -z "${!name+set}" ] || environment+=("$name=${!name}")
done
# shellcheck disable=SC2016 # expanded in there
env -i "${environment[@]}" chroot "$root" bash -c 'cd /opt/renvoi && exec "$@"' - "$@"
