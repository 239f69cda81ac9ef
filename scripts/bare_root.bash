# Sourced by what makes bare Debian roots for tests: debian13.bash and packages.bash. They lie in a cache that only root can
# read; who makes one holds $cache/lock.
# shellcheck shell=bash disable=SC2034 # used by who sources it

cache=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/renvoi
declare -A releases=([12]=bookworm [13]=trixie)
# Changed when a root made so far will not do any more.
edition=1

# How this machine's apt gets to Debian's packages: proxy, certificates, mirrors. They may name hosts and hold
# passwords, so they are taken along when this runs, and stay in directories that only root can read.
apt_settings() {
    apt-config dump | grep -E '^Acquire::(http|https|ftp|Retries|Check-|Force)' || true
}

mirrors() {
    local site release=$1
    site=$(apt_site Debian)
    # Without one, as on Ubuntu, mmdebstrap knows where Debian is.
    [ -n "$site" ] || return 0
    printf 'deb %s %s main\n' "$site" "$release" "$site" "$release-updates"
    site=$(apt_site Debian-Security)
    [ -z "$site" ] || printf 'deb %s %s main\n' "$site" "$release-security"
}

apt_site() {
    apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' "Label: $1" 'Component: main' | sort -u | head -n 1
}

# Make the bare root of a Debian (12, 13) in the cache unless it is there, and whole.
make_bare() {
    local release=${releases[$1]} bare=$cache/debian$1 wanted sources=()
    wanted="$edition $release $(dpkg --print-architecture)"
    if [ "$(cat "$bare/.made" 2>/dev/null)" = "$wanted" ] && [ -z "$(chroot "$bare" dpkg --verify 2>&1)" ]; then
        return 0
    fi
    say "making a bare Debian $1 in $bare"
    rm -rf --one-file-system "$bare" "$bare.new"
    mapfile -t sources < <(mirrors "$release")
    apt_settings >"$cache/apt.conf"
    mmdebstrap --quiet --variant=minbase --aptopt="$cache/apt.conf" "$release" "$bare.new" "${sources[@]}" >&2
    printf '%s\n' "$wanted" >"$bare.new/.made"
    mv "$bare.new" "$bare"
}

# Remove the roots of runs that were killed: a run holds its own locked.
clear_leftovers() {
    local left
    for left in "$cache"/run.*; do
        if [ -d "$left" ] && flock --nonblock "$left" true; then
            rm -rf --one-file-system "$left"
        fi
    done
}
