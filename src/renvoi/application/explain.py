"""What would happen to a call: the edge's own decision, without a call."""

from dataclasses import dataclass

from renvoi.application.numbers import parse_number
from renvoi.application.ports.trunks import Trunks
from renvoi.application.ports.unit_of_work import Reader, Store
from renvoi.domain.numbers.number import E164
from renvoi.domain.numbers.rule import NumberRecord
from renvoi.domain.routing.routing import Call, Decision, NeedRecord, route_call


@dataclass(frozen=True, slots=True)
class Explanation:
    """The decision about a call from `caller` to `called`, what it was made from, in order, and the trunks."""

    caller: str
    called: E164
    decision: Decision
    records: tuple[tuple[E164, NumberRecord | None], ...]
    trunks: Trunks


async def explain(store: Store, called: str, caller: str, region: str, now_ms: int) -> Explanation:
    """Decide about a call from `caller` to `called` as the edge would at `now_ms`, by the rules as they are now.

    Both numbers are read in `region`; `now_ms` is in ms since 1970-01-01 UTC. A caller that is no number, such as
    `anonymous`, is taken as it is: no rule depends on it.

    Raises:
        OperatorError: `called` is not a phone number.
    """
    number = parse_number(called, region)
    call = Call(number)

    def work(reader: Reader) -> Explanation:
        records: dict[E164, NumberRecord | None] = {}
        step = route_call(call, records, now_ms)
        while isinstance(step, NeedRecord):
            records[step.number] = reader.number(step.number)
            step = route_call(call, records, now_ms)
        return Explanation(caller, number, step, tuple(records.items()), reader.trunks())

    return await store.read(work)
