"""What pages ask before they do something, and what is wrong with a form."""

from collections.abc import Sequence
from dataclasses import replace

from starlette.responses import Response

from renvoi.domain.problem import Problem, ProblemCode
from renvoi.http.dashboard.forms import NO_ERRORS, FormErrors, errors_of
from renvoi.http.dashboard.visit import Visit

Tick = tuple[str, str, bool]
"""A box of a question: its name, its label, and whether it is checked."""


def refused(visit: Visit, problem: Problem) -> FormErrors:
    """Return what is wrong with the form of a visit, for the page that shows it again.

    Raises:
        Problem: it is nothing that another form could help, such as that there is no such thing.
    """
    if problem.code.status in (401, 404, 413, 429):
        raise problem
    visit.context.outcome = problem.code
    if problem.code is ProblemCode.UNAVAILABLE:
        title = problem.code.title(visit.language)
        return FormErrors(title, {}, [visit.text("error.unavailable_again")], problem.code.status)
    if problem.code is ProblemCode.PRECONDITION_FAILED:
        return FormErrors(visit.text("form.overtaken"), {}, [visit.text("form.overtaken_text")])
    errors = errors_of(problem, visit.language)
    return replace(errors, title=visit.text("error.form")) if problem.code is ProblemCode.FIELDS_INVALID else errors


def ask(
    visit: Visit,
    title: str,
    texts: Sequence[str],
    button: str,
    back: str,
    *,
    ticks: Sequence[Tick] = (),
    version: str = "",
    is_dangerous: bool = True,
    shows_secret: bool = False,
    errors: FormErrors = NO_ERRORS,
) -> Response:
    """Return the page that asks; its form is sent to the address of the page itself.

    `shows_secret`: the answer shows a secret, so what is sent again does nothing more (`secret_pages.py`). With
    JavaScript it opens in a dialog (`data-confirm` of a link).
    """
    return visit.render(
        "confirm.html.j2",
        errors.status,
        title=title,
        texts=texts,
        button=button,
        back=back,
        ticks=ticks,
        version=version,
        is_dangerous=is_dangerous,
        shows_secret=shows_secret,
        action=visit.request.url.path,
        errors=errors,
    )
