"""The passwords of a trunk on the command line: from a file or standard input, as arguments are seen by everybody."""

import sys
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from renvoi.application.errors import OperatorError
from renvoi.application.ports.unit_of_work import Store
from renvoi.cli.base import load, program_of, usage_error

MOST_CHARACTERS = 128
"""Of a password."""
LEAST_CHARACTERS = {"outbound": 1, "inbound": 8}
"""Of a password that we are shown: strangers guess at it."""
PASSWORD_OPTIONS = {"outbound": "--password-file", "inbound": "--inbound-password-file"}
_MOST_BYTES = 1024
_STANDARD_INPUT = "-"

PasswordFile = Annotated[
    Path | None,
    typer.Option("--password-file", metavar="FILE|-", help="Has the password of --user; - reads standard input"),
]
InboundPasswordFile = Annotated[
    Path | None,
    typer.Option("--inbound-password-file", metavar="FILE|-", help="Has the password of --inbound-user"),
]


def read_passwords(outbound: Path | None, inbound: Path | None) -> Mapping[str, str]:
    """Return the passwords in files, by the kind of trunk that they are for.

    Raises:
        OperatorError: a file cannot be read, or has no password.
    """
    files = {kind: path for kind, path in (("outbound", outbound), ("inbound", inbound)) if path is not None}
    if [str(path) for path in files.values()].count(_STANDARD_INPUT) > 1:
        usage_error("standard input has one password: give the other one in a file")
    return {kind: read_password(path, LEAST_CHARACTERS[kind]) for kind, path in files.items()}


def read_password(path: Path, least: int) -> str:
    """Return the one line of a file, or of standard input.

    Raises:
        OperatorError: it cannot be read, or has no password.
    """
    try:
        with nullcontext(sys.stdin.buffer) if str(path) == _STANDARD_INPUT else path.open("rb") as file:
            content = file.read(_MOST_BYTES)
        password = content.decode("utf-8-sig").removesuffix("\n").removesuffix("\r")
    except OSError as error:
        raise OperatorError(f"the password in {path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError:
        # Not chained: it has what it could not read.
        raise OperatorError(f"the password in {path} is not UTF-8") from None
    if not password.isprintable() or not 0 < len(password) <= MOST_CHARACTERS:
        raise OperatorError(f"{path} does not have a password in one line of up to {MOST_CHARACTERS} characters")
    if len(password) < least:
        raise OperatorError(f"the password in {path} is too short: strangers guess at it, so give {least} characters")
    return password


async def sealed(
    ctx: typer.Context, data: Path | None, store: Store, secrets: Mapping[str, str]
) -> Mapping[str, bytes]:
    """Return the secrets of a trunk, by their names, as the store keeps them."""
    if not secrets:
        return {}
    kept = await store.read(lambda reader: reader.secrets())
    settings, program = load(ctx, data), program_of(ctx)
    return {name: program.seal(settings, kept, name, secret) for name, secret in secrets.items()}
