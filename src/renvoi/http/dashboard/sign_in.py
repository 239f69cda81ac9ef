"""The pages by which people come in: with a key, with a password, by a link, and those where a password is chosen."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.responses import Response
from starlette.routing import Route

from renvoi.application import people
from renvoi.application.person_mail import LINK_PATH, PAGE_PATH
from renvoi.application.ports.people import Passwords, PasswordsBusy
from renvoi.application.sessions import end_session
from renvoi.application.sign_in import (
    NewSession,
    SignInRefused,
    TooManyAttempts,
    begin_session_of_key,
    begin_session_of_link,
    begin_session_of_person,
)
from renvoi.domain.access.person import MIN_PASSWORD
from renvoi.domain.problem import Problem, ProblemCode
from renvoi.http.dashboard.confirmations import refused
from renvoi.http.dashboard.forms import NO_ERRORS, FormErrors
from renvoi.http.dashboard.signed_out import (
    foreign_form,
    is_at_machine,
    is_own_form,
    let_in,
    open_page,
    set_language,
    visitor_of,
)
from renvoi.http.dashboard.site import COOKIE, Site, local_path
from renvoi.http.dashboard.visit import Visit


def routes(site: Site) -> Sequence[Route]:
    return [
        site.get("/sign-in", "sign_in", _sign_in, is_open=True),
        site.post("/sign-in", "sign_in", _signed, is_open=True),
        site.post("/sign-out", "sign_out", _sign_out),
        site.get("/sign-in/forgotten", "forgotten", _forgotten, is_open=True),
        site.post("/sign-in/forgotten", "forgotten", _reset, is_open=True),
        site.get(PAGE_PATH, "password", _password, is_open=True),
        site.post(PAGE_PATH, "password", _chosen, is_open=True),
        site.get(LINK_PATH, "link", _link, is_open=True),
    ]


def passwords_of(visit: Visit) -> Passwords:
    """Return what compares passwords.

    Raises:
        Problem: this server has nothing that does.
    """
    passwords = visit.deps.shared.passwords
    if passwords is None:
        raise Problem(ProblemCode.UNAVAILABLE)
    return passwords


async def _sign_in(visit: Visit) -> Response:
    wanted = local_path(visit.request.query_params.get("next", "/"))
    if visit.session is not None:
        return visit.redirect(wanted)
    set_language(visit)
    return _sign_in_page(visit, wanted)


def _sign_in_page(visit: Visit, wanted: str, status: int = 200, wrong: str = "", field: str = "") -> Response:
    by_key = field == "key"
    email = "" if by_key else visit.form.text("email")
    return open_page(visit, "sign_in.html.j2", status, next=wanted, wrong=wrong, by_key=by_key, email=email)


async def _signed(visit: Visit) -> Response:
    set_language(visit)
    if not is_own_form(visit):
        return foreign_form(visit)
    form, wanted = visit.form, local_path(visit.form.text("next"))
    by_key = bool(form.text("key")) or "email" not in form
    field = "key" if by_key else "email"
    try:
        begun = await _begun(visit, by_key=by_key)
    except SignInRefused:
        visit.context.outcome = ProblemCode.KEY_INCORRECT
        return _sign_in_page(visit, wanted, 422, visit.text(f"sign_in.wrong_{field}"), field)
    except (TooManyAttempts, PasswordsBusy) as error:
        wait = later(visit, error)
        text = visit.text("sign_in.too_many_keys") if by_key else wait.text
        return wait.on(_sign_in_page(visit, wanted, wait.status, text, field))
    except Problem as problem:
        return _sign_in_page(visit, wanted, problem.code.status, _away(visit, problem), field)
    return let_in(visit, begun, wanted)


async def _begun(visit: Visit, *, by_key: bool) -> NewSession:
    deps, form, visitor = visit.deps, visit.form, visitor_of(visit)
    if by_key:
        return await begin_session_of_key(deps.store, deps.clock, form.text("key"), visitor, deps.shared.key_uses)
    email, password = form.text("email"), form.text("password")
    return await begin_session_of_person(deps.store, deps.clock, passwords_of(visit), email, password, visitor)


@dataclass(frozen=True, slots=True)
class Later:
    """What is said to who has to try again later, and how much later."""

    status: int
    text: str
    after_s: int

    def on(self, page: Response) -> Response:
        """Return a page that says so, with the time that programs read."""
        page.headers["retry-after"] = str(self.after_s)
        return page


def later(visit: Visit, error: TooManyAttempts | PasswordsBusy) -> Later:
    """Return what is said of an attempt that was not looked at."""
    if isinstance(error, PasswordsBusy):
        visit.context.outcome = ProblemCode.UNAVAILABLE
        return Later(503, visit.text("sign_in.busy"), 1)
    visit.context.outcome = ProblemCode.TOO_MANY_REQUESTS
    minutes = -(-error.wait_ms // 60_000)
    return Later(429, visit.text("sign_in.too_many", n=minutes), -(-error.wait_ms // 1000))


def _away(visit: Visit, problem: Problem) -> str:
    """Return what is said on a form that could not be taken now.

    Raises:
        Problem: it is nothing that sending it again could help.
    """
    if problem.code is not ProblemCode.UNAVAILABLE:
        raise problem
    visit.context.outcome = problem.code
    return f"{problem.code.title(visit.language)} {visit.text('error.unavailable_again')}"


async def _sign_out(visit: Visit) -> Response:
    assert visit.session is not None
    await end_session(visit.deps.store, visit.session)
    answer = visit.redirect("/sign-in", "sign_in.signed_out")
    answer.delete_cookie(COOKIE)
    return answer


async def _forgotten(visit: Visit) -> Response:
    set_language(visit)
    return open_page(visit, "forgotten.html.j2", wrong="", is_sent=False)


async def _reset(visit: Visit) -> Response:
    set_language(visit)
    if not is_own_form(visit):
        return foreign_form(visit)
    deps = visit.deps
    try:
        await people.request_reset(deps.store, deps.clock, visit.form.text("email"), visitor_of(visit))
    except TooManyAttempts as error:
        wait = later(visit, error)
        return wait.on(open_page(visit, "forgotten.html.j2", wait.status, wrong=wait.text, is_sent=False))
    except Problem as problem:
        wrong = _away(visit, problem)
        return open_page(visit, "forgotten.html.j2", problem.code.status, wrong=wrong, is_sent=False)
    return open_page(visit, "forgotten.html.j2", wrong="", is_sent=True)


async def _password(visit: Visit) -> Response:
    set_language(visit)
    return await _password_page(visit, visit.request.query_params.get("token", ""))


async def _password_page(
    visit: Visit, token: str, status: int = 200, errors: FormErrors = NO_ERRORS, wrong: str = ""
) -> Response:
    person = await people.person_of_token(visit.deps.store, visit.deps.clock, token)
    if person is None:
        return _over(visit, "sign_in.token_over_title", "sign_in.token_over")
    values = {"token": token, "email": person.email.value, "least": MIN_PASSWORD}
    return open_page(visit, "password.html.j2", status, errors=errors, wrong=wrong, **values)


async def _chosen(visit: Visit) -> Response:
    set_language(visit)
    if not is_own_form(visit):
        return foreign_form(visit)
    deps, token = visit.deps, visit.form.text("token")
    password = visit.form.text("password")
    try:
        begun = await people.set_password_by_token(
            deps.store, deps.clock, passwords_of(visit), token, password, visitor_of(visit)
        )
    except SignInRefused:
        return _over(visit, "sign_in.token_over_title", "sign_in.token_over")
    except PasswordsBusy as error:
        wait = later(visit, error)
        return wait.on(await _password_page(visit, token, wait.status, wrong=wait.text))
    except Problem as problem:
        errors = refused(visit, problem)
        return await _password_page(visit, token, errors.status, errors)
    return let_in(visit, begun, "/", "sign_in.password_set")


async def _link(visit: Visit) -> Response:
    if not is_at_machine(visit):
        return _over(visit, "sign_in.link_elsewhere_title", "sign_in.link_elsewhere", 403)
    if "prefetch" in visit.request.headers.get("sec-purpose", visit.request.headers.get("purpose", "")):
        # A browser that looks ahead would use up what works once.
        return Response(status_code=503)
    if visit.request.method == "HEAD":
        # Whoever only asks whether it is there changes nothing (RFC 9110 §9.2.1).
        return Response(status_code=204)
    deps = visit.deps
    try:
        token = visit.request.query_params.get("token", "")
        begun = await begin_session_of_link(deps.store, deps.clock, token, visitor_of(visit))
    except SignInRefused:
        if visit.session is not None:
            return visit.redirect("/")
        return _over(visit, "sign_in.link_over_title", "sign_in.link_over")
    return let_in(visit, begun, "/start")


def _over(visit: Visit, title: str, detail: str, status: int = 404) -> Response:
    visit.context.outcome = ProblemCode.LINK_UNKNOWN
    return visit.render("error.html.j2", status, title=visit.text(title), detail=visit.text(detail), details=[])
