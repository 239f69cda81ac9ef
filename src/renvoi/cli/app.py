"""The commands, and the entry point of the program."""

import errno
import os
import sys
from typing import Annotated

import typer

from renvoi import (
    __version__,
    plain_structlog,  # noqa: F401 - before what loads structlog
)
from renvoi.bootstrap import Renvoi
from renvoi.cli import (
    audit,
    call_traces,
    calls,
    forward,
    node,
    number_show,
    removals,
    rules,
    store,
    webhook_history,
)
from renvoi.cli.accounts import account_commands
from renvoi.cli.base import REFUSED, Config, Data, group
from renvoi.cli.keys import key_commands
from renvoi.cli.limits import limit_commands
from renvoi.cli.messages import message_commands
from renvoi.cli.numbers import greeting_commands, number_commands
from renvoi.cli.policies import policy_commands
from renvoi.cli.rates import rate_commands
from renvoi.cli.rule_imports import rule_commands
from renvoi.cli.trunks import trunk_commands
from renvoi.cli.users import make_link, user_commands
from renvoi.cli.webhooks import show_events, webhook_commands

_CANNOT_WRITE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})
"""What ends a write to a file that was opened, such as what standard output leads to."""

app = group("renvoi: virtual phone numbers, forwarded by one HTTP call.", completion=True)
app.command("serve")(node.serve)
app.command("check")(node.check)
app.command("demo")(node.seed_demo)
account_commands.command("show")(removals.show_account)
account_commands.command("close")(removals.close_account)
app.add_typer(account_commands, name="account")
app.add_typer(key_commands, name="key")
app.add_typer(user_commands, name="user")
app.command("sign-in-link")(make_link)
number_commands.command("move")(removals.move_number)
number_commands.command("remove")(removals.remove_number)
number_commands.command("show")(number_show.show_number)
app.add_typer(number_commands, name="number")
app.add_typer(trunk_commands, name="trunk")
app.add_typer(policy_commands, name="policy")
app.add_typer(limit_commands, name="limits")
app.add_typer(rate_commands, name="rates")
app.command("forward")(forward.forward)
app.add_typer(rule_commands, name="rules")
app.add_typer(greeting_commands, name="greeting")
app.command("explain")(rules.explain_call)
app.command("try")(calls.try_call)
calls.call_commands.command("show")(call_traces.show_calls)
app.add_typer(calls.call_commands, name="calls")
app.command("audit")(audit.list_changes)
app.add_typer(message_commands, name="messages")
webhook_commands.command("history")(webhook_history.show_history)
app.add_typer(webhook_commands, name="webhook")
app.command("events")(show_events)
app.command("migrate")(store.migrate)
app.command("backup")(store.back_up)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"renvoi {__version__}")
        raise typer.Exit


@app.callback()
def main(
    data: Data = None,
    config: Config = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version")
    ] = False,
) -> None:
    """Virtual phone numbers: one HTTP call decides where the next call goes."""


def run() -> None:
    """Run the command line; ends the process with its exit code."""
    _open_missing_streams()
    try:
        app(obj=Renvoi(os.environ), prog_name="renvoi")
    except OSError as error:
        if error.filename is not None or error.errno not in _CANNOT_WRITE:
            raise
        # Python would write what it still has at its exit, and complain again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        typer.echo(f"renvoi: the output cannot be written: {error.strerror}; what was asked may be done", err=True)
        sys.exit(REFUSED)


def _open_missing_streams() -> None:
    """Have standard input, output and errors lead nowhere where they are closed: files would take their places."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            # The lowest free number is the one that is missing, as those before it are there.
            os.open(os.devnull, os.O_RDWR)
            setattr(sys, name, os.fdopen(number, "w" if number else "r", encoding="utf-8"))
