"""Entry of the child processes: `python -m renvoi.node PART …`, with settings from the environment."""

import os
import socket
import sys

# structlog loads it for colours, and a part's log is JSON: a fifth of a second for each part of a node that starts.
sys.modules.setdefault("rich", None)  # type: ignore[arg-type]  # None is how Python is told that there is no such module

import structlog  # noqa: E402 - after what keeps it from loading more

from renvoi import logs  # noqa: E402
from renvoi.application.ports.errors import StoreMismatch, StoreUnavailable  # noqa: E402
from renvoi.domain.access.shared_key import KeysInvalid  # noqa: E402
from renvoi.node.entrypoints.child_main import run  # noqa: E402
from renvoi.setting_sources import from_environment  # noqa: E402
from renvoi.settings import Settings  # noqa: E402


def main(arguments: list[str]) -> None:
    """Do the work of the part that `arguments` name; each loads only what it needs, to be back soon after a crash."""
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
            from renvoi.node.entrypoints.http import serve_api  # noqa: PLC0415 - see above

            public, inner = socket.socket(fileno=int(public_fd)), socket.socket(fileno=int(inner_fd))
            run(lambda stop, _: serve_api(settings, public, inner, stop))
        case ["collector"]:
            from renvoi.node.entrypoints.collector import collect_calls  # noqa: PLC0415 - see above

            run(lambda stop, pulse: collect_calls(settings, stop, pulse))
        case ["voicemail", fd, index, workers]:
            from renvoi.node.entrypoints.voicemail import take_messages  # noqa: PLC0415 - see above

            sip = socket.socket(fileno=int(fd))
            run(lambda stop, pulse: take_messages(settings, sip, int(index), int(workers), stop, pulse))
        case ["certificates"]:
            from renvoi.node.entrypoints.certificates import fetch_certificates  # noqa: PLC0415 - see above

            run(lambda stop, pulse: fetch_certificates(settings, stop, pulse))
        case ["mailer"]:
            from renvoi.node.entrypoints.mailer import send_mails  # noqa: PLC0415 - see above

            run(lambda stop, pulse: send_mails(settings, stop, pulse))
        case _:
            sys.exit("this is started by `renvoi serve`")


if __name__ == "__main__":
    main(sys.argv[1:])
