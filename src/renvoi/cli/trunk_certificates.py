"""The certificates of a trunk by TLS on the command line: from files, into its options."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from renvoi.application import trunks
from renvoi.application.errors import OperatorError
from renvoi.cli.base import load, program_of, usage_error
from renvoi.domain.trunks.trunk import OutboundTrunk

Ca = Annotated[
    str | None,
    typer.Option("--ca", metavar="FILE", help="Certificates that its own ends at, by TLS; '' for those of the system"),
]
ClientCert = Annotated[
    str | None,
    typer.Option("--client-cert", metavar="FILE", help="Our certificate that it is shown, by TLS; '' for none"),
]
ClientKey = Annotated[Path | None, typer.Option("--client-key", metavar="FILE", help="The key of --client-cert")]


def read_certificates(
    ctx: typer.Context, name: str, options: dict[str, Any], ca: str | None, certificate: str | None, key: Path | None
) -> Mapping[str, str]:
    """Put the certificates in these files into the options of the outbound side; return the key as its secret.

    Raises:
        OperatorError: a file cannot be read, or is not what it should be.
    """
    if bool(certificate) != (key is not None):
        usage_error("--client-cert and --client-key belong together")
    program = program_of(ctx)
    if ca is not None:
        options["ca"] = program.read_authorities(Path(ca)) if ca else ""
    if certificate is not None:
        options["client_cert"] = program.read_certificates(Path(certificate)) if certificate else ""
    return {} if key is None else {trunks.client_key_of(name): program.read_private_key(key, options["client_cert"])}


def refuse_tls(ctx: typer.Context, data: Path | None, sides: Sequence[trunks.Side]) -> None:
    """Refuse a trunk by TLS if this node has an edge, and that can do none.

    Raises:
        OperatorError: it does, and cannot.
    """
    if any(isinstance(side, OutboundTrunk) and side.address.is_tls for side in sides):
        trouble = program_of(ctx).why_no_tls(load(ctx, data))
        if trouble:
            raise OperatorError(f"trunk {sides[0].name!r} cannot be used by TLS: {trouble}")
