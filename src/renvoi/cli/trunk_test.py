"""`renvoi trunk test`, and what the running node says of trunks."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from renvoi.application import numbers, trunks
from renvoi.application.errors import OperatorError
from renvoi.application.ports.unit_of_work import Store
from renvoi.bootstrap import REPORTED
from renvoi.cli.base import REFUSED, Data, Json, load, program_of, usage_error, with_store
from renvoi.cli.call_traces import show_trace, trace_row
from renvoi.cli.output import finding_rows, show_findings, show_json
from renvoi.domain.trunks.trunk import OutboundTrunk
from renvoi.node.control.control import TrunkReport


def probe_trunk(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="Name of the trunk")],
    call: Annotated[str | None, typer.Option("--call", metavar="NUMBER", help="Place a short call there")] = None,
    caller: Annotated[
        str | None, typer.Option("--from", metavar="NUMBER", help="The number of ours that calls, with --call")
    ] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Say whether an outbound trunk is found, answers, lets us in and has us registered; or call through it."""
    if (call is None) != (caller is None):
        usage_error("give --call NUMBER and --from NUMBER together: the second one is a number of yours")
    if call is not None and caller is not None:
        _call(ctx, data, name, call, caller, as_json=as_json)
        return

    async def find(store: Store) -> tuple[OutboundTrunk, Mapping[str, bytes]]:
        return await trunks.find_outbound(store, name), await store.read(lambda reader: reader.secrets())

    trunk, secrets = with_store(ctx, data, find)
    report = reports_of(ctx, data).get(name)
    verdict, findings = asyncio.run(program_of(ctx).test_trunk(load(ctx, data), trunk, secrets, report))
    if as_json:
        answer = {"ok": verdict.ok, "text": verdict.text, "took_ms": verdict.took_ms}
        show_json({"name": name, "uri": trunk.uri, **answer, **state_of(report), "findings": finding_rows(findings)})
    else:
        show_findings(findings)
    if not verdict.ok:
        raise OperatorError(f"{name} ({trunk.uri}): {verdict.text}")
    if any(finding.needed and not finding.ok for finding in findings):
        raise typer.Exit(REFUSED)


def _call(ctx: typer.Context, data: Path | None, name: str, call: str, caller: str, *, as_json: bool) -> None:
    """Place a call, show where it went, and what to think of that."""
    settings = load(ctx, data)
    target, ours = (numbers.parse_number(text, settings.region) for text in (call, caller))

    async def check(store: Store) -> None:
        await trunks.find_outbound(store, name)
        await store.read(lambda reader: numbers.find_number(reader, ours))

    with_store(ctx, data, check)
    finding, trace = asyncio.run(program_of(ctx).call_through(settings, name, target, ours))
    if as_json:
        row = trace_row(trace) if trace is not None else None
        show_json({"name": name, "ok": finding.ok, "text": finding.text, "call": row})
    else:
        if trace is not None:
            show_trace(trace)
            typer.echo("")
        show_findings([finding])
    if not finding.ok:
        raise typer.Exit(REFUSED)


def reports_of(ctx: typer.Context, data: Path | None) -> Mapping[str, TrunkReport]:
    """Return what the running node says of its trunks; when it cannot be asked, say so, and return nothing."""
    reports = asyncio.run(program_of(ctx).trunk_reports(load(ctx, data)))
    if isinstance(reports, str):
        typer.echo(f"renvoi: whether trunks work is not known: {reports}", err=True)
        return {}
    return reports


def state_of(report: TrunkReport | None) -> dict[str, object]:
    """Return a report with the keys of `--json`."""
    if report is None:
        return {"state": "unknown", **dict.fromkeys(REPORTED), "addresses": []}
    return {"state": report.state, **report.facts}
