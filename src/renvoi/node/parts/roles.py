"""What a node does, which settings contradict that, and why it does not do the rest."""

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Final

from renvoi.application.errors import OperatorError
from renvoi.configuration.setting_types import API, EDGE, VOICEMAIL
from renvoi.configuration.settings import Settings
from renvoi.domain.bilingual import french_of
from renvoi.node.parts.edge import edge_of
from renvoi.node.parts.health import worker_count

COLLECTOR, MAILER = "collector", "mailer"
"""Parts that a node has for the sake of others."""
CERTIFICATES = "certificates"
"""One that a node has while a trunk of its edge verifies signed identity."""
WEBHOOKS: Final = "webhooks"
"""One that a node with the API has while there is a webhook."""
FORK_SERVER = "fork-server"
"""What the Python parts are forked from."""


def check_duties(settings: Settings, *, calls: bool = True) -> None:
    """Check that the settings of what a node does go together; `calls` is False for `--no-calls`.

    Raises:
        OperatorError: they don't.
    """
    if not calls and settings.only is not None:
        raise OperatorError("--no-calls and --only (RENVOI_ONLY) both say what this node does: give one of them")
    if settings.voicemail_nodes and EDGE not in settings.parts:
        raise OperatorError("RENVOI_VOICEMAIL_NODES is for nodes with an edge, and RENVOI_ONLY leaves it out: unset it")
    if VOICEMAIL in settings.parts and calls:
        _check_voicemail(settings)


def _check_voicemail(settings: Settings) -> None:
    if settings.only is not None and worker_count(settings) == 0:
        raise OperatorError("RENVOI_ONLY names voicemail, and RENVOI_VOICEMAIL_WORKERS is 0: change one of them")
    inside = ip_address(settings.voicemail_host).is_loopback
    strangers = [str(network) for network in settings.voicemail_networks if not network.is_loopback]
    if not inside and not strangers:
        raise OperatorError(
            f"RENVOI_VOICEMAIL_HOST is {settings.voicemail_host}, and RENVOI_VOICEMAIL_PEERS names no other machine: "
            "give the networks of the edges"
        )
    if inside and strangers:
        raise OperatorError(
            f"RENVOI_VOICEMAIL_PEERS names {strangers[0]}, which cannot reach RENVOI_VOICEMAIL_HOST "
            f"{settings.voicemail_host}: give this machine's address there"
        )
    if settings.voicemail_port == 0 and not (inside and EDGE in settings.parts):
        raise OperatorError("edges on other nodes must know where the voicemail is: set RENVOI_VOICEMAIL_PORT")


def absences(settings: Settings, *, calls: bool = True) -> Mapping[str, str]:
    """Return each part that the node does not have, with the reason.

    Raises:
        OperatorError: this machine lacks what it takes for one that was asked for by name.
    """
    why = f"not among what this node does: {settings.only}"
    absent = {part: why for part in (API, EDGE, VOICEMAIL) if part not in settings.parts}
    if not calls:
        absent |= dict.fromkeys((EDGE, VOICEMAIL), "started with --no-calls")
    elif EDGE not in absent and (missing := edge_of(settings).missing()) is not None:
        if settings.only is not None:
            raise OperatorError(missing, french_of(missing))
        # Without the edge no call reaches the voicemail.
        absent |= dict.fromkeys((EDGE, VOICEMAIL), str(missing))
    if worker_count(settings) == 0:
        absent.setdefault(VOICEMAIL, "no workers")
    if not settings.parts & {EDGE, VOICEMAIL}:
        absent[COLLECTOR] = why
    if VOICEMAIL not in settings.parts:
        absent[MAILER] = why
    return absent
