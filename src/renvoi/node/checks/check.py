"""`renvoi check`: what is installed, reachable and misconfigured, and what to do about it."""

import asyncio
import os
import platform
import stat
from collections.abc import Iterator, Mapping
from typing import Any

from renvoi.application.errors import OperatorError
from renvoi.call_records.dead_letters import DeadLetters
from renvoi.configuration.setting_files import TOML_NAME
from renvoi.configuration.setting_types import EDGE
from renvoi.configuration.settings import Settings
from renvoi.domain.bilingual import Bilingual
from renvoi.domain.hosts import host_and_port
from renvoi.node.checks import test_call
from renvoi.node.checks.results import Finding, finding_of
from renvoi.node.checks.store import check_store
from renvoi.node.checks.voicemail import check_voicemail
from renvoi.node.control import control, trunk_reports
from renvoi.node.parts.edge import edge_of
from renvoi.node.parts.roles import check_duties
from renvoi.node.parts.sockets import check_sip_port, listen_inner, listen_public
from renvoi.node.parts.supervised_process import State

_STATES: Mapping[State, str] = {
    State.ABSENT: "absent",
    State.STARTING: "démarre",
    State.RUNNING: "fonctionne",
    State.WAITING: "attend",
    State.STOPPED: "arrêté",
}


async def check(settings: Settings) -> list[Finding]:
    """Look at everything that a node needs, by the settings of the one that runs if any does; changes nothing."""
    try:
        node = await control.find_node(settings)
    except control.NoNode:
        named = Bilingual(
            "renvoi serve, or name its directory with --data", "renvoi serve, ou nommez son répertoire par --data"
        )
        text = Bilingual(f"no node runs on {settings.data_dir}", f"aucun nœud ne fonctionne sur {settings.data_dir}")
        todo = "renvoi serve" if settings.data_dir.is_dir() else named
        absent = Finding("node", False, text, todo, needed=False)
        return [*await _needs(settings), _tracing(settings, None), absent, *_ports(settings)]
    except control.ControlError as error:
        return [
            *await _needs(settings),
            Finding(
                "node",
                False,
                Bilingual(f"it does not answer: {error}", f"il ne répond pas\u00a0: {error}"),
                Bilingual("look at its log, then restart it", "regardez son journal, puis redémarrez-le"),
            ),
        ]
    findings = [
        *_told(node),
        *_reloads(node.status.get("reloads")),
        *await _needs(node.settings),
        _tracing(node.settings, node.status.get("tracing")),
    ]
    findings += [_part(name, part) for name, part in node.status["parts"].items()]
    # A node that has not been started again since an upgrade says nothing of the second.
    unheard = node.status.get("unheard", {})
    return findings + [_trunk(trunk) for trunk in node.status["trunks"]] + [_unheard(*each) for each in unheard.items()]


def _tracing(settings: Settings, told: Mapping[str, str] | None) -> Finding:
    """Say whether copies of SIP messages are sent, and what the edge of a running node says of that."""
    if settings.hep_url is None:
        off = Bilingual(
            "off: no copies of SIP messages are sent (RENVOI_HEP_URL)",
            "éteintes\u00a0: aucune copie des messages SIP n’est envoyée (RENVOI_HEP_URL)",
        )
        return Finding("tracing", True, off)
    text = f"on: copies of all SIP messages go to {settings.hep_url}, capture id {settings.hep_id}"
    french = f"allumées\u00a0: copies de tous les messages SIP vers {settings.hep_url}, capture id {settings.hep_id}"
    if told is None:
        return Finding("tracing", True, Bilingual(text, french))
    if told["error"] or not told["address"]:
        text += f", but not from the edge: {told['error'] or 'the server is being looked up'}"
        french += f", mais pas de l’edge\u00a0: {told['error'] or 'le serveur est en cours de recherche'}"
        advice = Bilingual("check RENVOI_HEP_URL and RENVOI_SIP_HOST", "vérifiez RENVOI_HEP_URL et RENVOI_SIP_HOST")
        return Finding("tracing", False, Bilingual(text, french), advice, needed=False)
    return Finding("tracing", True, Bilingual(f"{text}, at {told['address']}", f"{french}, à {told['address']}"))


def _told(node: control.Running) -> Iterator[Finding]:
    """Say by whose settings all else is found out."""
    if node.unknown:
        advice = "restart it with this version; until then these checks use this command's settings"
        yield Finding("node", False, node.unknown, advice, needed=False)
        return
    text, french = (
        "it runs, and the checks below use its settings",
        "il fonctionne, et les contrôles ci-dessous prennent ses réglages",
    )
    if node.adopted:
        text += f", not this command's: {'; '.join(node.adopted)}"
        french += f", non ceux de cette commande\u00a0: {'; '.join(node.adopted)}"
    yield Finding("node", True, Bilingual(text, french))
    for difference in node.foreign:
        advice = "give this command the node's value; the checks below use the command's own"
        yield Finding("node's settings", False, difference, advice, needed=False)


def _reloads(told: Mapping[str, Any] | None) -> Iterator[Finding]:
    """Say what has come of settings that the node was told to read again."""
    if told is None:
        return
    if told["refused"]:
        text = Bilingual(f"not read again: {told['refused']}", f"non relus\u00a0: {told['refused']}")
        advice = Bilingual("correct that, then reload the node once more", "corrigez cela, puis rechargez le nœud")
        yield Finding("new settings", False, text, advice, needed=False)
    if told["waiting"]:
        names = ", ".join(told["waiting"])
        text = Bilingual(
            f"these have changed, and count from the next start on: {names}",
            f"ceux-ci ont changé, et compteront au prochain démarrage\u00a0: {names}",
        )
        advice = Bilingual("restart the node", "redémarrez le nœud")
        yield Finding("new settings", False, text, advice, needed=False)


async def _needs(settings: Settings) -> list[Finding]:
    findings = [Finding("python", True, platform.python_version()), *_programs(settings), _data(settings)]
    findings.append(_settings_file(settings))
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
        advice = Bilingual(
            f"give this user access to {letters.directory}, or run this as the node's user",
            f"donnez à cet utilisateur l’accès à {letters.directory}, ou lancez ceci sous celui du nœud",
        )
        text = Bilingual(f"cannot be listed: {error.strerror}", f"ne peuvent être listés\u00a0: {error.strerror}")
        yield Finding("dead letters", False, text, advice, needed=False)
        return
    if held:
        advice = Bilingual(
            "see what they say (docs/operating/watching.md, Dead letters), then remove the files",
            "voyez ce qu’ils disent (docs/operating/watching.md, Dead letters), puis supprimez les fichiers",
        )
        text = Bilingual(f"{held} in {letters.directory}", f"{held.french} dans {letters.directory}")
        yield Finding("dead letters", False, text, advice, needed=False)


def _programs(settings: Settings) -> Iterator[Finding]:
    if EDGE not in settings.parts:
        return
    missing = edge_of(settings).missing()
    there = Finding("calls", True, Bilingual("Kamailio is installed", "Kamailio est installé"), needed=False)
    yield there if missing is None else finding_of("calls", missing, needed=False)
    try:
        found = test_call.find_sipp()
        yield Finding("try", True, Bilingual(f"SIPp is {found}", f"SIPp est {found}"), needed=False)
    except OperatorError as error:
        yield finding_of("try", error, needed=False)


def _settings_file(settings: Settings) -> Finding:
    """Say which file it is; one that others may read or change too freely has ended the command before."""
    path, name = settings.config_file or settings.data_dir / TOML_NAME, "settings file"
    try:
        return Finding(name, True, f"{path}, mode {stat.S_IMODE(path.stat().st_mode):04o}")
    except FileNotFoundError:
        return Finding(name, True, Bilingual(f"none: {path} is not there", f"aucun\u00a0: {path} n’existe pas"))
    except OSError as error:
        advice = Bilingual("run this as the node's user", "lancez ceci sous l’utilisateur du nœud")
        return Finding(name, False, f"{path}: {error.strerror}", advice, needed=False)


def _data(settings: Settings) -> Finding:
    path = settings.data_dir
    if not path.is_dir():
        text = Bilingual(f"{path} is not there yet", f"{path} n’existe pas encore")
        return Finding(
            "data", False, text, Bilingual("`renvoi serve` makes it", "`renvoi serve` le crée"), needed=False
        )
    if not os.access(path, os.W_OK | os.X_OK):
        text = Bilingual(f"{path} cannot be written by this user", f"{path} ne peut être écrit par cet utilisateur")
        advice = Bilingual(
            f"make this user its owner: chown {path}", f"faites de cet utilisateur son propriétaire\u00a0: chown {path}"
        )
        return Finding("data", False, text, advice)
    return Finding("data", True, str(path))


def _ports(settings: Settings) -> Iterator[Finding]:
    for name, listen, host, port in (
        ("HTTP port", listen_public, settings.http_host, settings.http_port),
        ("inner port", listen_inner, settings.inner_host, settings.inner_port),
    ):
        try:
            listen(settings).close()
            free = Bilingual(f"{host}:{port} is free", f"{host}:{port} est libre")
            any_free = Bilingual(
                f"a free port of {host}, chosen at each start", f"un port libre de {host}, choisi à chaque démarrage"
            )
            yield Finding(name, True, free if port else any_free)
        except OperatorError as error:
            yield finding_of(name, error)
    if EDGE not in settings.parts:
        return
    for host in settings.sip_hosts:
        try:
            check_sip_port(host, settings.sip_port)
            place = host_and_port(host, settings.sip_port)
            yield Finding(
                "SIP port", True, Bilingual(f"{place} is free, UDP and TCP", f"{place} est libre, en UDP et en TCP")
            )
        except OperatorError as error:
            yield finding_of("SIP port", error)


def _part(name: str, part: dict[str, object]) -> Finding:
    state, alarm = State(str(part["state"])), str(part["alarm"])
    runs, wanted = state is State.RUNNING, state is not State.ABSENT
    text, french = state.value, _STATES[state]
    if part["restarts"]:
        text += f", restarts: {part['restarts']}"
        french += f", redémarrages\u00a0: {part['restarts']}"
    why = alarm or (not runs and part["detail"])
    if why:
        text += f": {why}"
        french += f"\u00a0: {why}"
    advice = Bilingual(
        "look at the node's log; a part needs some seconds to start",
        "regardez le journal du nœud\u00a0; un composant met quelques secondes à démarrer",
    )
    is_well = not alarm and (runs or not wanted)
    return Finding(f"part {name}", is_well, Bilingual(text, french), advice, needed=wanted and not runs)


def _unheard(trunk: str, why: str) -> Finding:
    command = "`renvoi trunk set NAME --inbound-password-file FILE`"
    advice = Bilingual(
        f"the line about secrets says why; {command} sets another one",
        f"la ligne des secrets dit pourquoi\u00a0; {command} en définit un autre",
    )
    return Finding(f"calls of trunk {trunk}", False, trunk_reports.describe_unheard(why), advice, needed=False)


def _trunk(trunk: Mapping[str, Any]) -> Finding:
    advice = Bilingual(
        "check its name, its address and the network with `renvoi trunk test`",
        "vérifiez son nom, son adresse et le réseau par `renvoi trunk test`",
    )
    name, ok = trunk_reports.PART + trunk["name"], trunk_reports.is_well(trunk)
    return Finding(name, ok, trunk_reports.describe(trunk), advice, needed=False)
