"""What each part does: its arguments name it, its environment has the settings."""

import importlib
import os
import socket
import sys

import structlog

from renvoi import logs
from renvoi.adapters.sql.sqlite import STATEMENTS
from renvoi.application.ports.errors import StoreMismatch, StoreUnavailable
from renvoi.configuration.setting_sources import from_environment
from renvoi.configuration.settings import Settings
from renvoi.domain.shared_key import KeysInvalid
from renvoi.node.entrypoints.certificates import fetch_certificates
from renvoi.node.entrypoints.child_main import run
from renvoi.node.entrypoints.collector import collect_calls
from renvoi.node.entrypoints.http import serve_api
from renvoi.node.entrypoints.mailer import send_mails
from renvoi.node.entrypoints.voicemail import take_messages
from renvoi.node.entrypoints.webhooks import send_webhooks
from renvoi.voicemail.greetings import encode_all

LOADED_LATE = ("pydantic.v1", "uvicorn.lifespan.off")
"""What libraries load when they are used: FastAPI with the first route that is made, uvicorn when it serves."""


def load() -> None:
    """Make ready what parts use, for all that are forked from this process."""
    for name in LOADED_LATE:
        importlib.import_module(name)
    STATEMENTS.compile_named()
    encode_all()


def load_more() -> None:
    """Load what takes a store on a server."""
    importlib.import_module("renvoi.adapters.sql.postgres")


def main(arguments: list[str]) -> None:
    """Do the work of the part that `arguments` name."""
    settings = from_environment(os.environ)
    logs.configure("json", settings.log_level)
    try:
        _run(arguments, settings)
    except (StoreMismatch, StoreUnavailable, KeysInvalid) as error:
        structlog.get_logger("node").error(str(error))
        sys.exit(1)


def _run(arguments: list[str], settings: Settings) -> None:
    match arguments:
        case ["http", public_fd, inner_fd]:
            public, inner = socket.socket(fileno=int(public_fd)), socket.socket(fileno=int(inner_fd))
            run(lambda stop, _: serve_api(settings, public, inner, stop))
        case ["collector"]:
            run(lambda stop, heartbeat: collect_calls(settings, stop, heartbeat))
        case ["voicemail", fd, index, workers]:
            sip = socket.socket(fileno=int(fd))
            run(lambda stop, heartbeat: take_messages(settings, sip, int(index), int(workers), stop, heartbeat))
        case ["certificates"]:
            run(lambda stop, heartbeat: fetch_certificates(settings, stop, heartbeat))
        case ["webhooks"]:
            run(lambda stop, heartbeat: send_webhooks(settings, stop, heartbeat))
        case ["mailer"]:
            run(lambda stop, heartbeat: send_mails(settings, stop, heartbeat))
        case _:
            raise ValueError(f"there is no part {arguments}")
