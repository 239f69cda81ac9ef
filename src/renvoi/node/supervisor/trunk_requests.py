"""What the part `http` asks the supervisor for about trunks: to seal new passwords, and to try a trunk.

The key of secrets, and what is sealed with it, stay with the supervisor: that part hands in what an operator has sent,
and gets what the store keeps. It cannot open anything.
"""

import base64
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from renvoi.adapters import sealing
from renvoi.application.errors import OperatorError
from renvoi.application.ports.secrets import SecretClosed
from renvoi.application.ports.unit_of_work import Store
from renvoi.application.trunks import client_key_of, find_outbound, password_of
from renvoi.configuration.settings import Settings
from renvoi.domain.trunks.faults import check_trunk_name
from renvoi.domain.trunks.trunk import OutboundTrunk
from renvoi.edge.identity.certificates import CertificateInvalid
from renvoi.edge.tls.certificates import read_authorities, read_key, read_own
from renvoi.edge.tls.profiles import Profile
from renvoi.node.control import control, trunk_reports
from renvoi.node.control.control import TrunkReport

REPORTED = ("addresses", "name_error", "found_at_s", "password_error", "registration", "registrar_answer")
PASSWORDS = ("inbound", "outbound")


class TrunkRequests:
    """See the module; `store` returns the node's store, `status` what `NodeTrunks.status` does."""

    def __init__(
        self,
        settings: Settings,
        store: Callable[[], Store | None],
        status: Callable[[], Awaitable[Sequence[Mapping[str, Any]]]],
    ) -> None:
        self._settings = settings
        self._store = store
        self._status = status

    @property
    def all(self) -> Mapping[str, control.Request]:
        """The requests by what they are called on the control socket."""
        return {"prepare-trunk": self.prepare, "test-trunk": self.test}

    async def prepare(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        """Check the certificates of a trunk and seal its secrets.

        `asked` has the trunk's `name`, `certificates` (`ca`, `client_cert`: PEM) and `secrets` (`inbound`, `outbound`:
        passwords, `client-key`: PEM). The answer has them as the store keeps them, or `refused`: what is wrong.
        """
        name = str(asked["name"])
        check_trunk_name(name)
        certificates = {key: str(value) for key, value in asked["certificates"].items()}
        secrets = {key: str(value) for key, value in asked["secrets"].items()}
        try:
            kept, sealed = _read(certificates), {}
            store = self._here()
            held = await store.read(lambda reader: reader.secrets())
            for kind, secret in secrets.items():
                text = secret
                if kind == "client-key":
                    text = read_key(secret.encode(), kept.get("client_cert") or str(asked.get("client_cert", "")))
                elif kind not in PASSWORDS:
                    raise OperatorError(f"{kind!r} is not a secret of a trunk")
                secret_name = client_key_of(name) if kind == "client-key" else password_of(name, kind)
                sealer = sealing.key_for(self._settings.secrets_key, held)
                sealed[secret_name] = base64.b64encode(sealer.seal(secret_name, text)).decode()
        except (CertificateInvalid, OperatorError) as error:
            return {"refused": str(error)}
        return {"certificates": kept, "sealed": sealed}

    async def test(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        """Try the outbound trunk `name`, as `renvoi trunk test`."""
        # Loaded late: no node needs it to serve.
        from renvoi.node.checks.trunk_test import test_trunk  # noqa: PLC0415

        store = self._here()
        trunk = await find_outbound(store, str(asked["name"]))
        secrets = await store.read(lambda reader: reader.secrets())
        report = next((_report(each) for each in await self._status() if each["name"] == trunk.name), None)
        profile = Profile(trunk.ca, trunk.client_cert, self._key_of(trunk, secrets))
        verdict, findings = await test_trunk(self._settings, trunk, secrets, report, profile)
        return {
            "well": verdict.ok,
            "text": str(verdict.text),
            "took_ms": verdict.took_ms,
            "findings": [each.fields() for each in findings],
        }

    def _here(self) -> Store:
        store = self._store()
        if store is None:
            raise OperatorError(
                "the node has no store yet: try again", "le nœud n’a pas encore de stockage : réessayez"
            )
        return store

    def _key_of(self, trunk: OutboundTrunk, secrets: Mapping[str, bytes]) -> str:
        if not trunk.client_cert:
            return ""
        name = client_key_of(trunk.name)
        try:
            return sealing.key_for(self._settings.secrets_key, secrets).open(name, secrets[name])
        except (SecretClosed, KeyError) as error:
            raise OperatorError(f"the key of our certificate for {trunk.name} cannot be opened: {error}") from error


def _read(certificates: Mapping[str, str]) -> dict[str, str]:
    read = {"ca": read_authorities, "client_cert": read_own}
    return {name: read[name](pem.encode()) if pem else "" for name, pem in certificates.items() if name in read}


def _report(trunk: Mapping[str, Any]) -> TrunkReport:
    facts = {key: trunk.get(key) for key in REPORTED}
    return TrunkReport(trunk["state"], trunk_reports.describe(trunk), trunk_reports.is_well(trunk), facts)
