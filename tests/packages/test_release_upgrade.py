"""Debian itself goes from 12 to 13 below a node, which stays as it is and serves on the new Python and Kamailio."""

import json
from collections.abc import Callable
from pathlib import Path

from tests.packages.debian import HOME, Debian, Running
from tests.packages.lifetime import (
    NUMBER,
    SYSTEMD,
    TARGET,
    UNIT,
    a_call_is_forwarded,
    a_message_is_taken,
    put_packages,
    shown_of,
)
from tests.packages.pages import blocks

FETCH_S, UPGRADE_S = 600.0, 900.0


def test_debian_goes_from_12_to_13_below_a_node(bare: Callable[..., Debian], made: Path) -> None:
    """The packages are fetched first, as a system in a test that is booted has no network."""
    system = bare("12", "debian12to13")
    put_packages(made, system)
    system.install(f"{blocks('debian.md', 'Install')[0]}{SYSTEMD}", f"{HOME}/now")
    fetch, upgrade, restart = blocks("upgrade.md", "Debian 12 to 13")
    system.install(fetch, timeout_s=FETCH_S)
    with system.booted() as booted:
        booted.paste(blocks("debian.md", "Install")[1])
        booted.run("renvoi", "demo")
        booted.run("renvoi", "forward", NUMBER, "--to", TARGET)
        a_call_is_forwarded(booted)
        before = numbers(booted)
        main = shown_of("MainPID", booted)
        booted.paste(upgrade, timeout_s=UPGRADE_S)
        assert booted.run("cat", "/etc/debian_version").startswith("13")
        assert booted.run("python3", "--version").startswith("Python 3.13")
        # It ran through all of that, and takes calls until somebody restarts it.
        assert shown_of("MainPID", booted) == main
        a_call_is_forwarded(booted)
        assert "active (running)" in booted.paste(restart)
        assert shown_of("MainPID", booted) not in {main, "0"}
        assert numbers(booted) == before
        a_call_is_forwarded(booted)
        a_message_is_taken(booted)
        assert "3.13" in booted.run("readlink", "-f", f"/proc/{shown_of('MainPID', booted)}/exe")
        assert booted.run("dpkg", "--audit") == ""
        assert booted.run("dpkg", "--verify", "renvoi") == ""
        assert "FAULT" not in booted.run("renvoi", "check")
        assert booted.run("systemctl", "is-enabled", UNIT).strip() == "enabled"
        assert booted.run("systemctl", "--failed", "--no-legend", "--plain") == ""


def numbers(booted: Running) -> list[dict[str, object]]:
    """Return what the node knows of its numbers."""
    found: list[dict[str, object]] = json.loads(booted.run("renvoi", "number", "list", "--json"))
    return found
