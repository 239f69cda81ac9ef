"""What is wrong with the options of a trunk, in both languages, and the checks of values that need nothing else."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Self

_CERTIFICATES = re.compile(
    r"(?:-----BEGIN CERTIFICATE-----\n(?:[A-Za-z0-9+/=]{1,80}\n)+-----END CERTIFICATE-----\n)+", re.ASCII
)
MOST_CERTIFICATES = 64 * 1024
"""Characters of certificates in PEM form that a trunk may have."""
_REFUSAL = re.compile(r"[456][0-9]{2}", re.ASCII)
_OTHER_REFUSALS = frozenset({"401", "407", "408", "486", "487", "503", "600"})
"""Answers that say something else: a challenge, silence, busy, cancelled, down."""
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")


def is_name(name: object) -> bool:
    """Tell whether a value is a text that a trunk can be called by."""
    return isinstance(name, str) and _NAME.fullmatch(name) is not None


class TrunkInvalid(ValueError):
    """A setting of a trunk is wrong; the text says which one and how to fix it.

    `field` is the option, as the trunk has it; empty where it is none alone. `texts` has the text in both languages.
    `faults` are all that are wrong, this one first.
    """

    def __init__(self, field: str, english: str, french: str) -> None:
        super().__init__(english)
        self.field = field
        self.texts = {"en": english, "fr": french}
        self._others: tuple[TrunkInvalid, ...] = ()

    @property
    def faults(self) -> Sequence["TrunkInvalid"]:
        return (self, *self._others)

    def together_with(self, others: Iterable["TrunkInvalid"]) -> Self:
        """Return this fault with the others that were found beside it."""
        self._others = tuple(others)
        return self


class TrunkContradiction(TrunkInvalid):
    """Settings of a trunk do not go together, each of which may be right by itself."""


def refuse(found: Iterable[TrunkInvalid]) -> None:
    """Refuse a trunk with which something is wrong.

    Raises:
        TrunkInvalid: something is; `faults` has all of it.
    """
    faults = list(found)
    if faults:
        raise faults[0].together_with(faults[1:])


def unknown_region(region: str) -> tuple[str, str, str]:
    """Return what is wrong with a region, as `TrunkInvalid` takes it."""
    return (
        "region",
        f"unknown region {region!r}: use an ISO 3166-1 code such as FR",
        f"région {region!r} inconnue\u00a0: utilisez un code ISO 3166-1 tel que FR",
    )


def certificate_faults(option: str, pem: str) -> Iterator[TrunkInvalid]:
    """Tell what is wrong with `pem`, which has to be empty or certificates in PEM form."""
    if pem and (len(pem) > MOST_CERTIFICATES or not _CERTIFICATES.fullmatch(pem)):
        most = MOST_CERTIFICATES // 1024
        yield TrunkInvalid(
            option.replace("-", "_"),
            f"{option} is not up to {most} KiB of certificates in PEM form",
            f"n’est pas formé de {most} Kio au plus de certificats au format PEM",
        )


def name_faults(name: str) -> Iterator[TrunkInvalid]:
    """Tell what is wrong with `name`, which has to be 1 to 32 lower-case letters, digits, `-` or `_`."""
    if not _NAME.fullmatch(name):
        yield TrunkInvalid(
            "name",
            f"{name!r} is not a trunk name: give 1 to 32 lower-case letters, digits, - or _",
            f"{name!r} n’est pas un nom de trunk\u00a0: donnez 1 à 32 lettres minuscules, chiffres, - ou _",
        )


def fallback_code_faults(given: str) -> Iterator[TrunkInvalid]:
    """Tell what is wrong with answers that a trunk is tried once more after: `403,428`."""
    for code in dict.fromkeys(codes := given.split(",")):
        if not _REFUSAL.fullmatch(code) or code in _OTHER_REFUSALS:
            yield TrunkInvalid(
                "fallback_codes",
                f"fallback code {code!r} refuses no caller: give answers such as 403,488",
                f"le code {code!r} ne refuse aucun appelant\u00a0: donnez des réponses telles que 403,488",
            )
        if codes.count(code) > 1:
            yield TrunkInvalid(
                "fallback_codes",
                f"fallback code {code!r} is there twice: give each once",
                f"le code {code!r} y est deux fois\u00a0: donnez chacun une fois",
            )


def check_trunk_name(name: str) -> None:
    """Check that `name` can name a trunk.

    Raises:
        TrunkInvalid: it cannot.
    """
    refuse(name_faults(name))
