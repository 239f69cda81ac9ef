"""What the edge tells a voicemail worker of a call that a message may be left by."""

import base64
import binascii
import hmac
import json
import re
from dataclasses import dataclass
from typing import Self

from renvoi.domain.email_address import EmailAddress
from renvoi.domain.name_addr import MAX_VALUE
from renvoi.domain.numbers.number import E164
from renvoi.domain.rules.rule import MAX_EMAILS
from renvoi.domain.shared_key import KeyRing, SharedKey
from renvoi.domain.text import clean_text, read_json

HEADER = "X-Renvoi-Deposit"
"""The header of the INVITE that carries it; the edge removes what others put there."""
VALID_S = 900
"""How old a sealed handoff may be: a call may ring at trunks for minutes before a message is taken."""
CLOCK_SKEW_S = 120
"""How far ahead of the worker's clock that of the edge may be."""
MAX_ADDRESS = 320
"""Characters of an e-mail address: 64 before the `@` and 255 behind it (RFC 5321 §4.5.3.1)."""
_PURPOSE = "deposit"
_NUMBER = re.compile(r"\+[0-9]{1,15}", re.ASCII)
WITHHELD = ""
"""The caller of a call whose caller does not want to be known (RFC 3323)."""


class HandoffInvalid(ValueError):
    """The text is not one that `encode` or `seal` wrote, or a seal that does not hold for this call now."""


@dataclass(frozen=True, slots=True)
class VoicemailHandoff:
    """A call to the mailbox of `number`, by the rule of `revision`.

    Its message is mailed to `email` and each of `others`. `caller` is a phone number in E.164 if it is one, else the
    user part of the caller's URI, or `WITHHELD`; clean text of up to `name_addr.MAX_VALUE` characters in any case.
    """

    number: E164
    revision: int
    email: EmailAddress
    caller: str
    others: tuple[EmailAddress, ...] = ()

    def __post_init__(self) -> None:
        # It is stored, mailed and shown, and an edge of another version may have read it.
        object.__setattr__(self, "caller", clean_text(self.caller, MAX_VALUE))

    def encode(self) -> str:
        """Return it as the value of a SIP header: base64 of JSON, so that no character of it needs a quote."""
        named = {"number": self.number.value, "revision": self.revision, "email": self.email.value}
        # Workers of an older version know one address, and leave the others out.
        others = {"others": [email.value for email in self.others]} if self.others else {}
        values = named | {"caller": self.caller} | others
        return base64.b64encode(json.dumps(values).encode()).decode("ascii")

    @classmethod
    def decode(cls, text: str) -> Self:
        """Read what `encode` wrote.

        Raises:
            DepositInvalid: it is something else.
        """
        try:
            values = read_json(base64.b64decode(text, validate=True))
            number, caller = values["number"], values["caller"]
            others = values.get("others", [])
            if not isinstance(others, list) or len(others) >= MAX_EMAILS:
                raise TypeError(f"the addresses are not a list of at most {MAX_EMAILS}")
            emails = [values["email"], *others]
            if not all(isinstance(value, str) for value in (number, caller, *emails)):
                raise TypeError(f"a text is missing in {values}")
            if not _NUMBER.fullmatch(number) or not all(map(_is_address, emails)):
                raise ValueError("a number or an address is not valid")
            first, *rest = map(EmailAddress, emails)
            return cls(E164(number), int(values["revision"]), first, caller, tuple(rest))
        except (binascii.Error, ValueError, KeyError, TypeError, OverflowError) as error:
            raise HandoffInvalid(f"{HEADER} cannot be read: {error!r}") from error

    def seal(self, ring: KeyRing, now_ms: int, call_id: str | bytes) -> str:
        """Return it as the value of the header of this call, with the proof that one of our edges wrote it."""
        key, written, at_s = ring.signing(now_ms), self.encode(), str(now_ms // 1000)
        return ".".join((written, at_s, key.id, _seal(key, written, at_s, call_id)))

    @classmethod
    def unseal(cls, text: str, ring: KeyRing, now_ms: int, call_id: str | bytes) -> Self:
        """Read what `seal` wrote for this call.

        Raises:
            DepositInvalid: it is something else, was written for another call, too long ago, or not by one of us.
        """
        if not text.isascii():
            raise HandoffInvalid(f"{HEADER} is not what an edge writes")
        written, at_s, key_id = (text.split(".") + [""] * 3)[:3]
        key = ring.get(key_id)
        if key is None:
            raise HandoffInvalid(f"{HEADER} is not sealed with a key that we know")
        # The whole text counts, so that nothing can be added to it.
        expected = ".".join((written, at_s, key_id, _seal(key, written, at_s, call_id)))
        if not hmac.compare_digest(expected, text):
            raise HandoffInvalid(f"{HEADER} was not written by an edge for this call")
        age_s = now_ms // 1000 - int(at_s)
        if not -CLOCK_SKEW_S <= age_s <= VALID_S:
            raise HandoffInvalid(f"{HEADER} is {age_s} s old: compare the clocks of the nodes")
        return cls.decode(written)


def _is_address(text: str) -> bool:
    """Tell whether a mail can be addressed so. No more: the rule was checked when it was set, by its version's ways."""
    local, at, domain = text.rpartition("@")
    return bool(local and at and domain) and text.isprintable() and " " not in domain and len(text) <= MAX_ADDRESS


def _seal(key: SharedKey, written: str, at_s: str, call_id: str | bytes) -> str:
    return base64.urlsafe_b64encode(key.sign(_PURPOSE, written, at_s, call_id)).decode("ascii").rstrip("=")
