"""The routes of pages: who is let in, and the pages that say why a request is refused.

A form whose page cannot be made, as the store does not answer, is shown to be sent once more.
"""

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from renvoi.application.ports.accounts import Account
from renvoi.application.ports.errors import StoreRefused, StoreUnavailable
from renvoi.application.ports.number_lists import MOST_COUNTED, MOST_FACTS
from renvoi.application.ports.unit_of_work import Reader as StoreReader
from renvoi.application.sessions import Session, session_of
from renvoi.application.unreadable_rows import problem_of
from renvoi.domain.access.api_key import EVERY_ACCOUNT, Principal
from renvoi.domain.field_error import FieldCode, FieldError
from renvoi.domain.outcome import Outcome
from renvoi.domain.problem import Problem, ProblemCode, invalid
from renvoi.http.dashboard.formats import size
from renvoi.http.dashboard.forms import NO_FORM, Form, read_form
from renvoi.http.dashboard.page_store import PageStore
from renvoi.http.dashboard.static_files import StaticFiles
from renvoi.http.dashboard.visit import Handler, Visit
from renvoi.http.request_context import context_of
from renvoi.http.v2.deps import V2Deps
from renvoi.http.v2.problems import judged, language_of

COOKIE: Final = "renvoi_session"
_LOCAL = re.compile(r"/(?![/\\])[!-~]{0,500}")
_UNREADABLE = (ProblemCode.BODY_MALFORMED, ProblemCode.FIELDS_INVALID)
"""What refuses a form before its page sees it, in which the API's words name headers and fields that nobody sees."""
_OF_ANY_ACCOUNT = (None, "operator")
"""Scopes of forms whose effect does not depend on the account that is acted for: their paths and fields say it all."""
_log = structlog.get_logger("renvoi.dashboard")


class Site:
    """Makes routes of handlers, and pages of templates."""

    def __init__(self, deps: V2Deps) -> None:
        self.deps = deps
        self._page_deps = replace(deps, shared=replace(deps.shared, store=PageStore(deps.shared.store)))
        self.static = StaticFiles()

    def get(self, path: str, call: str, handler: Handler, scope: str | None = None, *, is_open: bool = False) -> Route:
        """Return the route of a page: `call` is its name in logs and metrics, `scope` what one needs to see it.

        A page that `is_open` is for anybody; each other one for who is signed in.
        """
        return Route(path, _Page(self, call, handler, scope, is_open=is_open), methods=["GET"])

    def post(
        self,
        path: str,
        call: str,
        handler: Handler,
        scope: str | None = None,
        *,
        is_open: bool = False,
        most_bytes: int | None = None,
    ) -> Route:
        """Return the route of a form, see `get`; the token of its session has been checked when the handler runs.

        `most_bytes` bounds its body, None: as all requests.
        """
        return Route(path, _Page(self, call, handler, scope, is_open=is_open, most_bytes=most_bytes), methods=["POST"])

    def answers(self, call: str, handler: Handler) -> ASGIApp:
        """Return what answers anybody, whatever the path and the method, see `get`."""
        return _Page(self, call, handler, None, is_open=True)

    async def visit(self, request: Request) -> Visit:
        """Return who asks.

        Raises:
            StoreUnavailable: the store does not answer.
        """
        deps, context = self.deps, context_of(request.scope)
        session = await session_of(deps.store, deps.clock, request.cookies.get(COOKIE, ""), context.client)
        account, unheard = None, 0
        if session is not None:
            principal = session.principal
            context.account_id, context.key_id = principal.account_id, principal.key_id
            if principal.account_id != EVERY_ACCOUNT:
                account, unheard = await deps.store.read(lambda reader: _around(reader, principal))
        chosen = None if session is None else session.language
        language = chosen or language_of(context, deps.shared.language)
        return self._visit(request, language, session, account, unheard)

    def nobody(self, request: Request) -> Visit:
        """Return a visit of whom the store could not be asked about."""
        return self._visit(request, language_of(context_of(request.scope), self.deps.shared.language))

    def _visit(
        self,
        request: Request,
        language: str,
        session: Session | None = None,
        account: Account | None = None,
        unheard: int = 0,
    ) -> Visit:
        now_ms = self.deps.clock.now_ms()
        return Visit(self._page_deps, self.static, request, session, account, language, now_ms, unheard=unheard)

    def refusal(self, visit: Visit, problem: Problem) -> Response:
        """Return the page that says why a request is refused."""
        code = problem.code
        title, detail = code.title(visit.language), problem.detail(visit.language)
        if code.status == HTTPStatus.NOT_FOUND:
            title, detail = visit.text("error.missing_title"), visit.text("error.missing")
        elif code is ProblemCode.SCOPE_MISSING:
            title = visit.text("error.forbidden_title")
            detail = visit.text("error.forbidden", scope=problem.problem_args["scope"])
        elif code is ProblemCode.BODY_TOO_LARGE:
            title = visit.text("error.too_large_title")
            most = problem.problem_args.get("most")
            detail = visit.text("error.too_large", most=size(visit.reader, most if isinstance(most, int) else None))
        elif code in _UNREADABLE:
            what = "unreadable" if visit.request.method == "POST" else "address"
            title, detail = visit.text(f"error.{what}_title"), visit.text(f"error.{what}")
        elif code is ProblemCode.UNAVAILABLE:
            if visit.request.method == "POST" and not visit.form.has_files:
                visit.context.outcome = code
                return visit.render("again.html.j2", code.status, title=title, **sent_again(visit.form, visit.text))
            was_sent = visit.request.method == "POST"
            detail = visit.text("error.unavailable_form" if was_sent else "error.unavailable")
        elif "Retry-After" in problem.headers:
            detail = visit.text("error.wait", n=int(problem.headers["Retry-After"]))
        details = [error.detail(visit.language) for error in problem.errors]
        answer = visit.render("error.html.j2", code.status, title=title, detail=detail, details=details)
        answer.headers.update(problem.headers)
        visit.context.outcome = code
        return answer


def _around(reader: StoreReader, who: Principal) -> tuple[Account | None, int]:
    """Return what stands around each page of an account: the account, and how many messages nobody has heard."""
    account = reader.account(str(who.account_id))
    if not who.may("messages:read"):
        return account, 0
    if who.numbers is None:
        return account, reader.unheard_messages(who.account_id, MOST_COUNTED)
    facts = reader.number_facts(sorted(who.numbers, key=str)[:MOST_FACTS])
    return account, min(MOST_COUNTED, sum(each.unheard for each in facts.values()))


def local_path(text: str, default: str = "/") -> str:
    """Return a path of this server that a request names; `default` for what leads elsewhere."""
    return text if _LOCAL.fullmatch(text) else default


class _Page:
    """One page or form. An ASGI application."""

    def __init__(
        self,
        site: Site,
        call: str,
        handler: Handler,
        scope: str | None,
        *,
        is_open: bool,
        most_bytes: int | None = None,
    ) -> None:
        self._site = site
        self._call = f"page.{call}"
        self._handler = handler
        self._scope = scope
        self._is_open = is_open
        self._most_bytes = most_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        context_of(scope).call = self._call
        response = await self._answer(request)
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        context = context_of(request.scope)
        visit: Visit | None = None
        try:
            visit = await self._site.visit(request)
            if visit.session is None and not self._is_open:
                return self._to_sign_in(visit)
            response = await self._admitted(visit)
        except Problem as problem:
            refused = problem
        except StoreRefused as error:
            _log.info("the store refused a request's content", error=str(error))
            refused = invalid(FieldError("", FieldCode.BAD_CHARACTER))
        except StoreUnavailable as error:
            _log.warning("store unavailable", error=str(error))
            refused = problem_of(error)
        else:
            context.outcome = context.outcome or Outcome.OK
            return response
        visit = visit or self._site.nobody(request)
        if refused.code is ProblemCode.UNAVAILABLE and request.method == "POST" and visit.form is NO_FORM:
            # Nobody knows who sent it; it is to be shown to them again all the same.
            with suppress(Problem):
                visit.form = await read_form(request, self._site.deps.shared.limits, self._most_bytes)
        if visit.session is None and refused.code is not ProblemCode.TOO_MANY_REQUESTS:
            refused = judged(self._site.deps.refusals, context, refused)
        return self._site.refusal(visit, refused)

    async def _admitted(self, visit: Visit) -> Response:
        if visit.session is None:
            return await self._run(visit)
        admission = self._site.deps.admission
        wait_s = admission.enter(visit.principal)
        if wait_s:
            raise Problem(ProblemCode.TOO_MANY_REQUESTS, headers={"Retry-After": str(wait_s)})
        try:
            if self._scope is not None and not visit.may(self._scope):
                raise Problem(ProblemCode.SCOPE_MISSING, scope=self._scope)
            return await self._run(visit)
        finally:
            admission.leave(visit.principal)

    async def _run(self, visit: Visit) -> Response:
        if visit.request.method == "POST":
            visit.form = await read_form(visit.request, self._site.deps.shared.limits, self._most_bytes)
            if visit.session is not None and (refusal := self._refusal_of_form(visit, visit.session)) is not None:
                visit.context.outcome = ProblemCode.PRECONDITION_FAILED
                return refusal
        return await self._handler(visit)

    def _refusal_of_form(self, visit: Visit, session: Session) -> Response | None:
        """Return what a form is answered that is not of the session, or not for the account that it acts for now."""
        csrf = visit.form.text("csrf")
        if not session.admits_csrf(csrf):
            status, title = HTTPStatus.FORBIDDEN, visit.text("error.form_expired_title")
            detail = visit.text("error.form_expired")
        elif self._scope not in _OF_ANY_ACCOUNT and not session.is_of_account(csrf):
            status, account = HTTPStatus.PRECONDITION_FAILED, visit.account
            title = (
                visit.text("error.acts_for_none")
                if account is None
                else visit.text("error.acts_for", name=account.name)
            )
            detail = visit.text("error.other_account")
        else:
            return None
        return visit.render("error.html.j2", status.value, title=title, detail=detail, details=[])

    def _to_sign_in(self, visit: Visit) -> Response:
        if COOKIE in visit.request.cookies:
            # The store was asked about it: whoever makes up cookies is held back as who makes up keys.
            problem = judged(self._site.deps.refusals, visit.context, Problem(ProblemCode.KEY_INCORRECT))
            if problem.code is ProblemCode.TOO_MANY_REQUESTS:
                raise problem
        visit.context.outcome = ProblemCode.KEY_REQUIRED
        url = visit.request.url
        # What a form was sent to is not a page to come back to.
        wanted = url.path if visit.request.method == "POST" else f"{url.path}?{url.query}" if url.query else url.path
        follows = "" if wanted == "/" else "?next=" + quote(local_path(wanted), safe="/")
        # Whoever signs in after a form was sent too late must not take it for saved.
        return visit.redirect("/sign-in" + follows, "said.not_sent" if visit.request.method == "POST" else None)


_SECRET_FIELD = re.compile(r"(^|[/_])(password|key|current|secret)$")
"""Fields that are not shown again, as nobody is to read them over somebody's shoulder: they are written once more."""
_UNSEEN = ("csrf", "once", "version", "revision", "next", "lang")
_CHOICES = frozenset({"all", "some", "yes", "forward", "voicemail", "off", "reject", "en", "fr", "active", "inactive"})
"""Values of boxes and lists, which nobody writes."""
_CHOSEN = ("scopes", "types")
_LABELS: Mapping[str, str] = {
    "label": "keys.name",
    "name": "trunk.name",
    "url": "webhooks.url",
    "description": "webhooks.description",
    "numbers": "keys.numbers",
    "expires_at": "keys.expires_on",
    "to": "bulk.to",
    "voicemail/emails": "bulk.emails",
    "ring_timeout_s": "bulk.ring",
}
"""Keys of words for fields that several forms have; others are called what they are called in the API."""


def sent_again(form: Form, text: Callable[[str], str]) -> Mapping[str, Any]:
    """Return what the page shows: fields that were filled in, those that nobody sees, and the names of secrets.

    `text` gives words by their keys.
    """
    kept, filled, secrets = [], [], []
    for name, value in form.values_in_order():
        if _SECRET_FIELD.search(name):
            secrets.append(name)
        elif name in (*_UNSEEN, *_CHOSEN) or not value or value in _CHOICES:
            kept.append((name, value))
        else:
            label = text(_LABELS[name]) if name in _LABELS else name.rpartition("/")[2].replace("_", " ")
            filled.append((name, label, value))
    return {"kept": kept, "filled": filled, "secrets": secrets}
