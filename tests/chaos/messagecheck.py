"""Messages and their mails against the calls that left them: none lost, none doubled.

The model: what a worker heard of a call is a message, however it or its node died, unless it is shorter than a second.
A mail arrives at least once; copies bring the same recording under the same Message-ID.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from tests.chaos.history import Final, Kept, MailSeen, Taking, Violation

SURE_S = 2.2
"""A call of which so much was said leaves a message: a second of it may be with a worker that was just killed."""


def message_faults(takings: Iterable[Taking], mails: Iterable[MailSeen], final: Final) -> Iterator[Violation]:
    """Compare messages with the calls to mailboxes, and mails with messages."""
    kept: dict[str, list[Kept]] = defaultdict(list)
    for message in final.messages:
        kept[message.call_id].append(message)
    known = set()
    for taking in takings:
        known.add(taking.call_id)
        if taking.said_s >= SURE_S and not kept[taking.call_id]:
            yield Violation("lost message", taking.call_id, f"{taking.said_s:.1f} s were said", (taking,))
    for call_id, messages in kept.items():
        if call_id not in known:
            yield Violation("message of no call", call_id, "nobody made that call", tuple(messages))
        elif len(messages) > 1:
            yield Violation("doubled message", call_id, f"{len(messages)} messages", tuple(messages))
    yield from _mail_faults(final.messages, mails)
    yield from _count_faults(final)


def _mail_faults(messages: Sequence[Kept], mails: Iterable[MailSeen]) -> Iterator[Violation]:
    arrived: dict[str, list[MailSeen]] = defaultdict(list)
    for mail in mails:
        arrived[mail.message_id].append(mail)
    for message in messages:
        copies = arrived.pop(message.id, [])
        if message.mail_state != "sent":
            text = f"its mail is {message.mail_state} when all is over"
            yield Violation("mail not sent", message.call_id, text, (message, *copies))
        elif not copies:
            yield Violation("lost mail", message.call_id, "it counts as sent and never came", (message,))
        if any(copy.recipient != message.recipient for copy in copies):
            yield Violation("mail to another", message.call_id, f"not to {message.recipient}", (message, *copies))
        if len({copy.digest for copy in copies}) > 1:
            yield Violation("copies differ", message.call_id, "two recordings", (message, *copies))
    for message_id, copies in arrived.items():
        yield Violation("mail of no message", message_id, "there is no such message", tuple(copies))


def _count_faults(final: Final) -> Iterator[Violation]:
    stored: Mapping[str, int] = Counter(message.mail_state for message in final.messages)
    for name, wanted in (("messages", len(final.messages)), ("mails_sent", stored.get("sent", 0))):
        if final.counts.get(name, 0) != wanted:
            yield Violation("wrong counter", name, f"{final.counts.get(name, 0)} are counted, {wanted} are stored")
