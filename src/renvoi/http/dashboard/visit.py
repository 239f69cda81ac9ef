"""What every page is given: who looks at it, in which language, its words, and how it is answered.

The headers of every answer tell browsers what a page may load, and that nobody keeps it.
"""

import re
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property, partial
from http import HTTPStatus
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from renvoi.application.ports.accounts import Account
from renvoi.application.ports.number_lists import MOST_COUNTED
from renvoi.application.sessions import Session
from renvoi.domain.access.api_key import Principal
from renvoi.domain.events.event import EventType
from renvoi.domain.moment import zone_of
from renvoi.domain.numbers.number import NO_REGION
from renvoi.domain.rules.schedule import shown_zone
from renvoi.http.dashboard import words
from renvoi.http.dashboard.formats import Reader, filters
from renvoi.http.dashboard.forms import NO_ERRORS, NO_FORM, Form, FormErrors, errors_of
from renvoi.http.dashboard.queries import Query
from renvoi.http.dashboard.static_files import StaticFiles
from renvoi.http.request_context import RequestContext, came_by_https, context_of
from renvoi.http.v2.deps import V2Deps

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; media-src 'self' blob:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS: Mapping[str, str] = {
    "content-security-policy": POLICY,
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-store",
    "permissions-policy": "camera=(), geolocation=(), microphone=(self)",
}


FLASH_COOKIE: Final = "renvoi_said"
"""The key of what the next page says on top; nobody but us writes texts."""
FLASH_S = 60
NAVIGATION: Sequence[tuple[str, str, str]] = (
    ("/numbers", "nav.numbers", "numbers:read"),
    ("/messages", "nav.messages", "messages:read"),
    ("/calls", "nav.calls", "calls:read"),
    ("/keys", "nav.keys", "keys:write"),
    ("/webhooks", "nav.webhooks", "webhooks:write"),
    ("/account", "nav.account", "numbers:read"),
    ("/operator", "nav.operator", "operator"),
)
"""Path, words and scope of what stands in the navigation, in its order."""
LIVE_KINDS = " ".join(EventType)
"""The events that a page may follow as they happen."""
_TONES = {
    "said.not_sent": "warn",
    "messages.said_under_way": "warn",
    "operator.mail_under_way": "warn",
    "operator.mail_closed": "warn",
    "account.choose": "info",
}
"""Words of a page before that tell of nothing that was done, and the class of their box."""
_FLASH = re.compile(r"[a-z_]{1,40}\.[a-z_]{1,40}")


@cache
def _templates() -> Environment:
    """Return the templates; each is compiled when it is first used, which takes some hundredths of a second."""
    return Environment(
        loader=PackageLoader("renvoi.http.dashboard"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@dataclass
class Visit:
    """One request for a page: who asks, and how the answer is made. `session` is None for who is not signed in."""

    deps: V2Deps
    """What pages use; its store says what it cannot do by a `Problem`."""
    static: StaticFiles
    request: Request
    session: Session | None
    account: Account | None
    language: str
    now_ms: int
    form: Form = NO_FORM
    unheard: int = 0
    """Messages that nobody has heard and who looks may see: `MOST_COUNTED` at the most."""

    @property
    def context(self) -> RequestContext:
        return context_of(self.request.scope)

    @property
    def principal(self) -> Principal:
        """Who acts, with the rights of the key or person that signed in; on pages for those who did."""
        assert self.session is not None
        return self.session.principal

    @property
    def is_secure(self) -> bool:
        """Tell whether the browser reaches this server by HTTPS: then cookies are for HTTPS alone."""
        proxies = self.deps.shared.trusted_proxies
        return self.deps.public_url.startswith("https:") or came_by_https(self.request.scope, proxies)

    def may(self, scope: str) -> bool:
        """Tell whether who looks may do what needs `scope`."""
        return self.session is not None and self.session.principal.may(scope)

    @cached_property
    def query(self) -> Query:
        """What the address asks for; that of a form says nothing."""
        return Query(self.request.query_params if self.request.method != "POST" else QueryParams())

    @property
    def query_errors(self) -> FormErrors:
        """What is wrong with what was read of the query so far."""
        problem = self.query.problem()
        if problem is None:
            return NO_ERRORS
        self.context.outcome = problem.code
        if problem is self.query.refusal:
            # What a cursor is concerns programs alone.
            return FormErrors(self.text("page.lost"), {}, [self.text("page.lost_text")], problem.code.status)
        return replace(errors_of(problem, self.language), title=self.text("error.form"))

    @property
    def reader(self) -> Reader:
        """Whose country and time zone numbers and times are written in: those of the account."""
        account = self.account
        if account is None:
            region = NO_REGION if self.session is None else self.principal.region
            return Reader(self.language, region, shown_zone("UTC"), names_zone=True)
        return Reader(self.language, account.region, shown_zone(account.time_zone or zone_of(account.region)))

    def text(self, key: str, /, **args: object) -> str:
        """Return words in the language of the visit."""
        return words.text(self.language, key, **args)

    def render(self, template: str, status: int = 200, /, **values: Any) -> Response:
        """Return a page. Templates have `t`, `visit`, `errors` and what `formats.filters` names besides `values`."""
        context: dict[str, Any] = {
            "visit": self,
            "t": self.text,
            "language": self.language,
            "scheme": None if self.session is None else self.session.scheme,
            "csrf": "" if self.session is None else self.session.csrf,
            "static": self.static.address,
            "navigation": [(path, self.text(key)) for path, key, scope in NAVIGATION if self.may(scope)],
            "path": self.request.scope["path"],
            "has_more_unheard": self.unheard >= MOST_COUNTED,
            "errors": NO_ERRORS,
            "live_kinds": LIVE_KINDS,
            "once_word": partial(secrets.token_urlsafe, 16),
            **filters(self.reader, self.now_ms),
            **values,
        }
        html = _templates().get_template(template).render(context)
        headers = {**HEADERS, "content-language": self.language, "vary": "Accept-Language, Cookie"}
        answer = HTMLResponse(html, status, headers)
        if FLASH_COOKIE in self.request.cookies:
            answer.delete_cookie(FLASH_COOKIE)
        return answer

    def redirect(self, path: str, said: str | None = None) -> Response:
        """Send the browser to another page, by GET, which says the words of the key `said` on top."""
        answer = RedirectResponse(path, HTTPStatus.SEE_OTHER.value, headers=dict(HEADERS))
        if said is not None:
            assert said in words.WORDS
            answer.set_cookie(FLASH_COOKIE, said, max_age=FLASH_S, httponly=True, samesite="lax", secure=self.is_secure)
        return answer

    @property
    def said_tone(self) -> str:
        """How what is said looks: what was done is good, what was not is to be noticed."""
        return _TONES.get(self.request.cookies.get(FLASH_COOKIE, ""), "good")

    @cached_property
    def said(self) -> str | None:
        """The words of what was done by the page before, None for nothing."""
        key = self.request.cookies.get(FLASH_COOKIE, "")
        return self.text(key) if _FLASH.fullmatch(key) and key in words.WORDS else None


Handler = Callable[[Visit], Awaitable[Response]]
