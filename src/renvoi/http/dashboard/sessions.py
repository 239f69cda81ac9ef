"""The page of one's sessions: where each began, how to end them, and another password."""

import re
from collections.abc import Mapping, Sequence

from starlette.responses import Response
from starlette.routing import Route

from renvoi.application import people
from renvoi.application.ports.people import PasswordsBusy
from renvoi.application.sessions import end_session, end_sessions, sessions_like
from renvoi.application.sign_in import SignInRefused, TooManyAttempts
from renvoi.domain.access.person import MIN_PASSWORD
from renvoi.domain.problem import Problem, ProblemCode
from renvoi.http.dashboard.confirmations import refused
from renvoi.http.dashboard.forms import NO_ERRORS, FormErrors
from renvoi.http.dashboard.sign_in import later, passwords_of
from renvoi.http.dashboard.site import COOKIE, Site
from renvoi.http.dashboard.visit import Visit


def routes(site: Site) -> Sequence[Route]:
    return [
        site.get("/sessions", "sessions", _list),
        site.post("/sessions/end", "sessions_end", _end),
        site.post("/sessions/end-all", "sessions_end_all", _end_all),
        site.post("/sessions/password", "sessions_password", _change),
    ]


async def _list(visit: Visit) -> Response:
    return await _page(visit)


async def _page(visit: Visit, status: int = 200, errors: FormErrors = NO_ERRORS, wrong: str = "") -> Response:
    assert visit.session is not None
    found = await sessions_like(visit.deps.store, visit.deps.clock, visit.session)
    has_password = visit.session.person is not None
    values = {"sessions": found, "has_password": has_password, "least": MIN_PASSWORD, "wrong": wrong}
    values["browser_name"] = browser_name
    return visit.render("sessions.html.j2", status, errors=errors, **values)


async def _end(visit: Visit) -> Response:
    assert visit.session is not None
    session_id = visit.form.text("id")
    # One that has ended meanwhile is where it should be.
    await end_session(visit.deps.store, visit.session, session_id)
    if session_id == visit.session.id:
        return _signed_out(visit)
    return visit.redirect("/sessions", "sessions.ended")


async def _end_all(visit: Visit) -> Response:
    assert visit.session is not None
    await end_sessions(visit.deps.store, visit.session)
    return _signed_out(visit)


def _signed_out(visit: Visit) -> Response:
    answer = visit.redirect("/sign-in", "sign_in.signed_out")
    answer.delete_cookie(COOKIE)
    return answer


async def _change(visit: Visit) -> Response:
    assert visit.session is not None
    deps, form = visit.deps, visit.form
    current, wanted = form.text("current"), form.text("password")
    try:
        await people.change_password(deps.store, deps.clock, passwords_of(visit), visit.session, current, wanted)
    except SignInRefused:
        visit.context.outcome = ProblemCode.FIELDS_INVALID
        wrong = FormErrors(by_field={"current": [visit.text("sessions.wrong_password")]})
        return await _page(visit, 422, wrong)
    except (TooManyAttempts, PasswordsBusy) as error:
        wait = later(visit, error)
        return wait.on(await _page(visit, wait.status, wrong=wait.text))
    except Problem as problem:
        errors = refused(visit, problem)
        return await _page(visit, errors.status, errors)
    return visit.redirect("/sessions", "sign_in.password_set")


# What a browser is called among people, made of what it says of itself (`User-Agent`).
MAX_SHOWN = 40
"""Characters of what is not a browser that is known."""
# What many browsers say that they are stands last.
_BROWSERS: Mapping[str, re.Pattern[str]] = {
    "Edge": re.compile(r"\bEdgA?/|\bEdgiOS/"),
    "Opera": re.compile(r"\bOPR/"),
    "Samsung Internet": re.compile(r"\bSamsungBrowser/"),
    "Firefox": re.compile(r"\bFirefox/|\bFxiOS/"),
    "Chrome": re.compile(r"\bChrome/|\bCriOS/|\bHeadlessChrome/"),
    "Safari": re.compile(r"\bSafari/"),
}
_SYSTEMS: Mapping[str, re.Pattern[str]] = {
    "Android": re.compile(r"\bAndroid\b"),
    "iOS": re.compile(r"\biPhone\b|\biPad\b"),
    "Windows": re.compile(r"\bWindows\b"),
    "macOS": re.compile(r"\bMac OS X\b|\bMacintosh\b"),
    "ChromeOS": re.compile(r"\bCrOS\b"),
    "Linux": re.compile(r"\bLinux\b"),
}


def browser_name(agent: str) -> str:
    """Return `Firefox, Linux`, say; of what is not known the beginning as it is; empty for nothing."""
    browser, system = (_first(names, agent) for names in (_BROWSERS, _SYSTEMS))
    if browser is None:
        return agent if len(agent) <= MAX_SHOWN else f"{agent[:MAX_SHOWN]}…"
    return browser if system is None else f"{browser}, {system}"


def _first(names: Mapping[str, re.Pattern[str]], agent: str) -> str | None:
    return next((name for name, pattern in names.items() if pattern.search(agent)), None)
