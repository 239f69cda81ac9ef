# Sourced by ./run and ./test: installs what is missing, and says so before it does.
# Needs no answer from a keyboard, and changes nothing when everything is there.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
venv=$root/.venv
# Kamailio embeds the system's Python, so the virtual environment is made of that one.
python=/usr/bin/python3

say() {
    printf 'renvoi: %s\n' "$*" >&2
}

# Run a command as root; fails when that takes a password.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        sudo -n "$@"
    fi
}

can_be_root() {
    [ "$(id -u)" -eq 0 ] || { command -v sudo >/dev/null && sudo -n true 2>/dev/null; }
}

# Print the packages that TLS needs. Kamailio before 5.7.5 must not do it (docs/trunks.md), and Debian 12 has 5.6.
tls_packages() {
    # shellcheck source=/dev/null
    if [ "$(. /etc/os-release && echo "$ID")" = debian ] && [ "$(. /etc/os-release && echo "${VERSION_ID:-99}")" -ge 13 ]; then
        echo kamailio-tls-modules ca-certificates
    fi
}

# Print which of these Debian packages are not installed.
missing_packages() {
    local package
    for package in "$@"; do
        if [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" != installed ]; then
            echo "$package"
        fi
    done
}

# Install Debian packages without starting the services that they bring: Debian's Kamailio would take port 5060.
# Fails, with a line that says why, when they cannot be installed.
install_packages() {
    local missing
    if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
        say "this is not a Debian or Ubuntu system: install by hand what corresponds to: $*"
        return 1
    fi
    mapfile -t missing < <(missing_packages "$@")
    if [ ${#missing[@]} -eq 0 ]; then
        return 0
    fi
    if ! can_be_root; then
        say "packages are missing, and installing them takes root: sudo apt-get install ${missing[*]}"
        return 1
    fi
    say "installing Debian packages, without starting their services: ${missing[*]}"
    if ! (install_without_services "${missing[@]}"); then
        say "these packages could not be installed; the lines above say why: ${missing[*]}"
        return 1
    fi
}

# In a subshell of its own: the trap puts back what was there, however this ends.
install_without_services() {
    local policy=/usr/sbin/policy-rc.d
    local saved=$policy.before-renvoi
    if [ -e "$policy" ] && [ ! -e "$saved" ]; then
        as_root mv "$policy" "$saved"
    fi
    trap 'as_root rm -f '"$policy"'; if [ -e '"$saved"' ]; then as_root mv '"$saved $policy"'; fi' EXIT
    trap 'exit 130' INT TERM
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
    as_root chmod 755 "$policy"
    local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=120)
    local install=(install --no-install-recommends -o Dpkg::Options::=--force-confold)
    # The package lists of a fresh machine are empty or old.
    if ! as_root "${apt[@]}" "${install[@]}" "$@" </dev/null >&2; then
        as_root "${apt[@]}" update </dev/null >&2 || return 1
        as_root "${apt[@]}" "${install[@]}" "$@" </dev/null >&2 || return 1
    fi
    # Enabled, it would take port 5060 at the next boot.
    if [[ " $* " == *" kamailio "* ]] && [ -d /run/systemd/system ]; then
        as_root systemctl --quiet disable kamailio.service || true
    fi
}

# Make the virtual environment, with what a lock file pins and this project; nothing to do when it has them.
install_python() {
    local lock=$1 home wanted stamp
    if [ ! -x "$python" ] || ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
        say "$python is missing or older than 3.11: use Debian 12 or 13 (Ubuntu 24.04 was not tried)"
        return 1
    fi
    stamp=$venv/.installed-$(basename "$lock")
    home="$root $("$python" --version)"
    wanted="$home $(cat "$lock" "$root/pyproject.toml" | sha256sum)"
    if [ -x "$venv/bin/renvoi" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then
        compile_project
        return 0
    fi
    say "installing Python packages from $(basename "$lock") into $venv"
    # An environment knows where it lies and of which Python it was made; elsewhere it does not work.
    if [ "$(cat "$venv/.home" 2>/dev/null)" != "$home" ]; then
        if ! "$python" -m venv --clear "$venv"; then
            say "no virtual environment could be made: sudo apt-get install python3-venv"
            return 1
        fi
        printf '%s\n' "$home" >"$venv/.home"
    fi
    local pip=("$venv/bin/python" -m pip --disable-pip-version-check --quiet --no-input install)
    "${pip[@]}" --require-hashes -r "$lock" || return 1
    # The build backend is pinned by the lock as well, so nothing else is fetched.
    "${pip[@]}" --no-deps --no-build-isolation -e "$root" || return 1
    compile_project
    printf '%s\n' "$wanted" >"$stamp"
}

# A node is many processes; where Python is told to keep no compiled files, each would compile the project again.
compile_project() {
    "$venv/bin/python" -m compileall -q "$root/src" || say "the project could not be compiled: it starts more slowly"
}

# Make an environment of its own below the virtual one, for tools whose needs the project's packages do not go with.
install_tools() {
    local lock=$1 tools=$venv/$2 wanted
    wanted="$root $("$python" --version) $(sha256sum <"$lock")"
    if [ "$(cat "$tools/.installed" 2>/dev/null)" = "$wanted" ]; then
        return 0
    fi
    say "installing Python packages from $(basename "$lock") into $tools"
    "$python" -m venv --clear "$tools" || return 1
    "$tools/bin/python" -m pip --disable-pip-version-check --quiet --no-input install --require-hashes -r "$lock" || return 1
    printf '%s\n' "$wanted" >"$tools/.installed"
}
