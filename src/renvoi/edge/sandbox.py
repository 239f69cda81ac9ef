"""Kamailio runs with as few rights as it can: as a user of its own, without capabilities, and never longer than we do.

This is for the serving process, which prepares files and the command line. Kamailio's processes themselves use
`process_rights`.
"""

import os
import pwd
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

ACCOUNTS = ("kamailio", "nobody")
"""Users that Kamailio runs as when the serving process is root; the first one there is."""
MAIN_RANK = 0
"""Kamailio's number of its main process; workers count from 1, helpers have negative ones."""
TIMER_RANK = -1
"""Its number of each process that runs timers: there a call goes on whose target has rung out."""

# Capabilities that let a process pass directories it has no right to enter, the weaker one first (capabilities(7)).
_PASSAGE = {"dac_read_search": 2, "dac_override": 1}


@dataclass(frozen=True, slots=True)
class EdgeUser:
    """The user that Kamailio runs as."""

    name: str
    uid: int
    gid: int


class NoSuchUser(Exception):
    """The user that Kamailio shall run as does not exist; the text says how to fix it."""


def edge_user(wanted: str | None = None) -> EdgeUser | None:
    """Return whom Kamailio runs as: `wanted`, else the first of `ACCOUNTS`; None (as ourselves) when we are not root.

    Raises:
        NoSuchUser: the user does not exist, or is root.
    """
    if os.geteuid() != 0:
        return None
    for name in [wanted] if wanted is not None else ACCOUNTS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return EdgeUser(name, entry.pw_uid, entry.pw_gid)
    names = wanted or " or ".join(ACCOUNTS)
    raise NoSuchUser(
        f"there is no user {names} to run Kamailio as: add one with 'adduser --system {wanted or 'kamailio'}'"
    )


def give_to(user: EdgeUser | None, directory: Path) -> None:
    """Make `directory`, which must exist, belong to Kamailio's user alone: it may write there."""
    directory.chmod(0o700)
    if user is not None:
        os.chown(directory, user.uid, user.gid)


def let_read(user: EdgeUser | None, directory: Path) -> None:
    """Let Kamailio's user into `directory`, which stays ours: it may read there."""
    directory.chmod(0o700 if user is None else 0o750)
    if user is not None:
        os.chown(directory, -1, user.gid)


def let_use_database(user: EdgeUser | None, database: Path) -> None:
    """Let Kamailio read the SQLite store: database and log by its group, and write the shared memory index.

    SQLite's readers note in the `-shm` file how far they read (https://sqlite.org/wal.html); it holds no data.
    """
    if user is None:
        return
    for path, mode in ((database, 0o040), (_beside(database, "-wal"), 0o040), (_beside(database, "-shm"), 0o060)):
        if path.exists():
            os.chown(path, -1, user.gid)
            path.chmod(stat.S_IMODE(path.stat().st_mode) & 0o707 | mode)


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def confinement(user: EdgeUser | None, needed: Iterable[Path]) -> list[str]:
    """Return the words before a command that make it run as `user` and die with us.

    Where `user` cannot reach one of `needed`, the command starts with the one capability that helps; Kamailio's
    processes drop it as soon as they have opened their files.
    """
    words = ["setpriv", "--no-new-privs", "--pdeathsig", "KILL"]
    if user is None:
        return [*words, "--"]
    words += ["--reuid", str(user.uid), "--regid", str(user.gid), "--clear-groups"]
    capability = None if all(_reaches(user, path) for path in needed) else _passage()
    if capability is None:
        words += ["--inh-caps=-all", "--bounding-set=-all"]
    else:
        words += [f"--inh-caps=-all,+{capability}", f"--ambient-caps=-all,+{capability}"]
        # Without this bit access(2) ignores capabilities, and SQLite takes a log that it may read for a missing one.
        words += [f"--bounding-set=-all,+{capability}", "--securebits=+no_setuid_fixup"]
    return [*words, "--"]


def _reaches(user: EdgeUser, path: Path) -> bool:
    """Tell whether `user` may enter every directory above `path` and read it."""
    path = path.resolve()
    if not path.exists():
        return False
    inner = stat.S_IRUSR | (stat.S_IXUSR if path.is_dir() else 0)
    return _permits(user, path, inner) and all(_permits(user, above, stat.S_IXUSR) for above in path.parents)


def _permits(user: EdgeUser, path: Path, owner_bits: int) -> bool:
    status = path.stat()
    if status.st_uid == user.uid:
        bits = owner_bits
    elif status.st_gid == user.gid:
        bits = owner_bits >> 3
    else:
        bits = owner_bits >> 6
    return status.st_mode & bits == bits


def _passage() -> str | None:
    """Return the weakest capability that passes directories and that we may hand on, None when there is none."""
    status = Path("/proc/self/status").read_text("ascii")
    bounding = next(int(line.split()[1], 16) for line in status.splitlines() if line.startswith("CapBnd:"))
    return next((name for name, bit in _PASSAGE.items() if bounding >> bit & 1), None)
