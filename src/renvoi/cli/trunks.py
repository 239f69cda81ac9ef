"""`renvoi trunk`."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from renvoi.application import trunks
from renvoi.application.errors import OperatorError
from renvoi.application.ports.unit_of_work import Store
from renvoi.cli.base import Data, Json, group, load, program_of, usage_error, with_store
from renvoi.cli.output import show_json, show_rows
from renvoi.domain.trunks.trunk import (
    CalledNumberFrom,
    CallerIdPolicy,
    DiversionHeaders,
    InboundTrunk,
    NumberFormat,
    OutboundTrunk,
    parse_network,
    trunk_values,
)
from renvoi.node.supervisor.control import TrunkReport

T = TypeVar("T")

trunk_commands = group("The SIP peers that calls come from and are forwarded through.")

_Name = Annotated[str, typer.Argument(help="Name of the trunk")]


@trunk_commands.command("add")
def add_trunk(
    ctx: typer.Context,
    name: _Name,
    inbound: Annotated[list[str] | None, typer.Option(metavar="CIDR…", help="Addresses that calls come from")] = None,
    more: Annotated[list[str] | None, typer.Argument(metavar="[CIDR…]", help="More addresses")] = None,
    outbound: Annotated[str | None, typer.Option(metavar="SIP_URI", help="Calls are forwarded to this peer")] = None,
    region: Annotated[str | None, typer.Option(help="Region of national numbers, such as FR")] = None,
    called_number: Annotated[
        CalledNumberFrom | None, typer.Option(help="Which part of the INVITE names the number")
    ] = None,
    priority: Annotated[int | None, typer.Option(help="0 to 100, the highest is tried first [default: 50]")] = None,
    number_format: Annotated[NumberFormat | None, typer.Option(help="Format of the target number")] = None,
    diversion_headers: Annotated[DiversionHeaders | None, typer.Option(help="Headers that carry the diversion")] = None,
    caller_id: Annotated[CallerIdPolicy | None, typer.Option(help="Caller ID that is shown")] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Add a trunk: --inbound with addresses, or --outbound with a SIP URI."""
    networks = [text for part in [*(inbound or []), *(more or [])] for text in part.replace(",", " ").split()]
    if bool(inbound) == bool(outbound):
        usage_error("give either --inbound CIDR… or --outbound SIP_URI")
    region = region or load(ctx, data).region
    trunk: InboundTrunk | OutboundTrunk
    if outbound is None:
        _only({"priority": priority, "number-format": number_format, "diversion-headers": diversion_headers,
               "caller-id": caller_id}, "outbound")  # fmt: skip
        trunk = InboundTrunk(
            name, tuple(parse_network(text) for text in networks), region, called_number or CalledNumberFrom.REQUEST_URI
        )
    else:
        _only({"called-number": called_number, "inbound": networks or None}, "inbound")
        trunk = OutboundTrunk(
            name,
            outbound,
            50 if priority is None else priority,
            number_format or NumberFormat.E164,
            region,
            diversion_headers or DiversionHeaders.BOTH,
            caller_id or CallerIdPolicy.PASSTHROUGH,
        )
    _change(ctx, data, lambda store: trunks.add_trunk(store, trunk))
    if as_json:
        show_json(trunk_values(trunk))
    else:
        typer.echo(f"trunk {name} is added")


def _only(options: dict[str, object], kind: str) -> None:
    for option, value in options.items():
        if value is not None:
            usage_error(f"--{option} is for --{kind} trunks")


@trunk_commands.command("list")
def list_trunks(ctx: typer.Context, data: Data = None, as_json: Json = False) -> None:
    """List the trunks."""
    found = with_store(ctx, data, trunks.list_trunks)
    reports = _reports(ctx, data) if found.outbound else {}
    rows = [
        *map(trunk_values, found.inbound),
        *({**trunk_values(trunk), **_state(reports.get(trunk.name))} for trunk in found.outbound),
    ]
    if as_json:
        show_json(rows)
        return
    details = ("networks", "uri", "priority", "region", "called_number", "number_format", "diversion_headers")
    table = [{key: row.get(key) for key in ("name", "kind", "state", *details)} for row in rows]
    show_rows(table, as_json=False, empty="no trunks: `renvoi trunk add --help` says how to add one")
    for name, report in reports.items():
        typer.echo(f"{name}: {report.text}")


@trunk_commands.command("remove")
def remove_trunk(ctx: typer.Context, name: _Name, data: Data = None, as_json: Json = False) -> None:
    """Remove a trunk; calls in progress go on."""
    _change(ctx, data, lambda store: trunks.remove_trunk(store, name))
    if as_json:
        show_json({"name": name, "removed": True})
    else:
        typer.echo(f"trunk {name} is removed")


@trunk_commands.command("test")
def probe_trunk(ctx: typer.Context, name: _Name, data: Data = None, as_json: Json = False) -> None:
    """Resolve an outbound trunk, probe it with SIP OPTIONS, and show its state in the running edge."""
    trunk = with_store(ctx, data, lambda store: trunks.find_outbound(store, name))
    verdict = asyncio.run(program_of(ctx).ask_options(trunk.uri))
    report = _reports(ctx, data).get(name)
    if as_json:
        answer = {"ok": verdict.ok, "text": verdict.text, "took_ms": verdict.took_ms}
        show_json({"name": name, "uri": trunk.uri, **answer, **_state(report)})
    elif verdict.ok:
        typer.echo(f"{name} answered: {verdict.text} ({verdict.took_ms:.0f} ms)")
    if report is not None and not as_json:
        typer.echo(f"the running edge: {report.text}")
    if not verdict.ok:
        raise OperatorError(f"{name} ({trunk.uri}): {verdict.text}")


def _reports(ctx: typer.Context, data: Path | None) -> Mapping[str, TrunkReport]:
    """Return what the running node says of its trunks; when it cannot be asked, say so, and return nothing."""
    reports = asyncio.run(program_of(ctx).trunk_reports(load(ctx, data)))
    if isinstance(reports, str):
        typer.echo(f"renvoi: whether trunks work is not known: {reports}", err=True)
        return {}
    return reports


def _state(report: TrunkReport | None) -> dict[str, object]:
    if report is None:
        return {"state": "unknown", "addresses": [], "name_error": None, "found_at_s": None}
    return {"state": report.state, **report.facts}


def _change(ctx: typer.Context, data: Path | None, change: Callable[[Store], Awaitable[T]]) -> None:
    """Change the trunks, and have the running node take them before the command returns."""
    with_store(ctx, data, change)
    trouble = asyncio.run(program_of(ctx).trunks_changed(load(ctx, data)))
    if trouble is not None:
        typer.echo(f"renvoi: stored, but not yet in force on the running node: {trouble}", err=True)
