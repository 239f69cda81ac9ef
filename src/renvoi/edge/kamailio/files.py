"""Files that Kamailio's user reads, and nobody else."""

import os
from pathlib import Path

from renvoi.edge.config import EdgeConfig
from renvoi.edge.identity import files as identity
from renvoi.edge.sandbox import EdgeUser


def copy_identity(config: EdgeConfig, user: EdgeUser | None) -> None:
    """Copy the files of signed identity to where `user` finds them.

    One that cannot be read stays as it was copied last: calls are forwarded though a key was moved away.
    """
    for source, name in (
        (config.identity_key, identity.KEY),
        (config.identity_certificate, identity.CERTIFICATE),
        (config.identity_trusted, identity.TRUSTED),
    ):
        copy = config.directory / name
        if source is None:
            copy.unlink(missing_ok=True)
            continue
        try:
            text = source.read_text("ascii")
        except (OSError, UnicodeDecodeError):
            continue
        replace(copy, text, user)


def replace(path: Path, text: str, user: EdgeUser | None) -> None:
    """Put `text` into `path` in one step, for `user` alone to read (and root).

    Not by its group: that of nobody is nogroup, which strange services share, and some of these files hold passwords.
    """
    temporary = path.with_name(path.name + ".new")
    fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(fd, "w", encoding="utf-8") as file:
        file.write(text)
        if user is not None:
            os.fchown(fd, user.uid, -1)
            os.fchmod(fd, 0o400)
    temporary.replace(path)
