"""What Kamailio's module `tls` reads: one profile for each way in which trunks are verified, and the files in them."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from renvoi.domain.trunks.trunk import InboundTrunk, OutboundTrunk

PROFILES = "tls.cfg"
DIRECTORY = "tls"
"""Certificates and keys beside it; what begins with this in a profile is relative to the directory of Kamailio."""
PUBLIC = "public"
"""The profile of trunks that are trusted by what this machine trusts; no name of a trunk has a capital or a dot."""
_PREFIX, _CALLER_PREFIX = "trunk.", "caller."
TRUSTED = "/etc/ssl/certs"
"""Certificates of authorities by their hashes (Debian's ca-certificates): only those are read that are needed."""
_METHOD = "TLSv1.2+"


@dataclass(frozen=True, slots=True)
class Profile:
    """How connections are made: `ca` ends their chains, empty for `TRUSTED`; ours is `certificate` with `key`."""

    ca: str = ""
    certificate: str = ""
    key: str = ""

    @property
    def digest(self) -> str:
        """What differs between two profiles that are not the same."""
        return hashlib.sha256("\0".join((self.ca, self.certificate, self.key)).encode()).hexdigest()[:16]


def profile_name(trunk: OutboundTrunk) -> str:
    """Return the name of the profile that connections to a trunk have."""
    return _PREFIX + trunk.name if trunk.ca or trunk.client_cert else PUBLIC


def caller_profile(trunk: InboundTrunk) -> str:
    """Return the name of the profile that connections to a trunk have that calls come from."""
    return _CALLER_PREFIX + trunk.name if trunk.ca else PUBLIC


def profiles_of(
    trunks: Iterable[OutboundTrunk], keys: Mapping[str, str], callers: Iterable[InboundTrunk] = ()
) -> dict[str, Profile]:
    """Return the profiles by name; `keys` has the private key of each trunk's certificate, by the trunk's name.

    A trunk whose key is not there has none: what it cannot show is not left out. `callers` are those that calls come
    from, and requests inside them go to.
    """
    found = {PUBLIC: Profile(), **{caller_profile(each): Profile(each.ca) for each in callers}}
    for trunk in trunks:
        if trunk.client_cert and trunk.name not in keys:
            continue
        key = keys[trunk.name] if trunk.client_cert else ""
        found.setdefault(profile_name(trunk), Profile(trunk.ca, trunk.client_cert, key))
    return found


def written(profiles: Mapping[str, Profile], own: Profile) -> dict[Path, str]:
    """Return the files, by their paths in the directory of Kamailio.

    Who connects to us is shown the certificate of `own`, and asked for one that its `ca` have signed, if there are any.
    """
    files: dict[Path, str] = {}
    server = ["[server:default]", *_common(files, "own", own)]
    # Carriers show certificates of whatever authority where one is asked for; which counts is looked at later.
    server.append(f"verify_client = {'optional_no_ca' if own.ca else 'off'}")
    sections = [server, ["[client:default]", *_client(files, PUBLIC, Profile())]]
    for name, profile in profiles.items():
        # It takes no two without a name; one that nobody has is never found by it.
        sections.append(
            ["[client:any]", f"server_id = {name}", f"server_name = {name}.invalid", *_client(files, name, profile)]
        )
    files[Path(PROFILES)] = "\n\n".join("\n".join(lines) for lines in sections) + "\n"
    return files


def _client(files: dict[Path, str], name: str, profile: Profile) -> list[str]:
    lines = _common(files, name, profile)
    if not profile.ca:
        lines.append(f"ca_path = {TRUSTED}")
    return [*lines, "verify_certificate = yes", "require_certificate = yes"]


def _common(files: dict[Path, str], name: str, profile: Profile) -> list[str]:
    lines = [f"method = {_METHOD}"]
    for option, kind, text in (
        ("ca_list", "ca", profile.ca),
        ("certificate", "cert", profile.certificate),
        ("private_key", "key", profile.key),
    ):
        if text:
            path = Path(DIRECTORY) / f"{name}.{kind}.pem"
            files[path] = text
            lines.append(f"{option} = ./{path}")
    return lines
