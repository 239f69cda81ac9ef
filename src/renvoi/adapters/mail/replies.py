"""What a server's refusal (5xx) is about: the recipient, the size of the mail, or this site and its settings.

Servers say so by enhanced status codes (RFC 3463, RFC 5248; their place in a reply: RFC 2034 §4), by the command that
they refuse, and, as many do no better, by their words. In doubt a refusal of the recipient is taken at its word, and
so is one of the content; one of the greeting or of the sender has nothing to do with a mail.
"""

import re
from enum import Enum

from renvoi.adapters.mail.step import Step

_ENHANCED = re.compile(r"(?:^|[(#\s])([245]\.\d{1,3}\.\d{1,3})(?=$|[)\s:;,.])")
_LOGIN_WANTED = frozenset({530, 534, 535, 538})
"""The server wants us to log in first, or in another way (RFC 4954 §6)."""
_TOO_BIG = frozenset({"5.3.4", "5.2.3"})
"""RFC 1870 §6.1; the second one is the recipient's own limit."""
_FULL = "5.2.2"
_UTF8 = frozenset({"5.6.7", "5.6.8", "5.6.9"})
"""RFC 6531 §3.4 and RFC 5248: the server, or the next one, takes no such address."""
_SENDER = frozenset({"5.1.7", "5.1.8", "5.4.5", "5.7.13", "5.7.27"})
"""Of the sender's address or account; Gmail says 5.4.5 for the quota of a day."""
_OF_RECIPIENT = re.compile(
    r"recipient (address )?rejected|(user|mailbox|recipient|address)\b.{0,40}\b"
    r"(unknown|not found|does ?n.t exist|does not exist|unavailable|disabled|inactive)|"
    r"(unknown|no such|invalid) (local )?(user|mailbox|recipient|address)",
    re.IGNORECASE,
)
_OF_SITE = re.compile(
    r"relay|blocked|black ?list|block ?list|\bd?n?s?[rb]bl\b|spamhaus|spamcop|barracuda|reputation|"
    r"helo|ehlo|greeting|authenticat|\bauth\b|log ?in|not owned|sender|from address|"
    r"\bspf\b|dkim|dmarc|reverse dns|\brdns\b|\bptr\b|client host|your (ip|host|server|domain)|"
    r"rate limit|too many|quota of|sending (limit|quota)|not (permitted|allowed|authorized) to send",
    re.IGNORECASE,
)
_OF_SIZE = re.compile(
    r"\b(message|mail|content|data|attachment|it)\b.{0,30}\b(too (big|large|long)|exceeds?\b.{0,30}\bsize)|"
    r"size (limit|exceed)|maximum (message |mail )?size",
    re.IGNORECASE,
)


class Blame(Enum):
    """What has to change before a mail that was refused may pass."""

    SITE = "site"
    """Settings, the account at the server or the name of this site: every mail is refused until somebody acts."""
    LOGIN = "login"
    """The same, and it is user and password."""
    SIZE = "size"
    """The mail: it is too big."""
    FULL = "full"
    """The recipient's mailbox: there is no room now."""
    UTF8 = "utf8"
    """The address: the server takes none with such letters."""
    RECIPIENT = "recipient"
    """The recipient's address, or what this server thinks of this one mail."""


def blame(step: Step, code: int, text: str) -> Blame:
    """Return what a refusal is about; `code` is 500 to 599, `text` what the server said behind it."""
    found = _ENHANCED.search(text)
    enhanced = found[1] if found else ""
    if step is Step.LOGIN or code in _LOGIN_WANTED:
        return Blame.LOGIN
    if step not in (Step.SENDER, Step.RECIPIENT, Step.CONTENT) or code == 504:
        return Blame.SITE
    if enhanced in _TOO_BIG or code == 523 or (code in (552, 554) and not enhanced and _OF_SIZE.search(text)):
        return Blame.SIZE
    if enhanced in _UTF8:
        return Blame.UTF8
    if step is Step.SENDER:
        return Blame.SITE
    return _of_recipient(step, code, enhanced, text)


def _of_recipient(step: Step, code: int, enhanced: str, text: str) -> Blame:
    if enhanced in _SENDER:
        return Blame.SITE
    if enhanced == _FULL or (code == 552 and not enhanced):
        return Blame.FULL
    if _OF_RECIPIENT.search(text) and "sender" not in text.lower():
        return Blame.RECIPIENT
    if enhanced.startswith(("5.1.", "5.2.", "5.4.", "5.6.")):
        return Blame.RECIPIENT
    if enhanced.startswith("5.7.") and step is Step.RECIPIENT:
        return Blame.SITE
    # 5.3: the server itself; 5.5: what we say to it. Of the content: not for what is in it, but for who sends it.
    if enhanced.startswith(("5.3.", "5.5.")) or _OF_SITE.search(text):
        return Blame.SITE
    return Blame.RECIPIENT
