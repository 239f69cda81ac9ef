"""The e-mail address that a voicemail message is sent to."""

import re
from dataclasses import dataclass
from typing import Self

from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email

from renvoi.domain.text import strip_invisible

# Mail inside a company goes to domains that the world does not know, such as company.local. Changing the list is the
# library's own way to say so; none of what stays can have mail.
SPECIAL_USE_DOMAIN_NAMES[:] = ["arpa", "invalid"]

MAX_LOCAL_OCTETS = 64
"""Octets before the `@`, in UTF-8 (RFC 5321 §4.5.3.1.1)."""
_MAX_WRITTEN = 1000
"""Characters that are looked at; an address has 254 octets at the most."""

_ENDS_LINE = r"\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff"
_STORED = re.compile(f"[^{_ENDS_LINE}]{{1,318}}@[^@ {_ENDS_LINE}]{{1,255}}")


class EmailInvalid(ValueError):
    """The text is not one well-formed e-mail address."""


@dataclass(frozen=True, slots=True)
class EmailAddress:
    """One e-mail address in its normalised form (RFC 5321 §4.1.2, RFC 6531)."""

    value: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read one address, by syntax only: no name server is asked (`docs/api.md §2`).

        Raises:
            EmailInvalid: not exactly one well-formed address.
        """
        shown = strip_invisible(text[:_MAX_WRITTEN])
        try:
            found = validate_email(shown, check_deliverability=False, allow_quoted_local=True)
        except EmailNotValidError as error:
            raise EmailInvalid(shown) from error
        if len(found.local_part.encode()) > MAX_LOCAL_OCTETS:
            raise EmailInvalid(shown)
        return cls(found.normalized)

    @classmethod
    def stored(cls, text: str) -> Self:
        """Take an address as it lies in a store, where a person may have written it by hand.

        What was an address for an older version stays one; but none ends a line, of a header or of a log.

        Raises:
            EmailInvalid: it has a control character or half of a surrogate pair, or is not a local part with a domain.
        """
        if not _STORED.fullmatch(text):
            raise EmailInvalid("an e-mail address of one line, with an @, was expected")
        return cls(text)

    @property
    def domain(self) -> str:
        """What stands behind the `@`."""
        return self.value.rpartition("@")[2]

    def __str__(self) -> str:
        return self.value
