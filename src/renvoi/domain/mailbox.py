"""The e-mail address that a voicemail message is sent to."""

from dataclasses import dataclass
from typing import Self

from email_validator import EmailNotValidError, validate_email


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
        try:
            # test_environment admits @test domains of a laboratory; whether mail arrives is the mail server's to say.
            return cls(validate_email(text, check_deliverability=False).normalized)
        except EmailNotValidError as error:
            raise EmailInvalid(text) from error

    @property
    def domain(self) -> str:
        """What stands behind the `@`."""
        return self.value.rpartition("@")[2]

    def __str__(self) -> str:
        return self.value
