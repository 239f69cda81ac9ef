"""The options of a trunk on the command line: one annotation each, named like its field of the trunk."""

import inspect
from collections.abc import Callable, Mapping
from typing import Annotated, Any, get_type_hints

import typer

from renvoi.cli.base import usage_error, whole
from renvoi.domain.trunks.caller_id import CallerIdPolicy, Shown
from renvoi.domain.trunks.choices import (
    AuthCseq,
    CalledNumberFrom,
    DiversionDepth,
    DiversionHeaders,
    IdentityHeaders,
    NumberFormat,
    Probing,
    Redirects,
    Signing,
)


class InboundOptions:
    """What `--inbound` trunks can be told."""

    called_number: Annotated[
        CalledNumberFrom | None, typer.Option(help="Which part of the INVITE names the number [default: request-uri]")
    ]
    identity: Annotated[
        IdentityHeaders | None,
        typer.Option(help="Signed identity of callers: taken off, passed on, verified, or demanded [default: pass]"),
    ]
    nat: Annotated[
        bool | None, typer.Option("--nat/--no-nat", help="Its callers are behind NAT: what they send is answered there")
    ]
    inbound_user: Annotated[
        str | None, typer.Option(help="Who its calls from elsewhere have to prove to be; '' for nobody")
    ]
    certificate: Annotated[
        str | None, typer.Option(metavar="NAME", help="Calls by TLS with a certificate for it are let in from anywhere")
    ]


class OutboundOptions:
    """What `--outbound` trunks can be told."""

    priority: Annotated[int | None, whole("0 to 100, the highest is tried first [default: 50]")]
    weight: Annotated[
        int | None, whole("1 to 100: share of the calls among trunks of its priority; 0 for those left [default: 0]")
    ]
    probe: Annotated[Probing | None, typer.Option(help="When it is asked by OPTIONS [default: down]")]
    redirects: Annotated[
        Redirects | None,
        typer.Option(help="Whether its 3xx leads to another number, or counts as a refusal [default: refuse]"),
    ]
    number_format: Annotated[
        NumberFormat | None, typer.Option(help="Format of the number in the Request-URI [default: e164]")
    ]
    header_format: Annotated[
        NumberFormat | None,
        typer.Option(help="Format of numbers in all other headers [default: e164]"),
    ]
    strip: Annotated[
        str | None, typer.Option(metavar="DIGITS", help="Taken off the front of the number in the Request-URI")
    ]
    prefix: Annotated[str | None, typer.Option(metavar="DIGITS", help="Put before the number in the Request-URI")]
    host: Annotated[
        str | None,
        typer.Option(
            metavar="ours|trunk|HOST",
            help="Host of the Request-URI, and in other headers [default: trunk, ours]",
        ),
    ]
    user: Annotated[str | None, typer.Option(help="Who we are to a trunk that challenges; '' for nobody")]
    realm: Annotated[str | None, typer.Option(help="The one that may challenge us [default: any]")]
    auth_cseq: Annotated[
        AuthCseq | None, typer.Option(help="CSeq of what is sent again with credentials [default: same]")
    ]
    register: Annotated[bool | None, typer.Option("--register/--no-register", help="Register the user there")]
    registrar: Annotated[str | None, typer.Option(metavar="SIP_URI", help="Where to [default: the trunk]")]
    expires: Annotated[int | None, whole("Seconds that a registration holds: 60 to 86400 [default: 600]")]
    contact_user: Annotated[str | None, typer.Option(help="User part of our Contact there [default: the trunk's name]")]
    diversion_headers: Annotated[
        DiversionHeaders | None, typer.Option(help="Headers that carry the diversion [default: both]")
    ]
    relay: Annotated[bool | None, typer.Option("--relay/--no-relay", help="Audio goes through the media relay")]
    max_calls: Annotated[int | None, whole("Calls that it has at once, 0 for no limit [default: 0]")]
    max_rate: Annotated[int | None, whole("Calls that each node sends it in a second, 0 for no limit [default: 0]")]
    caller_id: Annotated[
        CallerIdPolicy | None, typer.Option(help="Who is named as the caller, in all headers [default: passthrough]")
    ]
    from_: Annotated[Shown | None, typer.Option("--from", help="Who is named in From")]
    pai: Annotated[Shown | None, typer.Option(help="Who is named in P-Asserted-Identity")]
    ppi: Annotated[Shown | None, typer.Option(help="Who is named in P-Preferred-Identity")]
    rpid: Annotated[Shown | None, typer.Option(help="Who is named in Remote-Party-ID")]
    account: Annotated[
        str | None, typer.Option(metavar="NUMBER", help="The trunk's account, as a number or a user name")
    ]
    verstat: Annotated[
        bool | None, typer.Option("--verstat/--no-verstat", help="Say whether the caller's number was verified")
    ]
    sign: Annotated[
        Signing | None,
        typer.Option(help="Sign our diversions (div), and calls that came unsigned too (shaken) [default: off]"),
    ]
    fallback: Annotated[
        str | None, typer.Option(metavar="POLICY", help="Who is named when the trunk refuses the caller [default: '']")
    ]
    fallback_codes: Annotated[
        str | None,
        typer.Option(metavar="CODES", help="Answers that refuse the caller [default: 403,428,433,436,437,438]"),
    ]
    diversion_depth: Annotated[
        DiversionDepth | None, typer.Option(help="All diversions, or the top one [default: all]")
    ]


KINDS: Mapping[str, type] = {"inbound": InboundOptions, "outbound": OutboundOptions}


def with_trunk_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command all options of trunks; its argument `options` gets those that were given, by kind of trunk."""
    hints = {kind: get_type_hints(options, include_extras=True) for kind, options in KINDS.items()}
    empty = inspect.Parameter.empty
    own = [each for each in inspect.signature(command, eval_str=True).parameters.values() if each.name != "options"]
    added = [
        inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=None, annotation=hint)
        for options in hints.values()
        for name, hint in options.items()
    ]

    def run(**values: Any) -> None:
        options: dict[str, dict[str, Any]] = {
            kind: {name: given for name in names if (given := values.pop(name)) is not None}
            for kind, names in hints.items()
        }
        command(**values, options=options)

    parameters = [
        *(each for each in own if each.default is empty),
        *(each for each in own if each.default is not empty),
    ]
    signature = inspect.Signature([*parameters, *added])
    run.__signature__ = signature  # type: ignore[attr-defined]  # what typer reads; functions have no such attribute
    run.__annotations__ = {each.name: each.annotation for each in signature.parameters.values()}
    run.__doc__ = command.__doc__
    run.__name__ = command.__name__
    return run


def refuse_options_of(kind: str, options: Mapping[str, Any], preset: str | None) -> None:
    """End the command if it was given options of a kind of trunk that it does not make; some by a `preset`, perhaps."""
    for name in ("preset",) if kind == "outbound" and preset is not None else options:
        usage_error(f"--{name.replace('_', '-')} is for --{kind} trunks")
