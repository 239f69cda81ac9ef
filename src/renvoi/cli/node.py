"""`renvoi serve`, `check` and `demo`."""

import asyncio
from typing import Annotated

import typer

from renvoi.application import demo
from renvoi.cli.base import REFUSED, Config, Data, Json, load, places_of, program_of, with_store
from renvoi.cli.output import finding_rows, show_findings, show_json


def serve(
    ctx: typer.Context,
    data: Data = None,
    config: Config = None,
    http_host: Annotated[str | None, typer.Option(help="Address of the API [default: 127.0.0.1]")] = None,
    http_port: Annotated[str | None, typer.Option(help="Port of the API [default: 8080]")] = None,
    sip_host: Annotated[str | None, typer.Option(help="Address that calls come to [default: 127.0.0.1]")] = None,
    sip_port: Annotated[str | None, typer.Option(help="Port that calls come to [default: 5060]")] = None,
    log_format: Annotated[str | None, typer.Option(help="console or json")] = None,
    log_level: Annotated[str | None, typer.Option(help="debug, info, warning or error")] = None,
    only: Annotated[
        str | None, typer.Option(metavar="PARTS", help="What this node does, of api,edge,voicemail [default: all]")
    ] = None,
    no_calls: Annotated[bool, typer.Option("--no-calls", help="Serve the API without the edge")] = False,
    demo_if_new: Annotated[bool, typer.Option("--demo-if-new", help="Seed the demo account on first start")] = False,
) -> None:
    """Serve the API, calls and voicemail until Ctrl-C or SIGTERM."""
    program = program_of(ctx)
    # Ports stay texts here, so that every wrong setting is refused in the same words, wherever it came from.
    flags = {
        **places_of(ctx, data, config),
        "http_host": http_host,
        "http_port": http_port,
        "sip_host": sip_host,
        "sip_port": sip_port,
        "log_format": log_format,
        "log_level": log_level,
        "only": only,
    }
    raise typer.Exit(program.serve(flags, calls=not no_calls, demo_if_new=demo_if_new))


def check(ctx: typer.Context, data: Data = None, as_json: Json = False) -> None:
    """Say what is installed, reachable and misconfigured, and what to do about it."""
    findings = asyncio.run(program_of(ctx).check(load(ctx, data)))
    if as_json:
        show_json(finding_rows(findings))
    else:
        show_findings(findings)
    if any(finding.needed and not finding.ok for finding in findings):
        raise typer.Exit(REFUSED)


def seed_demo(ctx: typer.Context, data: Data = None, as_json: Json = False) -> None:
    """Make the demo account: a key, two numbers, a trunk for each direction. Again: another key only."""
    program, settings = program_of(ctx), load(ctx, data)
    limits = settings.limits_of_new_accounts
    seeded = with_store(ctx, data, lambda store: demo.seed_demo(store, program.clock, limits), create=True)
    trouble = asyncio.run(program.trunks_changed(settings))
    numbers = [number.value for number in demo.NUMBERS]
    if as_json:
        key = seeded.key.reveal()
        show_json({"account": demo.ACCOUNT, "key": key, "numbers": numbers, "fresh": seeded.fresh})
    else:
        typer.echo(f"account  {demo.ACCOUNT}" + ("" if seeded.fresh else " (was there already; this is one more key)"))
        typer.echo(f"key      {seeded.key.reveal()}")
        typer.echo(f"numbers  {' '.join(numbers)}")
        typer.echo("trunks   " + " ".join(trunk.name for trunk in demo.TRUNKS))
    if trouble is not None:
        typer.echo(f"renvoi: {trouble}", err=True)
