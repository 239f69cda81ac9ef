"""Commands of the parts that are Python processes of our own."""

import os
import re
import sys
from collections.abc import Collection, Sequence
from pathlib import Path

from renvoi.node.part import Command
from renvoi.settings import ENV_PREFIX, Settings

_SETPCAP = 1 << 8
_CONFINED = (
    *("setpriv", "--no-new-privs", "--inh-caps=-all"),
    # Files of a data directory may belong to Kamailio's user, or to whoever made it.
    *("--bounding-set=-all,+dac_override,+chown,+fowner", "--"),
)
"""What a part of ours keeps of root's rights when renvoi is started as root (capabilities(7))."""


STORE_SECRETS = frozenset({"database_url"})
"""What a part needs that works with the store."""
MAIL_SECRETS = STORE_SECRETS | {"smtp_url", "dkim_key_file"}
"""What the mailer needs."""


def python_command(
    settings: Settings,
    arguments: Sequence[str],
    fds: tuple[int, ...] = (),
    secrets: Collection[str] = STORE_SECRETS,
) -> Command:
    """Return the command of the part that `arguments` name, with these very settings whatever their sources were.

    Of settings that are secrets it gets those in `secrets` only.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith(ENV_PREFIX)}
    confined = _CONFINED if _can_drop_rights() else ()
    command = (*confined, sys.executable, "-m", "renvoi.node", *arguments)
    return Command(command, environment | settings.environment(secrets), fds)


def _can_drop_rights() -> bool:
    found = re.search(r"^CapEff:\s*([0-9a-f]+)$", Path("/proc/self/status").read_text("ascii"), re.MULTILINE)
    return os.geteuid() == 0 and found is not None and bool(int(found[1], 16) & _SETPCAP)
