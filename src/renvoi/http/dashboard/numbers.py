"""`/numbers`: the numbers of an account, what a call to each meets now, and what has come to it."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.responses import Response
from starlette.routing import Route

from renvoi.application.number_lists import START, NumberFilter, NumberPlace, list_numbers
from renvoi.application.ports.number_lists import MOST_COUNTED, NumberFacts
from renvoi.domain.access.api_key import EVERY_ACCOUNT
from renvoi.domain.rules.rule import NumberRecord, RuleType
from renvoi.http.dashboard.lists import Listed
from renvoi.http.dashboard.number_view import State, sentence_of, state_of
from renvoi.http.dashboard.site import Site
from renvoi.http.dashboard.visit import Visit
from renvoi.http.v2.numbers import ACTIONS

MAX_QUERY = 100
_WORDS = {"forward": "numbers.forwards", "voicemail": "numbers.takes_messages", "off": "numbers.off"}


@dataclass(frozen=True, slots=True)
class Row:
    """A number of the list."""

    record: NumberRecord
    sentence: str
    state: State
    facts: NumberFacts

    @property
    def has_more(self) -> bool:
        """Tell whether there may be more new messages than are counted."""
        return self.facts.unheard >= MOST_COUNTED


def routes(site: Site) -> Sequence[Route]:
    return [site.get("/numbers", "numbers", _list, "numbers:read")]


async def _list(visit: Visit) -> Response:
    text = visit.query.text("q", most=MAX_QUERY)
    action = visit.query.choice("action", tuple(ACTIONS.values()))
    kind = next((kind for kind, name in ACTIONS.items() if name == action), None)
    listed = Listed(visit)
    parts = listed.after_one_of((int,), (int, str))
    after = START if parts is None else NumberPlace(*parts)
    wanted = NumberFilter(text or None, kind)
    store = visit.deps.store
    found = await list_numbers(store, visit.principal, wanted, after, listed.limit)
    facts = await store.read(lambda reader: reader.number_facts([each.number for each in found.records]))
    rows = [
        Row(each, sentence_of(visit, each), state_of(visit, each), facts.get(each.number, NumberFacts()))
        for each in found.records
    ]
    return visit.render(
        "numbers.html.j2",
        visit.query_errors.status,
        rows=rows,
        errors=visit.query_errors,
        query=text,
        action=action,
        actions=_actions(visit),
        can_select=visit.may("forwarding:write") and visit.principal.account_id != EVERY_ACCOUNT,
        is_filtered=bool(text) or kind is not None,
        is_first=listed.is_first,
        next_page=listed.next_url(None if found.next is None else _parts_of(found.next)),
    )


def _parts_of(place: NumberPlace) -> tuple[int | str, ...]:
    return (place.digits,) if place.label is None else (place.digits, place.label)


def _actions(visit: Visit) -> Sequence[tuple[str, str]]:
    """Return what a list can be of: the value of the query and its words."""
    names = [ACTIONS[kind] for kind in (RuleType.FORWARD, RuleType.VOICEMAIL, RuleType.DISABLED)]
    return [("", visit.text("numbers.any")), *((name, visit.text(_WORDS[name])) for name in names)]
