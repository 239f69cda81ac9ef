"""What callers hear before they leave a message: to listen to, to replace, and to take back."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from io import BytesIO

from starlette.responses import Response
from starlette.routing import Route

from renvoi.domain.problem import Problem, ProblemCode
from renvoi.http.dashboard.confirmations import refused
from renvoi.http.dashboard.fields import matching
from renvoi.http.dashboard.forms import FormErrors
from renvoi.http.dashboard.number import RulePage, address_of, number_in, shown
from renvoi.http.dashboard.site import Site
from renvoi.http.dashboard.visit import Visit
from renvoi.http.v2.greetings import MAX_BYTES, greeting_of, greeting_tag, putting, read_upload, resetting
from renvoi.http.v2.recordings import Opened, audio_answer

_FORM_BYTES = 64 * 1024
"""What a form adds to the file in it."""


def routes(site: Site) -> Sequence[Route]:
    path = "/numbers/{number}/greeting"
    return [
        site.get(path + ".wav", "greeting", _listen, "numbers:read"),
        site.post(path, "greeting.set", _put, "numbers:write", most_bytes=MAX_BYTES + _FORM_BYTES),
        site.post(path + "/reset", "greeting.reset", _reset, "numbers:write"),
    ]


async def _listen(visit: Visit) -> Response:
    """Answer with the number's own greeting; one range of its bytes may be asked for, as players do."""
    number = number_in(visit)
    found, greeting = await visit.deps.store.read(lambda reader: greeting_of(reader, visit.principal, number.value))
    if greeting is None or greeting.audio is None:
        raise Problem(ProblemCode.GREETING_UNKNOWN)
    opened = Opened(BytesIO(greeting.audio), len(greeting.audio), greeting_tag(greeting))
    return audio_answer(visit.request, AsyncExitStack(), opened, "audio/wav", f"greeting-{found.digits}.wav")


async def _put(visit: Visit) -> Response:
    """Give the number the uploaded greeting."""
    deps, who, number = visit.deps, visit.principal, number_in(visit)
    content = visit.form.file("file")
    try:
        if not content:
            return await _wrong(visit, FormErrors(by_field={"file": [visit.text("number.greeting_missing")]}), 422)
        # The number first: who has none need not wait for the conversion to learn that.
        await deps.store.read(lambda reader: greeting_of(reader, who, number.value))
        audio = await read_upload(deps, content)
        await deps.store.write(putting(deps, who, number.value, audio, matching(visit.form)))
    except Problem as problem:
        errors = refused(visit, problem)
        return await _wrong(visit, FormErrors(by_field={"file": errors.rest()}), problem.code.status)
    return visit.redirect(address_of(number), "said.greeting_saved")


async def _reset(visit: Visit) -> Response:
    """Give the number the included greeting, which says the number where that was asked for."""
    deps, who, number = visit.deps, visit.principal, number_in(visit)
    work = resetting(deps, who, number.value, matching(visit.form), speak_number=visit.form.flag("speak_number"))
    try:
        await deps.store.write(work)
    except Problem as problem:
        return await _wrong(visit, refused(visit, problem), problem.code.status)
    return visit.redirect(address_of(number), "said.greeting_reset")


async def _wrong(visit: Visit, errors: FormErrors, status: int) -> Response:
    return await shown(visit, RulePage(errors=errors, part="greeting", status=status))
