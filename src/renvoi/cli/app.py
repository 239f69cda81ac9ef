"""The commands, and the entry point of the program."""

import os
from typing import Annotated

import typer

from renvoi import __version__
from renvoi.bootstrap import Renvoi
from renvoi.cli import audit, call_traces, calls, node, rules, store
from renvoi.cli.accounts import account_commands, key_commands
from renvoi.cli.base import Data, group
from renvoi.cli.limits import limit_commands
from renvoi.cli.messages import message_commands
from renvoi.cli.numbers import greeting_commands, number_commands
from renvoi.cli.policies import policy_commands
from renvoi.cli.rates import rate_commands
from renvoi.cli.trunks import trunk_commands

app = group("renvoi: virtual phone numbers, forwarded by one HTTP call.", completion=True)
app.command("serve")(node.serve)
app.command("check")(node.check)
app.command("demo")(node.seed_demo)
app.add_typer(account_commands, name="account")
app.add_typer(key_commands, name="key")
app.add_typer(number_commands, name="number")
app.add_typer(trunk_commands, name="trunk")
app.add_typer(policy_commands, name="policy")
app.add_typer(limit_commands, name="limits")
app.add_typer(rate_commands, name="rates")
app.command("forward")(rules.forward)
app.add_typer(greeting_commands, name="greeting")
app.command("explain")(rules.explain_call)
app.command("try")(calls.try_call)
calls.call_commands.command("show")(call_traces.show_calls)
app.add_typer(calls.call_commands, name="calls")
app.command("audit")(audit.list_changes)
app.add_typer(message_commands, name="messages")
app.command("migrate")(store.migrate)
app.command("backup")(store.back_up)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"renvoi {__version__}")
        raise typer.Exit


@app.callback()
def main(
    data: Data = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version")
    ] = False,
) -> None:
    """Virtual phone numbers: one HTTP call decides where the next call goes."""


def run() -> None:
    """Run the command line; ends the process with its exit code."""
    app(obj=Renvoi(os.environ), prog_name="renvoi")
