"""Who made a change, and who called, as the reader of a page knows them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from markupsafe import Markup

from renvoi.application.auth import COMMAND_LINE
from renvoi.application.ports.people import NamedActor
from renvoi.application.ports.unit_of_work import Reader
from renvoi.domain.access.api_key import EVERY_ACCOUNT, is_operator_id
from renvoi.domain.ids import written_actor
from renvoi.domain.numbers.destination_policy import GLOBAL
from renvoi.http.dashboard.formats import country, phone, phone_forms
from renvoi.http.dashboard.visit import Visit


@dataclass(frozen=True, slots=True)
class Actors:
    """Those who did what a page shows."""

    visit: Visit
    named: Mapping[str, NamedActor]

    def shown(self, actor: str | None, source: str = "") -> Markup:
        """Return who `actor` is, None: the command line; `source` is the address that it came from.

        The id is the element's title. Other accounts' names are not shown, and operators' to operators alone; who is
        gone, and a key without a label, are shown by the id.
        """
        if source == COMMAND_LINE:
            source = self.visit.text("actor.command_line")
        title = ", ".join(filter(None, (written_actor(actor), source)))
        name = self._name(actor) or written_actor(actor) or ""
        return Markup('<span title="{}">{}</span>').format(title, name) if title else Markup("{}").format(name)

    def _name(self, actor: str | None) -> str:
        found = None if actor is None else self.named.get(actor)
        is_operators = (
            actor is None or is_operator_id(actor) or (found is not None and found.account_id == EVERY_ACCOUNT)
        )
        who = self.visit.principal
        if is_operators and (actor is None or not who.is_operator):
            return self.visit.text("actor.operator")
        return found.name if found is not None and (who.is_operator or found.account_id == who.account_id) else ""


def actors_in(reader: Reader, visit: Visit, ids: Iterable[str | None]) -> Actors:
    """Return those of these ids, by one statement for `MOST_ACTORS` of them."""
    return Actors(visit, reader.actors(sorted({each for each in ids if each is not None})))


async def actors_of(visit: Visit, ids: Iterable[str | None]) -> Actors:
    """Return those of these ids, see `actors_in`."""
    return await visit.deps.store.read(lambda reader: actors_in(reader, visit, ids))


class ShownCaller(NamedTuple):
    """A caller: the number as the reader's country writes it, or a text, and the country of a number from abroad."""

    name: str
    country: str = ""


def shown_caller(visit: Visit, caller: str | None) -> ShownCaller:
    """Return how a caller is shown; None: one who does not want to be known."""
    if not caller:
        return ShownCaller(visit.text("caller.withheld" if caller is None else "caller.unknown"))
    forms = phone_forms(caller)
    name = phone(visit.reader, caller)
    # 001: numbers that are of no country, such as those of satellites.
    if forms is None or forms.region in (None, visit.reader.region, GLOBAL):
        return ShownCaller(name)
    return ShownCaller(name, country(visit.language, forms.region))
