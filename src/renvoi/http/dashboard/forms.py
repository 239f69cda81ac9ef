"""Forms that browsers send, read strictly, and what is wrong with them, by field.

A choice that a form does not have is never read as the widest one: a form is what anybody sends. Whoever says nothing,
or two things at once, is asked and not guessed at.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from http import HTTPStatus

from python_multipart.exceptions import FormParserError
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.types import Message

from renvoi.domain.field_error import FieldCode, FieldError
from renvoi.domain.outcome import LANGUAGES
from renvoi.domain.problem import Problem, ProblemCode, invalid
from renvoi.domain.text import is_storable
from renvoi.http.body_parsing import read_body
from renvoi.http.dashboard import words
from renvoi.http.deps import Limits
from renvoi.http.request_context import context_of
from renvoi.http.responses import RequestRefused
from renvoi.http.v2.problems import problem_of_refusal

MAX_FIELDS = 1000
ONCE = "once"
"""The hidden field whose word a form is made once by."""
_WHY = {"why": {"en": "send it again from its page", "fr": "renvoyez-le depuis sa page"}}
MAX_FILES = 1
UPLOAD_TIMEOUT_S = 60.0
"""How long a body may take to come that brings a file."""


class Form:
    """What a form says. Texts are as they were sent, but for spaces around them."""

    def __init__(self, data: FormData, files: Mapping[str, bytes]) -> None:
        self._data = data
        self._files = files

    def __contains__(self, name: str) -> bool:
        return name in self._data

    def text(self, name: str, default: str = "") -> str:
        """Return a field; `default` where it is not there. Of two of a name the last one counts."""
        found = self._data.get(name, default)
        return found.strip() if isinstance(found, str) else default

    def texts(self, name: str) -> list[str]:
        """Return all fields of a name: what is checked in a list of boxes, say."""
        return [each.strip() for each in self._data.getlist(name) if isinstance(each, str)]

    def flag(self, name: str) -> bool:
        """Tell whether a box is checked."""
        return bool(self.text(name))

    def file(self, name: str) -> bytes:
        """Return the content of a file; empty where none was chosen."""
        return self._files.get(name, b"")

    def items(self) -> Sequence[tuple[str, str]]:
        """Return the names and texts of all fields but those that each showing of a form has its own of."""
        pairs = self._data.multi_items()
        return [(name, each) for name, each in pairs if isinstance(each, str) and name not in (ONCE, "csrf")]

    def values_in_order(self) -> Sequence[tuple[str, str]]:
        """Return the names and texts of all fields, the unseen ones too."""
        return [(name, each) for name, each in self._data.multi_items() if isinstance(each, str)]

    @property
    def has_files(self) -> bool:
        return bool(self._files)

    def values(self) -> Mapping[str, str]:
        """Return all texts by name, to show a form again as it was sent."""
        return {name: each for name, each in self._data.multi_items() if isinstance(each, str)}


NO_FORM = Form(FormData(), {})


async def read_form(request: Request, limits: Limits, most_bytes: int | None = None) -> Form:
    """Read the form that a request brings, of `most_bytes` at the most (None: the limit of all requests).

    Raises:
        Problem: it is too large, cannot be read, or holds what no text can hold.
        ClientGone: the client hung up before its end.
    """
    if most_bytes is not None:
        longest_s = max(limits.body_timeout_s, UPLOAD_TIMEOUT_S)
        limits = replace(limits, body_bytes=most_bytes, body_timeout_s=longest_s)
    try:
        content = await read_body(context_of(request.scope).headers, request.receive, limits)
    except RequestRefused as refused:
        if refused.outcome.code == ProblemCode.BODY_TOO_LARGE.code:
            raise Problem(ProblemCode.BODY_TOO_LARGE, most=limits.body_bytes) from refused
        raise problem_of_refusal(refused) from refused

    async def whole() -> Message:
        return {"type": "http.request", "body": content, "more_body": False}

    try:
        # What is in memory already is of a bounded size.
        parsed = Request(request.scope, whole)
        async with parsed.form(max_files=MAX_FILES, max_fields=MAX_FIELDS, max_part_size=len(content) + 1) as data:
            files = {name: await each.read() for name, each in data.multi_items() if isinstance(each, UploadFile)}
            _check(data)
            return Form(data, files)
    except (HTTPException, MultiPartException, FormParserError, KeyError, ValueError) as error:
        # No boundary, or one that is never reached; a part without a name; a name in an encoding that is none.
        raise Problem(ProblemCode.BODY_MALFORMED, errors=[FieldError("", FieldCode.NOT_A_FORM, _WHY)]) from error


def _check(data: FormData) -> None:
    wrong = [
        FieldError(f"/{name[:50]}", FieldCode.BAD_CHARACTER)
        for name, value in data.multi_items()
        if isinstance(value, str) and not is_storable(name + value)
    ]
    if wrong:
        raise invalid(*wrong)


@dataclass(frozen=True, slots=True)
class FormErrors:
    """What is wrong with a form: `by_field` by JSON pointer (RFC 6901) without its first slash, `general` for the rest.

    A template shows `errors.of("voicemail/emails")` beside that field; what nobody asked for is in `rest`, so that no
    text is lost. `refused_by` is the status of a page that shows them.
    """

    title: str = ""
    by_field: Mapping[str, Sequence[str]] = field(default_factory=dict)
    general: Sequence[str] = ()
    refused_by: int = 422

    def __bool__(self) -> bool:
        return bool(self.title or self.by_field or self.general)

    @property
    def status(self) -> int:
        """The status of the page that shows the form with them."""
        return self.refused_by if self else 200

    def of(self, name: str) -> Sequence[str]:
        """Return what is wrong with a field and with the parts of it."""
        return [
            text
            for pointer, texts in self.by_field.items()
            if pointer == name or pointer.startswith(name + "/")
            for text in texts
        ]

    def rest(self, *shown: str) -> Sequence[str]:
        """Return what is wrong besides the fields that are shown."""
        others = [
            text
            for pointer, texts in self.by_field.items()
            if not any(pointer == name or pointer.startswith(name + "/") for name in shown)
            for text in texts
        ]
        return [*self.general, *others]


NO_ERRORS = FormErrors()


_WORDS_OF_PAGES = {FieldCode.NOT_ALLOWED: "form.not_offered", FieldCode.BEYOND_RIGHTS: "form.beyond_rights"}
"""Keys of the words for what `/v2` says in the names of its own values and parts, which no page shows."""


def errors_of(problem: Problem, language: str) -> FormErrors:
    """Return what a refused request says about the fields of the form that it was made of, in the words of pages."""
    by_field: dict[str, list[str]] = {}
    general: list[str] = []
    for error in problem.errors:
        # A field of a list's filter is a parameter of its address.
        name = error.pointer.removeprefix("/").removeprefix("?")
        key = _WORDS_OF_PAGES.get(error.code)
        detail = error.detail(language) if key is None else words.text(language, key)
        if name:
            by_field.setdefault(name, []).append(detail)
        else:
            general.append(detail)
    if not problem.errors:
        # What is not there the API answers with the request that lists what is.
        is_missing = problem.code.status == HTTPStatus.NOT_FOUND
        general.append(words.text(language, "form.not_there") if is_missing else problem.detail(language))
    return FormErrors(problem.code.title(language), by_field, general)


@dataclass(frozen=True, slots=True)
class Choice:
    """Two answers of which one alone has more fields: `alone`, and `with_more`.

    `name` is the field of the choice, `pointer` where what is wrong with it stands; the labels are keys of words.
    """

    name: str
    pointer: str
    alone: str
    with_more: str
    alone_label: str
    with_more_label: str

    def read(self, form: Form, *, has_more: bool) -> tuple[str, list[FieldError]]:
        """Return which answer the form gives, empty for none, and what is wrong; `has_more`: fields of it are given."""
        match sorted(set(form.texts(self.name)) - {""}):
            case [answer] if answer == self.alone and has_more:
                return answer, [self._refused("form.contradicts")]
            case [answer] if answer in (self.alone, self.with_more):
                return answer, []
            case [] if has_more:
                return self.with_more, []
            case []:
                return "", [self._refused("form.choose")]
            case _:
                allowed = {"allowed": f"{self.alone}, {self.with_more}"}
                return "", [FieldError(self.pointer, FieldCode.NOT_ALLOWED, allowed)]

    def _refused(self, key: str) -> FieldError:
        why = {
            language: words.text(
                language,
                key,
                alone=words.text(language, self.alone_label),
                more=words.text(language, self.with_more_label),
            )
            for language in LANGUAGES
        }
        return FieldError(self.pointer, FieldCode.REFUSED, {"why": why})
