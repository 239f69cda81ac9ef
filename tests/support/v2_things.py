"""Things that keys must not reach, for every operation of `/v2` with one in its path.

Whoever adds a resource adds a line to `THINGS`: `tests/unit/http/test_v2_reach.py` fails for a path that is missing.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from renvoi.application.ports.unit_of_work import Writer
from renvoi.domain.access.api_key import KeyRecord
from renvoi.domain.calls.call_record import CallKey
from renvoi.domain.numbers.number import E164
from tests.support.http_api import FOREIGN, FOREIGN_KEY, SECOND, START_MS
from tests.support.v2_kept import AUDIO, CALL, MAIL, MESSAGE
from tests.support.v2_webhooks import OF_OTHER, OF_SECOND, put_webhook


@dataclass(frozen=True, slots=True)
class Thing:
    """What a path may name: an id that nothing has, one of another account, and one of SECOND in the key's own."""

    unknown: str
    foreign: str
    of_second: str | None
    """None: such things belong to no number, so that a key that is limited to numbers sees none of them at all."""


def put_things(writer: Writer) -> None:
    """Store all that `THINGS` names, but for what everybody who tests has."""
    for message_id, number, account_id in (("f" * 32, FOREIGN, 2), ("e" * 32, SECOND, 1)):
        message = replace(MESSAGE, id=message_id, number=number, account_id=account_id)
        writer.add_message(message, replace(MAIL, message_id=message_id), AUDIO)
        writer.put_greeting(number, AUDIO, START_MS)
    for call_id, number in (("foreign", FOREIGN), ("of second", SECOND)):
        writer.put_call(replace(CALL, key=CallKey(call_id, "tag", 1), number=number.value, diversions=(number.value,)))
    for webhook in (OF_OTHER, OF_SECOND):
        put_webhook(writer, webhook)
    writer.add_key(KeyRecord("5ec05ec05ec0", 1, bytes(32), "FR", scopes=("keys:write",), numbers=frozenset({SECOND})))


NOBODYS = E164("+33199009999")
THINGS: Mapping[str, Thing] = {
    "/v2/numbers/": Thing(NOBODYS.value, FOREIGN.value, SECOND.value),
    "/v2/messages/": Thing("msg_" + "0" * 32, "msg_" + "f" * 32, "msg_" + "e" * 32),
    "/v2/calls/": Thing("call_99", "call_1", "call_2"),
    "/v2/webhooks/": Thing("wh_" + "0" * 24, f"wh_{OF_OTHER.id}", f"wh_{OF_SECOND.id}"),
    "/v2/keys/": Thing("key_ffffffffffff", f"key_{FOREIGN_KEY.id}", "key_5ec05ec05ec0"),
}
"""By the path before the parameter. Parameters further on are those of the example, which belong to another thing."""
_PARAMETER = re.compile(r"\{[a-z_]+\}")


def thing_of(path: str) -> Thing | None:
    """Return what the first parameter of a path names; None for a path without one."""
    found = _PARAMETER.search(path)
    return THINGS[path[: found.start()]] if found is not None else None


def naming(path: str, example: str) -> Callable[[str], str]:
    """Return how `example`, which is one of `path`, is written with another thing in place of its first parameter."""
    found = _PARAMETER.search(path)
    assert found is not None
    behind = example[found.start() :]
    rest = re.sub("^[^/?]+", "", behind)
    return lambda name: example[: found.start()] + name + rest
