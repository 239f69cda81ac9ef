"""`renvoi trunk`."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from renvoi.application import trunks
from renvoi.application.ports.unit_of_work import Store
from renvoi.application.unreadable_rows import row_problem
from renvoi.cli.base import Data, Json, group, load, program_of, usage_error, with_store
from renvoi.cli.output import show_json, show_rows, warn_unreadable, without_empty
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
from renvoi.documents.trunk_document import kind_of, trunk_values
from renvoi.domain.trunks.faults import TrunkInvalid
from renvoi.domain.trunks.faults import refuse as refuse_trunk
from renvoi.domain.trunks.openness import open_trunks
from renvoi.domain.trunks.trunk import InboundTrunk, OutboundTrunk, parse_network

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
    networks, wrong = _networks(inbound, more)
    networks = networks or ()
    receives = bool(networks or options["inbound"].get("inbound_user") or options["inbound"].get("certificate"))
    if not receives and outbound is None:
        usage_error("give --inbound CIDR…, --inbound-user or --certificate, --outbound SIP_URI, or both")
    region = region or load(ctx, data).region
    keys = read_certificate(ctx, name, options["outbound"], client_cert, client_key)
    if (authorities := read_authorities(ctx, ca)) is not None:
        for kind in _with_authorities({"inbound": options["inbound"], "outbound": {"uri": outbound or ""}}):
            options[kind]["ca"] = authorities
    makes: list[Callable[[], trunks.Side]] = []
    if receives:
        makes.append(lambda: InboundTrunk(name, networks, region, **options["inbound"]))
    else:
        refuse_options_of("inbound", options["inbound"], preset)
    if (uri := outbound) is not None:
        makes.append(lambda: OutboundTrunk(name, uri, region=region, **options["outbound"]))
    else:
        refuse_options_of("outbound", options["outbound"], preset)
    sides = _made(makes, wrong)
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
    networks, wrong = _networks(inbound, more)
    if networks is not None:
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
        makes, values = _sides(before, first, outbound)
        for kind, given in options.items():
            if kind not in makes:
                refuse_options_of(kind, given, preset)
        if authorities is not None:
            for kind in _with_authorities({kind: {**each, **changes[kind]} for kind, each in values.items()}):
                changes[kind]["ca"] = authorities
        after = _made([partial(make, **changes[kind]) for kind, make in makes.items()], wrong)
        refuse_tls(ctx, data, after)
        return after

    secrets = {**{trunks.password_of(name, kind): each for kind, each in passwords.items()}, **keys}

    async def set_(store: Store) -> Sequence[trunks.Side]:
        return await trunks.change_trunk(store, name, change, await sealed(ctx, data, store, secrets))

    after = _change(ctx, data, set_)
    _show(after, f"trunk {name} is changed", as_json=as_json)


def _sides(
    before: Sequence[trunks.Side], inbound: Mapping[str, Any], outbound: str | None
) -> tuple[dict[str, Callable[..., trunks.Side]], dict[str, Mapping[str, Any]]]:
    """Return by kind what makes a trunk's sides of their changed options, and the options that each has so far.

    A side that it does not have yet is made of what calls of it are known by, and of where calls to it go.
    """
    common: dict[str, Any] = {"name": before[0].name, "region": before[0].region}
    makes: dict[str, Callable[..., trunks.Side]] = {kind_of(side): partial(replace, side) for side in before}
    values: dict[str, Mapping[str, Any]] = {kind_of(side): trunk_values(side) for side in before}
    if any(inbound.values()) and "inbound" not in makes:
        makes["inbound"], values["inbound"] = partial(InboundTrunk, **{**common, **inbound}), inbound
    if outbound is not None and "outbound" not in makes:
        makes["outbound"], values["outbound"] = partial(OutboundTrunk, **common), {}
    return makes, values


def _with_authorities(sides: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return the kinds of the sides that --ca is for; end the command if there are none."""
    found = list(sides_with_authorities(sides))
    if not found:
        usage_error("--ca is for trunks by TLS: write --outbound with ;transport=tls, or give --certificate")
    return found


def _made(makes: Iterable[Callable[[], trunks.Side]], wrong: Sequence[TrunkInvalid]) -> list[trunks.Side]:
    """Return the sides of a trunk.

    Raises:
        TrunkInvalid: some cannot be made, or something else is `wrong`; it has all faults, those of both sides once.
    """
    sides: list[trunks.Side] = []
    found = list(wrong)
    for make in makes:
        try:
            sides.append(make())
        except TrunkInvalid as error:
            found += error.faults
    refuse_trunk({str(fault): fault for fault in found}.values())
    return sides


def _networks(
    inbound: list[str] | None, more: list[str] | None
) -> tuple[tuple[IPv4Network | IPv6Network, ...] | None, Sequence[TrunkInvalid]]:
    """Return what was given, None where nothing was; and what is wrong with it, in whose place others stand then."""
    if more and not inbound:
        usage_error(f"{more[0]!r} is not understood: addresses follow --inbound")
    texts = [text for part in [*(inbound or []), *(more or [])] for text in part.replace(",", " ").split()]
    if texts == [NO_NETWORK]:
        return (), ()
    networks, wrong = [], []
    for text in texts:
        try:
            networks.append(parse_network(text))
        except TrunkInvalid as error:
            wrong.append(error)
    if wrong and not networks:
        # So that what else is wrong with this side is found: a trunk without any would be another fault.
        networks.append(parse_network("192.0.2.1"))
    return tuple(networks) or None, wrong


def _show(sides: Sequence[trunks.Side], said: str, *, as_json: bool) -> None:
    for name, told in open_trunks(sides):
        typer.echo(f"renvoi: warning: trunk {name}: {told.text}: {told.advice}", err=True)
    if as_json:
        rows = [trunk_values(side) for side in sides]
        show_json(rows[0] if len(rows) == 1 else rows)
    else:
        typer.echo(said)


trunk_commands.command("presets")(show_presets)


@trunk_commands.command("list")
def list_trunks(ctx: typer.Context, data: Data = None, as_json: Json = False) -> None:
    """List the trunks, also those that cannot be read."""
    found = with_store(ctx, data, trunks.list_trunks)
    reports = reports_of(ctx, data) if found.outbound else {}
    readable = [
        *map(trunk_values, found.inbound),
        *({**trunk_values(trunk), **state_of(reports.get(trunk.name))} for trunk in found.outbound),
    ]
    rows = [
        *({**row, "unreadable": None} for row in readable),
        *({"name": row.name, "kind": None, "unreadable": row.why} for row in found.unreadable),
    ]
    if as_json:
        show_json(rows)
        return
    known_by = ("networks", "inbound_user", "certificate")
    details = ("uri", "priority", "region", "called_number", "number_format", "diversion_headers")
    columns = ("name", "kind", "state", *known_by, *details, "unreadable")
    table = without_empty("unreadable", [{key: row.get(key) for key in columns} for row in rows])
    show_rows(table, as_json=False, empty="no trunks: `renvoi trunk add --help` says how to add one")
    for name, report in reports.items():
        typer.echo(f"{name}: {report.text}")
    warn_unreadable(map(row_problem, found.unreadable))


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
