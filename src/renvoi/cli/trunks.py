"""`renvoi trunk`."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from renvoi.application import trunks
from renvoi.application.ports.unit_of_work import Store
from renvoi.cli.base import Data, Json, group, load, program_of, usage_error, with_store
from renvoi.cli.output import show_json, show_rows
from renvoi.cli.trunk_certificates import (
    Ca,
    ClientCert,
    ClientKey,
    read_authorities,
    read_certificate,
    refuse_tls,
    sides_with_authorities,
)
from renvoi.cli.trunk_options import refuse_options_of, with_trunk_options
from renvoi.cli.trunk_passwords import (
    PASSWORD_OPTIONS,
    InboundPasswordFile,
    PasswordFile,
    read_passwords,
    sealed,
)
from renvoi.cli.trunk_presets import Named as PresetName
from renvoi.cli.trunk_presets import expanded, show_presets
from renvoi.cli.trunk_test import probe_trunk, reports_of, state_of
from renvoi.domain.trunks.trunk import InboundTrunk, OutboundTrunk, parse_network
from renvoi.trunk_document import kind_of, trunk_values

T = TypeVar("T")

NO_NETWORK = "none"
"""Instead of networks: calls of the trunk prove who they are wherever they come from."""

trunk_commands = group("The SIP peers that calls come from and are forwarded through.")

_Name = Annotated[str, typer.Argument(help="Name of the trunk")]


_Inbound = Annotated[
    list[str] | None, typer.Option("--inbound", metavar="CIDR…", help="Addresses that calls come from, or none")
]
_More = Annotated[list[str] | None, typer.Argument(metavar="[CIDR…]", help="More addresses")]
_Outbound = Annotated[
    str | None, typer.Option("--outbound", metavar="SIP_URI", help="Calls are forwarded to this peer")
]
_Region = Annotated[str | None, typer.Option("--region", help="Region of national numbers, such as FR")]
_Options = Mapping[str, dict[str, Any]]


@trunk_commands.command("add")
@with_trunk_options
def add_trunk(
    ctx: typer.Context,
    name: _Name,
    options: _Options,
    inbound: _Inbound = None,
    more: _More = None,
    outbound: _Outbound = None,
    region: _Region = None,
    preset: PresetName = None,
    password_file: PasswordFile = None,
    inbound_password_file: InboundPasswordFile = None,
    ca: Ca = None,
    client_cert: ClientCert = None,
    client_key: ClientKey = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Add a trunk: --inbound with addresses or --inbound-user, --outbound with a SIP URI, or both sides."""
    options = expanded(options, preset)
    networks = _networks(inbound, more) or ()
    receives = bool(networks or options["inbound"].get("inbound_user") or options["inbound"].get("certificate"))
    if not receives and outbound is None:
        usage_error("give --inbound CIDR…, --inbound-user or --certificate, --outbound SIP_URI, or both")
    region = region or load(ctx, data).region
    keys = read_certificate(ctx, name, options["outbound"], client_cert, client_key)
    if (authorities := read_authorities(ctx, ca)) is not None:
        for kind in _with_authorities({"inbound": options["inbound"], "outbound": {"uri": outbound or ""}}):
            options[kind]["ca"] = authorities
    sides: list[trunks.Side] = []
    if receives:
        sides.append(InboundTrunk(name, networks, region, **options["inbound"]))
    else:
        refuse_options_of("inbound", options["inbound"], preset)
    if outbound is not None:
        sides.append(OutboundTrunk(name, outbound, region=region, **options["outbound"]))
    else:
        refuse_options_of("outbound", options["outbound"], preset)
    passwords = read_passwords(password_file, inbound_password_file)
    for kind in passwords:
        if not any(kind_of(side) == kind for side in sides):
            usage_error(f"{PASSWORD_OPTIONS[kind]} is for --{kind} trunks")

    secrets = {**{trunks.password_of(name, kind): each for kind, each in passwords.items()}, **keys}

    async def add(store: Store) -> int:
        return await trunks.add_trunk(store, *sides, secrets=await sealed(ctx, data, store, secrets))

    refuse_tls(ctx, data, sides)
    _change(ctx, data, add)
    _show(sides, f"trunk {name} is added", as_json=as_json)


@trunk_commands.command("set")
@with_trunk_options
def set_trunk(
    ctx: typer.Context,
    name: _Name,
    options: _Options,
    inbound: _Inbound = None,
    more: _More = None,
    outbound: _Outbound = None,
    region: _Region = None,
    preset: PresetName = None,
    password_file: PasswordFile = None,
    inbound_password_file: InboundPasswordFile = None,
    ca: Ca = None,
    client_cert: ClientCert = None,
    client_key: ClientKey = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Change a trunk: what is not given stays. Calls in progress go on."""
    options = expanded(options, preset)
    keys = read_certificate(ctx, name, options["outbound"], client_cert, client_key)
    common = {} if region is None else {"region": region}
    changes = {kind: {**common, **given} for kind, given in options.items()}
    if (networks := _networks(inbound, more)) is not None:
        changes["inbound"]["networks"] = networks
    if outbound is not None:
        changes["outbound"]["uri"] = outbound
    passwords = read_passwords(password_file, inbound_password_file)
    authorities = read_authorities(ctx, ca)
    if not (any(changes.values()) or passwords or authorities is not None):
        usage_error("give what to change")
    first: dict[str, Any] = {each: options["inbound"].get(each, "") for each in ("inbound_user", "certificate")}
    first |= {"networks": networks or (), "ca": authorities or ""} if any((networks, *first.values())) else {}

    def change(before: Sequence[trunks.Side]) -> list[trunks.Side]:
        sides = {kind_of(side): side for side in before}
        _add_sides(sides, name, region or next(iter(before)).region, first, outbound)
        for kind, given in options.items():
            if kind not in sides:
                refuse_options_of(kind, given, preset)
        if authorities is not None:
            _put_authorities(changes, sides, authorities)
        after = [replace(side, **changes[kind]) for kind, side in sides.items()]
        refuse_tls(ctx, data, after)
        return after

    secrets = {**{trunks.password_of(name, kind): each for kind, each in passwords.items()}, **keys}

    async def set_(store: Store) -> Sequence[trunks.Side]:
        return await trunks.change_trunk(store, name, change, await sealed(ctx, data, store, secrets))

    after = _change(ctx, data, set_)
    _show(after, f"trunk {name} is changed", as_json=as_json)


def _put_authorities(changes: _Options, sides: Mapping[str, trunks.Side], authorities: str) -> None:
    """Have the sides changed that --ca is for, as they will be then."""
    wanted = {kind: {**trunk_values(side), **changes[kind]} for kind, side in sides.items()}
    for kind in _with_authorities(wanted):
        changes[kind]["ca"] = authorities


def _add_sides(
    sides: dict[str, trunks.Side],
    name: str,
    region: str,
    inbound: Mapping[str, Any],
    outbound: str | None,
) -> None:
    """Give a trunk the sides that it does not have, of what calls of it are known by and where calls to it go."""
    if any(inbound.values()) and "inbound" not in sides:
        sides["inbound"] = InboundTrunk(name=name, region=region, **inbound)
    if outbound is not None and "outbound" not in sides:
        sides["outbound"] = OutboundTrunk(name, outbound, region=region)


def _with_authorities(sides: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return the kinds of the sides that --ca is for; end the command if there are none."""
    found = list(sides_with_authorities(sides))
    if not found:
        usage_error("--ca is for trunks by TLS: write --outbound with ;transport=tls, or give --certificate")
    return found


def _networks(inbound: list[str] | None, more: list[str] | None) -> tuple[IPv4Network | IPv6Network, ...] | None:
    """Return what was given, None where nothing was."""
    if more and not inbound:
        usage_error(f"{more[0]!r} is not understood: addresses follow --inbound")
    texts = [text for part in [*(inbound or []), *(more or [])] for text in part.replace(",", " ").split()]
    if texts == [NO_NETWORK]:
        return ()
    return tuple(map(parse_network, texts)) or None


def _show(sides: Sequence[trunks.Side], said: str, *, as_json: bool) -> None:
    if as_json:
        rows = [trunk_values(side) for side in sides]
        show_json(rows[0] if len(rows) == 1 else rows)
    else:
        typer.echo(said)


trunk_commands.command("presets")(show_presets)


@trunk_commands.command("list")
def list_trunks(ctx: typer.Context, data: Data = None, as_json: Json = False) -> None:
    """List the trunks."""
    found = with_store(ctx, data, trunks.list_trunks)
    reports = reports_of(ctx, data) if found.outbound else {}
    rows = [
        *map(trunk_values, found.inbound),
        *({**trunk_values(trunk), **state_of(reports.get(trunk.name))} for trunk in found.outbound),
    ]
    if as_json:
        show_json(rows)
        return
    known_by = ("networks", "inbound_user", "certificate")
    details = ("uri", "priority", "region", "called_number", "number_format", "diversion_headers")
    table = [{key: row.get(key) for key in ("name", "kind", "state", *known_by, *details)} for row in rows]
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


trunk_commands.command("test")(probe_trunk)


def _change(ctx: typer.Context, data: Path | None, change: Callable[[Store], Awaitable[T]]) -> T:
    """Change the trunks, and have the running node take them before the command returns."""
    changed = with_store(ctx, data, change)
    trouble = asyncio.run(program_of(ctx).trunks_changed(load(ctx, data)))
    if trouble is not None:
        typer.echo(f"renvoi: {trouble}", err=True)
    return changed
