"""What the edge tells a voicemail worker of a call that a message may be left by."""

import base64
import binascii
import json
from dataclasses import asdict, dataclass
from typing import Self

from renvoi.domain.mailbox import EmailAddress
from renvoi.domain.nameaddr import MAX_VALUE
from renvoi.domain.number import E164
from renvoi.domain.text import clean_text

HEADER = "X-Renvoi-Deposit"
"""The header of the INVITE that carries it; the edge removes what others put there."""
WITHHELD = ""
"""The caller of a call whose caller does not want to be known (RFC 3323)."""


class DepositInvalid(ValueError):
    """The text is none that `encode` wrote."""


@dataclass(frozen=True, slots=True)
class Deposit:
    """A call to the mailbox of `number`, by the rule of `revision`; its message is mailed to `email`.

    `caller` is a phone number in E.164 if it is one, else the user part of the caller's URI, or `WITHHELD`; clean text
    of up to `nameaddr.MAX_VALUE` characters in any case.
    """

    number: E164
    revision: int
    email: EmailAddress
    caller: str

    def __post_init__(self) -> None:
        # It is stored, mailed and shown, and an edge of another version may have read it.
        object.__setattr__(self, "caller", clean_text(self.caller, MAX_VALUE))

    def encode(self) -> str:
        """Return it as the value of a SIP header: base64 of JSON, so that no character of it needs a quote."""
        values = asdict(self) | {"number": self.number.value, "email": self.email.value}
        return base64.b64encode(json.dumps(values).encode()).decode("ascii")

    @classmethod
    def decode(cls, text: str) -> Self:
        """Read what `encode` wrote.

        Raises:
            DepositInvalid: it is something else.
        """
        try:
            values = json.loads(base64.b64decode(text, validate=True))
            texts = {name: values[name] for name in ("number", "email", "caller")}
            if not all(isinstance(value, str) for value in texts.values()):
                raise TypeError(f"a text is missing in {values}")
            number, email = E164(texts["number"]), EmailAddress(texts["email"])
            return cls(number, int(values["revision"]), email, texts["caller"])
        except (binascii.Error, ValueError, KeyError, TypeError) as error:
            raise DepositInvalid(f"{HEADER} cannot be read: {error!r}") from error
