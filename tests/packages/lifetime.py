"""The steps of the Debian package on a bare Debian: installed, called, booted, upgraded, removed, purged."""

import json
import re
import shutil
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

from renvoi import __version__
from tests.packages.debian import HOME, Debian, Running
from tests.packages.pages import blocks
from tests.support.waiting import wait_for

BEFORE = "0.0.9"
NUMBER, TARGET = "+33199001234", "+33644630000"
OLDER = max((Path(__file__).parents[1] / "data" / "upgrade").glob("0*"))
"""What a node of an older schema left behind (tests/data/upgrade/README.md)."""
STATE, SETTINGS, UNIT = "/var/lib/renvoi", "/etc/renvoi/renvoi.toml", "renvoi.service"
SYSTEMD = "apt-get -q install --no-install-recommends systemd systemd-sysv dbus"
"""What makes a bare Debian one that boots."""
EXPOSURE = 3.0
"""By `systemd-analyze security`: 0 is nothing, 10 is everything."""
READY_S, UPGRADE_S = 90.0, 300.0
RESTARTED_S = 15.0
"""How long a node that hangs may be away before another one begins (docs/operating/settings.md)."""


def put_packages(made: Path, system: Debian) -> None:
    """Put this version and the one before into directories of its home."""
    for version, place in ((BEFORE, "before"), (__version__, "now")):
        (system.directory / "root" / place).mkdir()
        shutil.copy(next(made.glob(f"renvoi_{version}_*.deb")), system.directory / "root" / place)


def from_install_to_purge(made: Path, system: Debian) -> None:
    """Each step begins with what the one before left."""
    put_packages(made, system)
    system.install(blocks("debian.md", "Install")[0], f"{HOME}/before")
    is_installed_and_asleep(system)
    takes_calls_without_systemd(system)
    system.install(SYSTEMD)
    with system.booted() as booted:
        is_a_service(booted)
        is_started_again_when_it_hangs(booted)
        takes_a_port_below_1024(booted)
        is_upgraded_while_it_runs(booted)
        takes_over_older_data(booted, system)
        is_rolled_back(booted)
        is_removed_and_purged(booted)


def is_installed_and_asleep(system: Debian) -> None:
    """Check that it is whole, has no accounts or keys, and was started or enabled by nobody."""
    assert f"Version: {BEFORE}" in system.run("dpkg", "--status", "renvoi")
    assert system.run("renvoi", "--version").startswith("renvoi ")
    assert system.run("dpkg", "--verify", "renvoi") == ""
    places = ("/etc/renvoi", SETTINGS, "/etc/renvoi/credentials", STATE)
    assert system.run("stat", "-c", "%a %U:%G %n", *places).splitlines() == [
        "750 root:renvoi /etc/renvoi",
        f"640 root:renvoi {SETTINGS}",
        "750 root:renvoi /etc/renvoi/credentials",
        f"750 renvoi:renvoi {STATE}",
    ]
    assert system.run("find", "/etc/systemd/system", "-name", "renvoi*") == ""
    assert "FAULT" not in system.run("renvoi", "check")
    # Asking writes nothing, whoever asks.
    assert system.run("find", STATE, "-mindepth", "1") == ""
    stranger = ("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups")
    assert SETTINGS in system.run(*stranger, "renvoi", "account", "list", accepted=[2])


def takes_calls_without_systemd(system: Debian) -> None:
    """Serve by root's command, as the user of the package; a call obeys the rule that root set."""
    with system.running("renvoi", "serve", "--demo-if-new") as node:
        wait_for(lambda: "renvoi try" in node.printed(), node.printed, READY_S)
        node.run("renvoi", "forward", NUMBER, "--to", TARGET)
        a_call_is_forwarded(node)
        assert node.run("find", STATE, "!", "-user", "renvoi") == ""
        assert users_of("kamailio", node) == {"renvoi"}


def a_call_is_forwarded(node: Running) -> None:
    shown = json.loads(node.run("renvoi", "try", NUMBER, "--json"))
    assert (shown["status"], shown["record"]["target"], shown["note"]) == (200, TARGET, None)


def users_of(program: str, node: Running) -> set[str]:
    """Return as whom the processes of a program run."""
    script = 'for each in /proc/[0-9]*; do [ "$(cat $each/comm 2>/dev/null)" != "$0" ] || stat -c %U $each; done'
    return set(node.run("sh", "-c", script, program).split())


def is_a_service(booted: Running) -> None:
    """Start it, reload it, and have calls go through it under all that its unit forbids."""
    assert booted.run("systemctl", "is-enabled", UNIT, accepted=[1]).strip() == "disabled"
    assert "active (running)" in booted.paste(blocks("debian.md", "Install")[1])
    a_call_is_forwarded(booted)
    main = shown_of("MainPID", booted)
    booted.run("systemctl", "reload", UNIT)
    assert "active (running)" in booted.run("systemctl", "status", UNIT)
    assert shown_of("MainPID", booted) == main
    a_message_is_taken(booted)
    assert users_of("kamailio", booted) == {"renvoi"}
    booted.paste(blocks("debian.md", "The command line")[0])
    assert json.loads(booted.run("cat", f"{HOME}/numbers.json"))
    exposes_little(booted)


def is_started_again_when_it_hangs(booted: Running) -> None:
    """Stop its supervisor, as a hang does: systemd kills it, and the new one takes calls by the same rule."""
    a_call_is_forwarded(booted)
    hung = shown_of("MainPID", booted)
    booted.run("kill", "-STOP", hung)
    wait_for(lambda: shown_of("MainPID", booted) not in {hung, "0"}, "another supervisor", RESTARTED_S)
    wait_for(lambda: shown_of("ActiveState", booted) == "active", "a node that serves", READY_S)
    assert shown_of("NRestarts", booted) == "1"
    log = booted.run("journalctl", "--unit", UNIT, "--output", "cat")
    assert "Watchdog timeout" in log
    # Where it stood.
    assert "most recent call first" in log
    assert "No such file" in booted.run("ls", f"/proc/{hung}", accepted=[2])
    a_call_is_forwarded(booted)


def takes_a_port_below_1024(booted: Running) -> None:
    """Listen on port 80 by the drop-in of the page, and then as before."""
    (drop_in,) = blocks("debian.md", "The service", "ini")
    directory = f"/etc/systemd/system/{UNIT}.d"
    booted.paste(f"mkdir {directory}\nprintf '%s' '{drop_in}' >{directory}/override.conf")
    booted.paste(f"printf 'http_port = 80\\n' >>{SETTINGS}\nsystemctl daemon-reload\nsystemctl restart {UNIT}")
    question = "import urllib.request; print(urllib.request.urlopen('http://127.0.0.1/healthz').status)"
    assert booted.run("python3", "-c", question) == "200\n"
    booted.paste(f"rm -r {directory}\nsed -i '/^http_port = 80$/d' {SETTINGS}\nsystemctl daemon-reload")
    booted.run("systemctl", "restart", UNIT)
    a_call_is_forwarded(booted)


def exposes_little(booted: Running) -> None:
    """Ask systemd itself, about the unit as it is installed."""
    judged = booted.run("systemd-analyze", "security", UNIT, "--no-pager")
    exposure = re.search(r"Overall exposure level for \S+: ([\d.]+)", judged)
    assert exposure is not None
    assert float(exposure[1]) <= EXPOSURE


def a_message_is_taken(booted: Running) -> None:
    """Leave a message, of which the node keeps the mail: the voicemail and the mailer work in the unit, too."""
    booted.run("renvoi", "forward", NUMBER, "--voicemail", "owner@example.com")
    assert json.loads(booted.run("renvoi", "try", NUMBER, "--json"))["status"] == 200
    wait_for(lambda: booted.run("find", f"{STATE}/mail", "-name", "*.eml"), "a kept mail", READY_S)
    booted.run("renvoi", "forward", NUMBER, "--to", TARGET)


def shown_of(name: str, booted: Running) -> str:
    return booted.run("systemctl", "show", "--value", "--property", name, UNIT).strip()


def is_upgraded_while_it_runs(booted: Running) -> None:
    """Upgrade it: a changed settings file stays, the new version runs, and the rule is in force."""
    booted.run("sh", "-c", f"printf '%s\\n' 'region = \"DE\"' >>{SETTINGS}")
    before = shown_of("MainPID", booted)
    upgraded = booted.paste(blocks("upgrade.md", "The Debian package")[0], f"{HOME}/now", UPGRADE_S)
    assert f"renvoi {__version__}" in upgraded
    assert booted.run("stat", "-c", "%U", "/var/backups/renvoi/renvoi.tar") == "renvoi\n"
    assert f"Version: {__version__}" in booted.run("dpkg", "--status", "renvoi")
    assert 'region = "DE"' in booted.run("cat", SETTINGS)
    assert shown_of("ActiveState", booted) == "active"
    assert shown_of("MainPID", booted) not in {before, "0"}
    a_call_is_forwarded(booted)


def takes_over_older_data(booted: Running, system: Debian) -> None:
    """Give it data of an older schema, which the service backs up and migrates, and no other command does."""
    booted.run("systemctl", "stop", UNIT)
    assert shown_of("Result", booted) == "success"
    booted.run("sh", "-c", f"rm -rf {STATE}/*")
    state = system.directory / STATE.removeprefix("/")
    subprocess.run(["tar", "-C", state, "--no-same-owner", "-xzf", OLDER / "data.tar.gz"], check=True)
    # Settings of that node; here there is a place for them.
    (state / "renvoi.toml").unlink()
    with sqlite3.connect(state / "renvoi.db") as store:
        store.executescript((OLDER / "sqlite.sql").read_text("utf-8"))
    store.close()
    booted.run("chown", "-R", "renvoi:", STATE)
    assert "renvoi serve" in booted.run("renvoi", "account", "list", accepted=[1])
    booted.run("systemctl", "start", UNIT)
    listed = {row["number"]: row for row in json.loads(booted.run("renvoi", "number", "list", "--json"))}
    for row in facts()["numbers"]:
        assert {name: listed[row["number"]][name] for name in row} == row
    copied = booted.run("find", STATE, "-name", f"renvoi.db.schema-{OLDER.name}.*")
    assert copied.count("\n") == 1


def is_rolled_back(booted: Running) -> None:
    """Go back to the version before, and to the store before it was migrated, which that one migrates again."""
    program, store = blocks("roll-back.md", "The Debian package")
    assert "active (running)" in booted.paste(program, f"{HOME}/before", UPGRADE_S)
    assert f"Version: {BEFORE}" in booted.run("dpkg", "--status", "renvoi")
    copied = booted.run("find", STATE, "-name", "renvoi.db.schema-*").strip()
    booted.paste(re.sub(r"renvoi\.db\.schema-\S+", Path(copied).name, store))
    assert "active (running)" in booted.run("systemctl", "status", UNIT)
    assert len(json.loads(booted.run("renvoi", "number", "list", "--json"))) == len(facts()["numbers"])


def facts() -> dict[str, Any]:
    """Return what is known of the data of an older schema."""
    found: dict[str, Any] = json.loads((OLDER / "facts.json").read_text("utf-8"))
    return found


def is_removed_and_purged(booted: Running) -> None:
    """Remove it, which ends the node and leaves settings and data; purge it, which leaves the data."""
    remove, purge = blocks("debian.md", "Remove")[0].splitlines()
    booted.paste(remove, timeout_s=UPGRADE_S)
    assert users_of("kamailio", booted) == set()
    left = booted.run("sh", "-c", "ls -d /opt/renvoi /usr/bin/renvoi /etc/systemd/system/*/renvoi.service 2>&1 || :")
    assert left.count("No such file") == 3
    assert booted.run("stat", "-c", "%a", SETTINGS) == "640\n"
    booted.paste(purge)
    assert "No such file" in booted.run("ls", "/etc/renvoi", accepted=[2])
    assert booted.run("stat", "-c", "%U", f"{STATE}/renvoi.db") == "renvoi\n"
    booted.paste(blocks("debian.md", "Remove")[1])
    assert "renvoi" not in booted.run("ls", "/var/lib") + booted.run("cat", "/etc/passwd")
    assert booted.run("systemctl", "--failed", "--no-legend", "--plain") == ""
