"""Events: what happened to a number, an account or the node, told by webhooks and by `/v2/events` (`docs/webhooks.md`).

An event is stored in the transaction of what it tells, so none is lost, and none tells what did not happen.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from renvoi.domain.numbers.number import E164

NODE = 0
"""The account of what belongs to none: the trunks. No account has that id."""
MAX_BODY_BYTES = 20_000
"""A body that is sent stays below this (Standard Webhooks 1.0)."""
MAX_DATA_BYTES = MAX_BODY_BYTES - 500
"""What of it is `data` before `seq` is added: type, time and `seq` need the rest."""
_ID = re.compile(r"evt_([1-9][0-9]{0,18})-([0-9a-f]{1,16})")
_MAX_POSITION = (1 << 63) - 1


class EventType(StrEnum):
    """What an event tells; the names are those of the API."""

    CALL_COMPLETED = "call.completed"
    CALL_MISSED = "call.missed"
    MESSAGE_CREATED = "message.created"
    MESSAGE_TRANSCRIBED = "message.transcribed"
    MESSAGE_DELETED = "message.deleted"
    MAIL_FAILED = "mail.failed"
    FORWARDING_CHANGED = "forwarding.changed"
    NUMBER_CHANGED = "number.changed"
    LIMIT_REACHED = "limit.reached"
    TRUNK_DOWN = "trunk.down"
    TRUNK_UP = "trunk.up"
    WEBHOOK_DISABLED = "webhook.disabled"
    WEBHOOK_TEST = "webhook.test"
    """Sent by hand to one endpoint, and to no other."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens in a transaction.

    `account_id` is `NODE` for what belongs to no account, `number` None for what belongs to no number. `data` is JSON:
    texts, numbers, booleans, None, lists and mappings; `at_ms` is ms UTC.
    """

    type: EventType
    account_id: int
    number: E164 | None
    data: Mapping[str, object]
    at_ms: int


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event as it is stored.

    `position` is unique in the store. `seq` grows by one with each event of the same number and account, without a gap;
    those without a number are counted together. `data` is a JSON object without `seq`.
    """

    position: int
    type: str
    account_id: int
    number: E164 | None
    seq: int
    data: str
    at_ms: int

    @property
    def id(self) -> str:
        """The same for ever, and of no other event: a store that was restored gives positions again, at other times."""
        return f"evt_{self.position}-{self.at_ms:x}"


def position_of(event_id: str) -> int | None:
    """Return the position of the event with that id; None when the text is not such an id."""
    found = _ID.fullmatch(event_id)
    position = int(found[1]) if found is not None else 0
    return position if 0 < position <= _MAX_POSITION else None
