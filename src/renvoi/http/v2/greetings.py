"""`/v2/numbers/{number}/greeting`: what callers hear before they leave a message."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from io import BytesIO
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from renvoi.application.managed_numbers import find_own_number
from renvoi.application.ports.audio import AudioInvalid
from renvoi.application.ports.numbers import Greeting
from renvoi.application.ports.unit_of_work import Reader, Writer
from renvoi.domain.access.api_key import Principal
from renvoi.domain.numbers.number import E164
from renvoi.domain.problem import Problem, ProblemCode
from renvoi.http.v2.deps import V2Deps
from renvoi.http.v2.etags import IfMatch, Matching
from renvoi.http.v2.idempotency import Idempotent
from renvoi.http.v2.models import AnswerModel, Number, answer, no_content
from renvoi.http.v2.numbers import NumberPath, number_of
from renvoi.http.v2.recordings import Opened, audio_answer
from renvoi.http.v2.route import Example, V2Route, operation
from renvoi.http.v2.security import requires
from renvoi.http.v2.uploads import MULTIPART, uploaded

MAX_BYTES = 10 * 1024 * 1024
"""Of an uploaded file, as for `renvoi greeting set`."""
_MULTIPART_BYTES = 64 * 1024
"""What a form adds to the file in it."""
ACCEPTS = (
    "audio/wav",
    "audio/x-wav",
    "audio/wave",
    "audio/vnd.wave",
    "audio/mpeg",
    "audio/mp3",
    "audio/flac",
    "audio/x-flac",
    "audio/ogg",
    "audio/mp4",
    "audio/x-m4a",
    "application/octet-stream",
    MULTIPART,
)
"""What kind of file it is tell its first bytes; these are what clients call them."""
_WAV = "audio/wav"
_PATH = "/v2/numbers/+33199001234/greeting"
_BINARY = {"schema": {"type": "string", "format": "binary"}}


class GreetingOut(AnswerModel):
    """How a number greets."""

    number: Number
    greeting: Literal["own", "spoken_number", "included"] = Field(
        description="own: an uploaded one; spoken_number: the included one, which says the number."
    )
    bytes: int | None = Field(description="Of its own greeting, a WAV file.")


_SHOWN: dict[str, Any] = {"number": "+33199001234", "greeting": "own", "bytes": 32_044}


def greeting_out(number: E164, greeting: Greeting | None) -> GreetingOut:
    if greeting is None:
        return GreetingOut(number=number.value, greeting="included", bytes=None)
    if greeting.audio is None:
        return GreetingOut(number=number.value, greeting="spoken_number", bytes=None)
    return GreetingOut(number=number.value, greeting="own", bytes=len(greeting.audio))


def greeting_tag(greeting: Greeting | None) -> str:
    """Return the version of how a number greets; that of the included greeting is the same for all."""
    return '"included"' if greeting is None else f'"greeting-{greeting.version}"'


def greeting_of(reader: Reader, who: Principal, text: str) -> tuple[E164, Greeting | None]:
    """Return the number in a path, and how it greets.

    Raises:
        Problem: there is no such number.
    """
    number = find_own_number(reader, who, number_of(text, who)).number
    return number, reader.greeting(number)


async def read_upload(deps: V2Deps, content: bytes) -> bytes:
    """Return an uploaded file as the audio of a greeting.

    Raises:
        Problem: it is too large, or not fit for that; or this server cannot tell.
    """
    if len(content) > MAX_BYTES:
        raise Problem(ProblemCode.BODY_TOO_LARGE, most=MAX_BYTES)
    try:
        return await deps.converter.read_greeting(content)
    except AudioInvalid as error:
        reason = {"en": _sentence(str(error)), "fr": _sentence(error.french)}
        raise Problem(ProblemCode.AUDIO_INVALID, reason=reason) from error
    except OSError as error:
        raise Problem(ProblemCode.UNAVAILABLE) from error


def putting(
    deps: V2Deps, who: Principal, text: str, audio: bytes, matching: IfMatch
) -> Callable[[Writer], tuple[E164, Greeting | None]]:
    """Return the work that gives a number a greeting of its own, if it greets as `matching` says."""
    now_ms = deps.clock.now_ms()

    def work(writer: Writer) -> tuple[E164, Greeting | None]:
        found, before = greeting_of(writer, who, text)
        matching.check(greeting_tag(before))
        writer.put_greeting(found, audio, now_ms)
        return found, writer.greeting(found)

    return work


def resetting(
    deps: V2Deps, who: Principal, text: str, matching: IfMatch, *, speak_number: bool
) -> Callable[[Writer], None]:
    """Return the work that gives a number the included greeting again, which may say the number."""
    now_ms = deps.clock.now_ms()

    def work(writer: Writer) -> None:
        found, before = greeting_of(writer, who, text)
        matching.check(greeting_tag(before))
        if speak_number:
            writer.put_greeting(found, None, now_ms, spoken=True)
        else:
            writer.remove_greeting(found)

    return work


def routes(deps: V2Deps) -> APIRouter:
    """Return the operations of greetings."""
    router = APIRouter(route_class=V2Route, tags=["numbers"])
    _add_reads(router, deps)
    _add_changes(router, deps)
    return router


def _add_reads(router: APIRouter, deps: V2Deps) -> None:
    @router.get(
        "/v2/numbers/{number}/greeting",
        response_class=Response,
        responses={200: {"content": {_WAV: _BINARY}}, 206: {"description": "The part that `Range` asks for."}},
        **operation(
            "greeting.get",
            "Listen to a number's greeting",
            description="Its own one, as a WAV file. One range of bytes may be asked for.",
            example=Example(_PATH, given="a number with a greeting"),
            errors=[
                ProblemCode.NUMBER_UNKNOWN,
                ProblemCode.RULE_UNREADABLE,
                ProblemCode.GREETING_UNKNOWN,
                ProblemCode.RANGE_NOT_SATISFIABLE,
            ],
        ),
    )
    async def get(
        who: Annotated[Principal, requires("numbers:read")], number: NumberPath, request: Request
    ) -> Response:
        found, greeting = await deps.store.read(lambda reader: greeting_of(reader, who, number))
        if greeting is None or greeting.audio is None:
            raise Problem(ProblemCode.GREETING_UNKNOWN)
        opened = Opened(BytesIO(greeting.audio), len(greeting.audio), greeting_tag(greeting))
        return audio_answer(request, AsyncExitStack(), opened, _WAV, f"greeting-{found.digits}.wav")

    @router.get(
        "/v2/numbers/{number}/greeting/state",
        **operation(
            "greeting.state",
            "Read how a number greets",
            example=Example(f"{_PATH}/state", answer=_SHOWN, given="a number with a greeting"),
            errors=[ProblemCode.NUMBER_UNKNOWN, ProblemCode.RULE_UNREADABLE],
        ),
    )
    async def state(
        who: Annotated[Principal, requires("numbers:read")], number: NumberPath, response: Response
    ) -> GreetingOut:
        found, greeting = await deps.store.read(lambda reader: greeting_of(reader, who, number))
        response.headers["ETag"] = greeting_tag(greeting)
        return greeting_out(found, greeting)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _add_changes(router: APIRouter, deps: V2Deps) -> None:
    @router.put(
        "/v2/numbers/{number}/greeting",
        response_model=GreetingOut,
        **operation(
            "greeting.set",
            "Give a number a greeting of its own",
            description="From the next call on. A WAV, MP3, FLAC, Ogg or M4A file of 0.5 to 60 s and at most 10 MiB, "
            "as the body or as the part `file` of a form. A level that is too low or too high is corrected.",
            example=Example(_PATH, content=_example_wav(), headers={"Content-Type": _WAV}, answer=_SHOWN),
            errors=[
                ProblemCode.NUMBER_UNKNOWN,
                ProblemCode.RULE_UNREADABLE,
                ProblemCode.ACCOUNT_CLOSING,
                ProblemCode.AUDIO_INVALID,
            ],
            accepts=ACCEPTS,
            body_bytes=MAX_BYTES + _MULTIPART_BYTES,
        ),
    )
    async def put(
        who: Annotated[Principal, requires("numbers:write")],
        number: NumberPath,
        request: Request,
        matching: Matching,
        once: Idempotent,
    ) -> Response:
        # The number first: who has none need not wait for the conversion to learn that.
        await deps.store.read(lambda reader: greeting_of(reader, who, number))
        audio = await read_upload(deps, await uploaded(request))
        work = putting(deps, who, number, audio, matching)
        return await once.run(
            lambda store: store.write(work),
            lambda stored: answer(greeting_out(*stored), etag=greeting_tag(stored[1])),
        )

    @router.delete(
        "/v2/numbers/{number}/greeting",
        status_code=204,
        **operation(
            "greeting.reset",
            "Go back to the included greeting",
            description="From the next call on.",
            example=Example(_PATH, given="a number with a greeting"),
            errors=[ProblemCode.NUMBER_UNKNOWN, ProblemCode.RULE_UNREADABLE, ProblemCode.ACCOUNT_CLOSING],
        ),
    )
    async def delete(
        who: Annotated[Principal, requires("numbers:write")],
        number: NumberPath,
        matching: Matching,
        once: Idempotent,
        speak_number: Annotated[bool, Query(description="Have it say the number that was called.")] = False,
    ) -> Response:
        work = resetting(deps, who, number, matching, speak_number=speak_number)
        return await once.run(lambda store: store.write(work), lambda _: no_content())


def _example_wav() -> bytes:
    """Return the audio that the example uploads: a tone of a second."""
    period = b"".join(
        value.to_bytes(2, "little", signed=True) for value in [0, 4000, 5600, 4000, 0, -4000, -5600, -4000]
    )
    content = period * 2000
    head = b"RIFF" + (36 + len(content)).to_bytes(4, "little") + b"WAVEfmt " + (16).to_bytes(4, "little")
    form = b"\x01\x00\x01\x00" + (16000).to_bytes(4, "little") + (32000).to_bytes(4, "little") + b"\x02\x00\x10\x00"
    return head + form + b"data" + len(content).to_bytes(4, "little") + content
