"""Commands of the parts that are Python processes of our own."""

import os
import sys
from collections.abc import Sequence

from renvoi.node.part import Command
from renvoi.settings import ENV_PREFIX, Settings


def python_command(settings: Settings, arguments: Sequence[str], fds: tuple[int, ...] = ()) -> Command:
    """Return the command of the part that `arguments` name, with these very settings whatever their sources were."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(ENV_PREFIX)}
    return Command((sys.executable, "-m", "renvoi.node", *arguments), environment | settings.environment(), fds)
