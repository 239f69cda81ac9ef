"""The certificates of a trunk by TLS on the command line: from files, into its options."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from renvoi.application import trunks
from renvoi.application.errors import OperatorError
from renvoi.cli.base import load, program_of, usage_error
from renvoi.domain.trunks.address import TrunkAddress
from renvoi.domain.trunks.trunk import InboundTrunk

Ca = Annotated[
    str | None,
    typer.Option("--ca", metavar="FILE", help="Authorities that sign its certificate; '' for those of the system"),
]
ClientCert = Annotated[
    str | None,
    typer.Option("--client-cert", metavar="FILE", help="Our certificate that it is shown, by TLS; '' for none"),
]
ClientKey = Annotated[Path | None, typer.Option("--client-key", metavar="FILE", help="The key of --client-cert")]


def read_authorities(ctx: typer.Context, ca: str | None) -> str | None:
    """Return the certificates of authorities in a file, empty for none; None where no file is given.

    Raises:
        OperatorError: it cannot be read, or is not what it should be.
    """
    return program_of(ctx).read_authorities(Path(ca)) if ca else ca


def sides_with_authorities(sides: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Yield the kinds of a trunk's sides that `--ca` is for; `sides` has the values of each.

    Such are calls to it by TLS, and calls of it with a certificate.
    """
    if sides.get("inbound", {}).get("certificate"):
        yield "inbound"
    where = TrunkAddress.parse(sides.get("outbound", {}).get("uri", ""))
    if where is not None and where.is_tls:
        yield "outbound"


def read_certificate(
    ctx: typer.Context, name: str, options: dict[str, Any], certificate: str | None, key: Path | None
) -> Mapping[str, str]:
    """Put the certificate in this file into the options of the outbound side; return its key as a secret.

    Raises:
        OperatorError: a file cannot be read, or is not what it should be.
    """
    if bool(certificate) != (key is not None):
        usage_error("--client-cert and --client-key belong together")
    program = program_of(ctx)
    if certificate is not None:
        options["client_cert"] = program.read_certificates(Path(certificate)) if certificate else ""
    return {} if key is None else {trunks.client_key_of(name): program.read_private_key(key, options["client_cert"])}


def refuse_tls(ctx: typer.Context, data: Path | None, sides: Sequence[trunks.Side]) -> None:
    """Refuse a trunk by TLS if this node has an edge, and that can do none.

    Raises:
        OperatorError: it does, and cannot.
    """
    if any(side.certificate if isinstance(side, InboundTrunk) else side.address.is_tls for side in sides):
        trouble = program_of(ctx).why_no_tls(load(ctx, data))
        if trouble:
            raise OperatorError(f"trunk {sides[0].name!r} cannot be used by TLS: {trouble}")
