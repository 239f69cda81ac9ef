"""`renvoi check`: what is installed, reachable and misconfigured, and what to do about it."""

import asyncio
import os
import platform
from collections.abc import Iterator, Mapping
from typing import Any

from renvoi.application.errors import OperatorError
from renvoi.call_records.dead_letters import DeadLetters
from renvoi.node.checks import test_call
from renvoi.node.checks.check_store import check_store
from renvoi.node.checks.check_voicemail import check_voicemail
from renvoi.node.checks.results import Finding
from renvoi.node.supervisor import control, trunks
from renvoi.node.supervisor.edge import edge_of
from renvoi.node.supervisor.roles import EDGE, check_duties
from renvoi.node.supervisor.sockets import check_sip_port, listen_inner, listen_public
from renvoi.node.supervisor.supervised_process import State
from renvoi.settings import Settings


async def check(settings: Settings) -> list[Finding]:
    """Look at everything that a node needs, by the settings of the one that runs if any does; changes nothing."""
    try:
        node = await control.find_node(settings)
    except control.NoNode:
        todo = "renvoi serve" if settings.data_dir.is_dir() else "renvoi serve, or name its directory with --data"
        absent = Finding("node", False, f"no node runs on {settings.data_dir}", todo, needed=False)
        return [*await _needs(settings), absent, *_ports(settings)]
    except control.ControlError as error:
        return [
            *await _needs(settings),
            Finding("node", False, f"it does not answer: {error}", "look at its log, then restart it"),
        ]
    findings = [*_told(node), *await _needs(node.settings)]
    findings += [_part(name, part) for name, part in node.status["parts"].items()]
    return findings + [_trunk(trunk) for trunk in node.status["trunks"]]


def _told(node: control.Running) -> Iterator[Finding]:
    """Say by whose settings all else is found out."""
    if node.unknown:
        advice = "restart it with this version; until then these checks use this command's settings"
        yield Finding("node", False, node.unknown, advice, needed=False)
        return
    text = "it runs, and the checks below use its settings"
    if node.adopted:
        text += f", not this command's: {'; '.join(node.adopted)}"
    yield Finding("node", True, text)
    for difference in node.foreign:
        advice = "give this command the node's value; the checks below use the command's own"
        yield Finding("node's settings", False, difference, advice, needed=False)


async def _needs(settings: Settings) -> list[Finding]:
    findings = [Finding("python", True, platform.python_version()), *_programs(settings), _data(settings)]
    try:
        check_duties(settings)
    except OperatorError as error:
        text, _, advice = str(error).rpartition(": ")
        findings.append(Finding("settings", False, text, advice))
    findings += await check_store(settings)
    findings += await check_voicemail(settings)
    return [*findings, *await asyncio.to_thread(lambda: list(_dead_letters(settings)))]


def _dead_letters(settings: Settings) -> Iterator[Finding]:
    letters = DeadLetters(settings.dead_letters_dir)
    try:
        held = letters.held()
    except OSError as error:
        advice = f"give this user access to {letters.directory}, or run this as the node's user"
        yield Finding("dead letters", False, f"cannot be listed: {error.strerror}", advice, needed=False)
        return
    if held:
        advice = "see what they say (docs/operating.md, Dead letters), then remove the files"
        yield Finding("dead letters", False, f"{held} in {letters.directory}", advice, needed=False)


def _programs(settings: Settings) -> Iterator[Finding]:
    if EDGE not in settings.parts:
        return
    missing = edge_of(settings).missing()
    text, _, advice = (missing or "Kamailio is installed").partition(": ")
    yield Finding("calls", missing is None, text, advice, needed=False)
    try:
        yield Finding("try", True, f"SIPp is {test_call.find_sipp()}", needed=False)
    except OperatorError as error:
        text, _, advice = str(error).partition(": ")
        yield Finding("try", False, text, advice, needed=False)


def _data(settings: Settings) -> Finding:
    path = settings.data_dir
    if not path.is_dir():
        return Finding("data", False, f"{path} is not there yet", "`renvoi serve` makes it", needed=False)
    if not os.access(path, os.W_OK | os.X_OK):
        return Finding(
            "data", False, f"{path} cannot be written by this user", f"make this user its owner: chown {path}"
        )
    return Finding("data", True, str(path))


def _ports(settings: Settings) -> Iterator[Finding]:
    for name, listen, host, port in (
        ("HTTP port", listen_public, settings.http_host, settings.http_port),
        ("inner port", listen_inner, settings.inner_host, settings.inner_port),
    ):
        try:
            listen(settings).close()
            yield Finding(
                name, True, f"{host}:{port} is free" if port else f"a free port of {host}, chosen at each start"
            )
        except OperatorError as error:
            text, _, advice = str(error).partition(": ")
            yield Finding(name, False, text, advice)
    if EDGE not in settings.parts:
        return
    try:
        check_sip_port(settings.sip_host, settings.sip_port)
        yield Finding("SIP port", True, f"{settings.sip_host}:{settings.sip_port} is free, UDP and TCP")
    except OperatorError as error:
        text, _, advice = str(error).partition(": ")
        yield Finding("SIP port", False, text, advice)


def _part(name: str, part: dict[str, object]) -> Finding:
    state, alarm = State(str(part["state"])), str(part["alarm"])
    runs, wanted = state is State.RUNNING, state is not State.ABSENT
    text = state.value
    if part["restarts"]:
        text += f", restarts: {part['restarts']}"
    why = alarm or (not runs and part["detail"])
    if why:
        text += f": {why}"
    advice = "look at the node's log; a part needs some seconds to start"
    return Finding(f"part {name}", not alarm and (runs or not wanted), text, advice, needed=wanted and not runs)


def _trunk(trunk: Mapping[str, Any]) -> Finding:
    advice = "check its name, its address and the network with `renvoi trunk test`"
    name, ok = trunks.PART + trunk["name"], trunks.is_well(trunk)
    return Finding(name, ok, trunks.describe(trunk), advice, needed=False)
