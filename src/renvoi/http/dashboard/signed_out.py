"""What pages share that one sees before signing in: language, tokens of forms, cookies, and who is at the machine."""

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from renvoi.application.sessions import Visitor, new_token
from renvoi.application.sign_in import NewSession
from renvoi.domain.access.session import Token
from renvoi.domain.hosts import is_ip_address, plain_address
from renvoi.domain.outcome import LANGUAGES
from renvoi.domain.problem import ProblemCode
from renvoi.http.dashboard.site import COOKIE
from renvoi.http.dashboard.visit import Visit
from renvoi.http.request_context import is_in

FORM_COOKIE: Final = "renvoi_form"
"""Holds a token, from which forms have theirs where there is no session: no other site can sign anybody in."""
_FORM_S = 24 * 3600
_FORWARDED = ("x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "forwarded", "via")


def set_language(visit: Visit) -> None:
    """Have a page in the language that its address or form names, else in the one of the browser."""
    named = visit.request.query_params.get("lang") or visit.form.text("lang")
    if visit.session is None and named in LANGUAGES:
        visit.language = named


def open_page(visit: Visit, template: str, status: int = 200, /, **values: Any) -> Response:
    """Return a page with a form for somebody who may not be signed in."""
    others = [language for language in LANGUAGES if language != visit.language]
    if visit.session is not None:
        return visit.render(template, status, lang="", others=[], **values)
    known = Token.parse(visit.request.cookies.get(FORM_COOKIE, ""))
    token = known or new_token()
    answer = visit.render(template, status, csrf=token.form_token(), lang=visit.language, others=others, **values)
    if known is None:
        secure = visit.is_secure
        answer.set_cookie(FORM_COOKIE, token.reveal(), _FORM_S, httponly=True, samesite="lax", secure=secure)
    return answer


def is_own_form(visit: Visit) -> bool:
    """Tell whether the form that was sent is one of ours; those of a session have been looked at before."""
    if visit.session is not None:
        return True
    token = Token.parse(visit.request.cookies.get(FORM_COOKIE, ""))
    return token is not None and token.admits_form(visit.form.text("csrf"))


def foreign_form(visit: Visit) -> Response:
    """Return the page that says that a form is not one of ours, or too old."""
    visit.context.outcome = ProblemCode.PRECONDITION_FAILED
    title, detail = visit.text("error.form_expired_title"), visit.text("error.form_expired")
    return visit.render("error.html.j2", 403, title=title, detail=detail, details=[])


def visitor_of(visit: Visit) -> Visitor:
    """Return where a session is to begin."""
    request = visit.request
    agent = request.headers.get("user-agent", "")
    return Visitor(visit.context.client, agent, request.cookies.get(COOKIE, ""))


def let_in(visit: Visit, begun: NewSession, path: str, said: str | None = None) -> Response:
    """Hand a session to the browser, and send it to a page."""
    answer = visit.redirect(path, said)
    lasts_s = max(0, begun.record.expires_at_ms - begun.record.created_at_ms) // 1000
    secure = visit.is_secure
    answer.set_cookie(COOKIE, begun.token.reveal(), lasts_s, httponly=True, samesite="lax", secure=secure)
    answer.delete_cookie(FORM_COOKIE)
    return answer


def is_at_machine(visit: Visit) -> bool:
    """Tell whether the browser runs on this machine: its connection comes from there, and no proxy stands between."""
    request: Request = visit.request
    peer = request.client.host if request.client is not None else ""
    is_passed_on = any(name in request.headers for name in _FORWARDED)
    is_here = is_ip_address(peer) and plain_address(peer).is_loopback
    return is_here and not is_passed_on and not is_in(peer, visit.deps.shared.trusted_proxies)
