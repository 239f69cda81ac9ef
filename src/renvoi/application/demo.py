"""The demo account: what a newcomer needs to place a first call a minute after the first start."""

from dataclasses import dataclass

from renvoi.application.auth import operator_for
from renvoi.application.errors import OperatorError
from renvoi.application.keys import KeyWish, add_key, new_key
from renvoi.application.new_accounts import make_account
from renvoi.application.ports.numbers import NumberRow
from renvoi.application.ports.unit_of_work import Clock, Store, Writer
from renvoi.application.sessions import new_token
from renvoi.application.sign_in import add_link
from renvoi.domain.access.api_key import ApiKey
from renvoi.domain.access.limits import AccountLimits
from renvoi.domain.access.session import Token
from renvoi.domain.numbers.number import E164
from renvoi.domain.trunks.trunk import InboundTrunk, OutboundTrunk, parse_network

ACCOUNT = "demo"
NUMBERS = (E164("+33199001234"), E164("+33261910123"))
"""From the ranges that the French regulator keeps for fiction: they ring nobody."""
TARGET = E164("+33199005678")
"""A target for the first rule, fictional as well."""
TRUNKS = (
    InboundTrunk("demo-in", (parse_network("127.0.0.0/8"),)),
    OutboundTrunk("demo-out", "sip:127.0.0.1:5090"),
)


@dataclass(frozen=True, slots=True)
class Demo:
    """What was seeded; `fresh` tells whether this made the account, rather than only another key.

    `link` signs in once, on this machine, as the operator who acts for the demo account.
    """

    key: ApiKey
    fresh: bool
    link: Token


async def seed_demo(store: Store, clock: Clock, limits: AccountLimits) -> Demo:
    """Make the demo account, with these limits, its numbers and trunks as far as they are missing, and one new key.

    Raises:
        OperatorError: another account owns one of the demo numbers.
    """
    key, link = new_key(), new_token()
    now_ms = clock.now_ms()
    return await store.write(lambda writer: _seed(writer, key, link, limits, now_ms))


def _seed(writer: Writer, key: ApiKey, link: Token, limits: AccountLimits, now_ms: int) -> Demo:
    found = writer.account(ACCOUNT)
    account = found or make_account(writer, ACCOUNT, "en", "FR", limits, now_ms)
    for number in NUMBERS:
        record = writer.number(number)
        if record is None:
            writer.add_number(account.id, NumberRow(number, "demo"), now_ms)
        elif record.account_id != account.id:
            raise OperatorError(
                f"{number}, a number of the demo account, belongs to another one: make the demo with another --data"
            )
    there = writer.trunks()
    names = {trunk.name for trunk in there.inbound} | {trunk.name for trunk in there.outbound}
    for trunk in TRUNKS:
        if trunk.name not in names:
            writer.add_trunk(trunk)
    add_key(writer, operator_for(account), key, KeyWish("demo"), now_ms)
    add_link(writer, link, ACCOUNT, now_ms)
    return Demo(key, found is None, link)
