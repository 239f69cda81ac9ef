#!/usr/bin/python3 -I
"""The command `renvoi` of the Debian package: chooses the packages of the Python that runs it.

It stands for a script that pip would make, as one file serves Debian 12 (Python 3.11) and 13 (3.13). What it puts into
the environment is for the processes that a node starts of itself; Kamailio's own Python is told by the node.
"""

import os
import sys
from pathlib import Path

LIBRARIES = Path("/opt/renvoi/lib")
CONFIGURATION = "/etc/renvoi/renvoi.toml"
USER = "renvoi"


def main() -> None:
    """Run the command line; ends the process with its exit code."""
    choose_packages()
    if settings_are_the_packages(sys.argv[1:]):
        os.environ["RENVOI_CONFIG_FILE"] = CONFIGURATION
        if os.geteuid() == 0:
            become(USER)
    from renvoi.cli.app import run  # noqa: PLC0415 (found only now)

    run()


def choose_packages() -> None:
    """Let this process, and those that it starts, find the packages that were made for its Python."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    own = LIBRARIES / version
    if not own.is_dir():
        there = " and ".join(sorted(each.name for each in LIBRARIES.iterdir() if each.name[0].isdigit()))
        sys.exit(
            f"renvoi: /usr/bin/python3 is Python {version}, and this package is for {there} (Debian 12 and 13): "
            "install the package of a renvoi that has it"
        )
    paths = [str(LIBRARIES / "renvoi"), str(own)]
    sys.path[:0] = paths
    os.environ["PYTHONPATH"] = os.pathsep.join(paths)
    # As -I has it for this process.
    os.environ["PYTHONSAFEPATH"] = os.environ["PYTHONNOUSERSITE"] = "1"


def settings_are_the_packages(arguments: list[str]) -> bool:
    """Tell whether this command is about the node that the package installs, as nobody said another one."""
    named = any(os.environ.get(name) for name in ("RENVOI_CONFIG_FILE", "RENVOI_DATA_DIR"))
    return not named and not any(each.partition("=")[0] in {"--config", "--data"} for each in arguments)


def become(name: str) -> None:
    """Go on as this user, who owns the data: what root wrote there, the service could not change.

    Raises:
        SystemExit: there is no such user.
    """
    import pwd  # noqa: PLC0415 (for root alone)

    try:
        user = pwd.getpwnam(name)
    except KeyError:
        sys.exit(f"renvoi: there is no user {name}, who owns /var/lib/renvoi: dpkg-reconfigure renvoi makes one")
    os.initgroups(name, user.pw_gid)
    os.setgid(user.pw_gid)
    os.setuid(user.pw_uid)
    os.environ |= {"HOME": user.pw_dir, "USER": name, "LOGNAME": name}


if __name__ == "__main__":
    main()
