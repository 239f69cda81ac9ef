"""`renvoi check`: what is installed, reachable and misconfigured, with the mend for each."""

import os
import platform
from collections.abc import Iterator, Mapping
from typing import Any

from renvoi.application.refused import Refused
from renvoi.cli.program import Finding
from renvoi.node import control, sipp, trunkreport
from renvoi.node.checkstore import check_store
from renvoi.node.checkvoicemail import check_voicemail
from renvoi.node.duties import EDGE, check_duties
from renvoi.node.edge import edge_of
from renvoi.node.part import State
from renvoi.node.sockets import check_sip_port, listen_inner, listen_public
from renvoi.settings import Settings

STATUS_TIMEOUT_S = 2.0


async def check(settings: Settings) -> list[Finding]:
    """Look at everything that a node needs; changes nothing."""
    findings = [Finding("python", True, platform.python_version()), *_programs(settings), _data(settings)]
    try:
        check_duties(settings)
    except Refused as error:
        text, _, mend = str(error).rpartition(": ")
        findings.append(Finding("settings", False, text, mend))
    findings += await check_store(settings)
    findings += await check_voicemail(settings)
    try:
        status = await control.ask(settings.run_dir, "status", STATUS_TIMEOUT_S)
    except control.NoNode:
        return [*findings, Finding("node", False, "not running", "renvoi serve", needed=False), *_ports(settings)]
    except control.ControlError as error:
        return [*findings, Finding("node", False, str(error), "look at its log, and start it again")]
    findings += [_part(name, part) for name, part in status["parts"].items()]
    return findings + [_trunk(trunk) for trunk in status["trunks"]]


def _programs(settings: Settings) -> Iterator[Finding]:
    if EDGE not in settings.parts:
        return
    missing = edge_of(settings).missing()
    text, _, mend = (missing or "Kamailio is installed").partition(": ")
    yield Finding("calls", missing is None, text, mend, needed=False)
    try:
        yield Finding("try", True, f"SIPp is {sipp.find_sipp()}", needed=False)
    except Refused as error:
        text, _, mend = str(error).partition(": ")
        yield Finding("try", False, text, mend, needed=False)


def _data(settings: Settings) -> Finding:
    path = settings.data_dir
    if not path.is_dir():
        return Finding("data", False, f"{path} is not there yet", "`renvoi serve` makes it", needed=False)
    if not os.access(path, os.W_OK | os.X_OK):
        return Finding("data", False, f"{path} cannot be written by this user", f"give it this user: chown {path}")
    return Finding("data", True, str(path))


def _ports(settings: Settings) -> Iterator[Finding]:
    for name, listen, host, port in (
        ("HTTP port", listen_public, settings.http_host, settings.http_port),
        ("inner port", listen_inner, settings.inner_host, settings.inner_port),
    ):
        try:
            listen(settings).close()
            yield Finding(name, True, f"{host}:{port} is free")
        except Refused as error:
            text, _, mend = str(error).partition(": ")
            yield Finding(name, False, text, mend)
    if EDGE not in settings.parts:
        return
    try:
        check_sip_port(settings.sip_host, settings.sip_port)
        yield Finding("SIP port", True, f"{settings.sip_host}:{settings.sip_port} is free, UDP and TCP")
    except Refused as error:
        text, _, mend = str(error).partition(": ")
        yield Finding("SIP port", False, text, mend)


def _part(name: str, part: dict[str, object]) -> Finding:
    state, alarm = State(str(part["state"])), str(part["alarm"])
    running = state is State.RUNNING
    text = f"{state.value}, restarted {part['restarts']} times"
    if not running or alarm:
        text += f": {alarm or part['detail']}"
    needed = state is not State.ABSENT and not running
    return Finding(f"part {name}", running and not alarm, text, "the node's log says why", needed=needed)


def _trunk(trunk: Mapping[str, Any]) -> Finding:
    mend = "look at its name, its address and the network, and see `renvoi trunk test`"
    name, ok = trunkreport.PART + trunk["name"], trunkreport.is_well(trunk)
    return Finding(name, ok, trunkreport.describe(trunk), mend, needed=False)
