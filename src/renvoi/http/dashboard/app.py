"""Puts the dashboard together: its pages, its files, what is around them, and the events that they follow."""

from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import quote

from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import Receive, Scope, Send

from renvoi.application.event_log import EVERY_EVENT
from renvoi.application.sessions import session_of, set_choice
from renvoi.domain.events.event import StoredEvent
from renvoi.domain.outcome import LANGUAGES
from renvoi.domain.problem import Problem, ProblemCode
from renvoi.http.dashboard import (
    account,
    bulk,
    calls,
    first_run,
    greeting,
    keys,
    messages,
    number,
    numbers,
    secret_pages,
    sessions,
    sign_in,
    webhook_deliveries,
    webhooks,
)
from renvoi.http.dashboard.operator import accounts, mails, overview, policies, rates, trunks
from renvoi.http.dashboard.operator import numbers as operator_numbers
from renvoi.http.dashboard.site import COOKIE, Site, local_path
from renvoi.http.dashboard.visit import NAVIGATION, Visit
from renvoi.http.request_context import context_of
from renvoi.http.v2.deps import V2Deps
from renvoi.http.v2.event_stream import EventStream, Streams

SCHEMES = ("light", "dark")


def routes(site: Site) -> Sequence[Route]:
    streams = Streams()

    async def start(visit: Visit) -> Response:
        # Whoever may see nothing of the account has sessions all the same.
        return visit.redirect(next((path for path, _, scope in NAVIGATION if visit.may(scope)), "/sessions"))

    async def choose(visit: Visit) -> Response:
        """Set the language and the colours of the session; anything else than one of ours means the browser's own."""
        language, scheme = visit.form.text("language"), visit.form.text("scheme")
        assert visit.session is not None
        store = visit.deps.store
        await set_choice(store, visit.session, "language", language if language in LANGUAGES else None)
        await set_choice(store, visit.session, "scheme", scheme if scheme in SCHEMES else None)
        return visit.redirect(local_path(visit.form.text("next")))

    async def live(visit: Visit) -> Response:
        deps, who = visit.deps, visit.principal
        streams.check(who.account_id)
        cookie, client = visit.request.cookies[COOKIE], visit.context.client
        after = await deps.store.read(lambda reader: reader.last_event(who.account_id))

        async def is_good() -> bool:
            found = await session_of(deps.store, deps.clock, cookie, client)
            return found is not None and found.principal == who

        return EventStream(deps, streams, who, after, EVERY_EVENT, is_good, _kind)

    return [
        site.get("/", "start", start),
        site.post("/choices", "choices", choose),
        site.get("/live", "live", live),
    ]


def _kind(event: StoredEvent) -> str:
    # Which kind of thing happened is all that a page needs to ask for itself again.
    return f"event: {event.type}\ndata: \n\n"


PAGES: Sequence[Callable[[Site], Sequence[Route]]] = (
    routes,
    sign_in.routes,
    sessions.routes,
    secret_pages.routes,
    numbers.routes,
    bulk.routes,
    number.routes,
    greeting.routes,
    messages.routes,
    calls.routes,
    keys.routes,
    webhooks.routes,
    webhook_deliveries.routes,
    account.routes,
    first_run.routes,
    overview.routes,
    accounts.routes,
    operator_numbers.routes,
    policies.routes,
    trunks.routes,
    rates.routes,
    mails.routes,
)
"""The modules of pages: a new one is listed here. Of two routes that match a path the first one is taken."""
_HTML = b"text/html"


class Dashboard:
    """The pages. An ASGI application, which is asked first whether a request is for it."""

    def __init__(self, deps: V2Deps) -> None:
        self._site = Site(deps)
        self._pages = [route for make in PAGES for route in make(self._site)]
        self._routes = [*self._site.static.routes(), *self._pages]
        self._missing = self._site.answers("missing", _missing)
        self._page_of_form = self._site.answers("page_of_form", self._to_page)

    @property
    def routes(self) -> Sequence[Route]:
        """The routes of all pages, files apart."""
        return self._pages

    def serves(self, scope: Scope) -> bool:
        """Tell whether a request is for one of the pages, or of a browser that looks for one."""
        if any(route.matches(scope)[0] is not Match.NONE for route in self._routes):
            return True
        return scope["method"] in ("GET", "HEAD") and _HTML in context_of(scope).headers.get(b"accept", b"")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        partial = None
        for route in self._routes:
            match, found = route.matches(scope)
            if match is Match.FULL:
                scope.update(found)
                await route.handle(scope, receive, send)
                return
            partial = partial or (route if match is Match.PARTIAL else None)
        if partial is None:
            await self._missing(scope, receive, send)
        elif scope["method"] in ("GET", "HEAD"):
            await self._page_of_form(scope, receive, send)
        else:
            await self._site.answers("wrong_method", _wrong_method(partial))(scope, receive, send)

    async def _to_page(self, visit: Visit) -> Response:
        """Send the browser from where a form was sent to the page that has it.

        The address of an answer to a form is asked for by whoever reloads it, or signs in again and goes on.
        """
        scope = visit.request.scope
        path = str(scope["path"])
        while path:
            path = path.rpartition("/")[0]
            above = {**scope, "path": path}
            if any(route.matches(above)[0] is Match.FULL for route in self._pages):
                break
        return visit.redirect(local_path(quote(path, safe="/+")))


def _wrong_method(route: Route) -> Callable[[Visit], Awaitable[Response]]:
    async def refuse(_visit: Visit) -> Response:
        raise Problem(ProblemCode.METHOD_NOT_ALLOWED, headers={"Allow": ", ".join(sorted(route.methods or ()))})

    return refuse


async def _missing(_visit: Visit) -> Response:
    raise Problem(ProblemCode.NOT_FOUND)
