"""Errors of `/v2` as RFC 9457 has them: made of problems, of pydantic's findings, and of what Starlette raises."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

import msgspec
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Scope

from renvoi.domain.field_error import FieldCode, FieldError, FieldFault
from renvoi.domain.outcome import Outcome
from renvoi.domain.problem import Problem, ProblemCode, invalid
from renvoi.http.limits import RefusalLimit
from renvoi.http.request_context import RequestContext, context_of
from renvoi.http.responses import Reply, RequestRefused, negotiate

MEDIA_TYPE = "application/problem+json"
MAX_ERRORS = 100
"""Wrong fields that one answer names: a list of ten thousand wrong elements is not worth an answer of its size."""
RETRY_AFTER_S = 1
_OF_OUTCOME = {code.v1: code for code in reversed(ProblemCode) if code.v1 is not None}
_OF_OUTCOME[Outcome.KEY_INCORRECT] = ProblemCode.KEY_INCORRECT
_OF_STATUS = {404: ProblemCode.NOT_FOUND, 405: ProblemCode.METHOD_NOT_ALLOWED, 413: ProblemCode.BODY_TOO_LARGE}
_UNSAFE = re.compile(r"[^!-~]")
_MAX_INSTANCE = 200


class HasLanguage(Protocol):
    """What is used of `Deps`."""

    @property
    def language(self) -> str: ...

    @property
    def public_url(self) -> str: ...


def language_of(context: RequestContext, default: str) -> str:
    """Return the language that the request's `Accept-Language` prefers."""
    accepted = context.headers.get(b"accept-language")
    return default if accepted is None else negotiate(accepted.decode("latin-1"), default)


def problem_of(outcome: Outcome) -> ProblemCode:
    """Return what `/v2` says where `/v1` answers with `outcome`."""
    return _OF_OUTCOME[outcome]


def problem_of_refusal(refused: RequestRefused) -> Problem:
    """Return the problem of a request that the parts shared with `/v1` refuse."""
    headers = {} if refused.retry_after_s is None else {"Retry-After": str(refused.retry_after_s)}
    if refused.close:
        headers["Connection"] = "close"
    return Problem(problem_of(refused.outcome), headers=headers, most="", allowed="application/json")


def reply(problem: Problem, scope: Scope, deps: HasLanguage) -> Reply:
    """Return the answer to the request of `scope`, and note it for the log."""
    context = context_of(scope)
    context.outcome = problem.code
    language = language_of(context, deps.language)
    code = problem.code
    body: dict[str, object] = {
        "type": f"{deps.public_url.rstrip('/')}/problems/{code.word}",
        "title": code.title(language),
        "status": code.status,
        "detail": problem.detail(language),
        "instance": _UNSAFE.sub("", scope["path"])[:_MAX_INSTANCE],
        "code": code.word,
        "request_id": context.request_id,
    }
    if code.v1 is not None:
        body["v1_code"] = code.v1.code
    if problem.errors:
        body["errors"] = [
            {"pointer": error.pointer, "code": error.code.word, "detail": error.detail(language)}
            for error in problem.errors[:MAX_ERRORS]
        ]
    content = msgspec.json.encode(body)
    headers = {
        "content-type": MEDIA_TYPE,
        "content-length": str(len(content)),
        "content-language": language,
        "vary": "accept-language",
        "cache-control": "no-store",
        **{name.lower(): value for name, value in problem.headers.items()},
    }
    if code.status == 401:
        headers["www-authenticate"] = 'Bearer realm="renvoi"'
    if code.status == 503:
        headers.setdefault("retry-after", str(RETRY_AFTER_S))
    return Reply(code.status, [(name.encode(), value.encode("latin-1")) for name, value in headers.items()], content)


class PlainAnswer(Response):
    """A `Reply` where Starlette wants a `Response`."""

    def __init__(self, answer: Reply) -> None:
        super().__init__(answer.body, answer.status)
        self.raw_headers = list(answer.headers)


def problem_of_http(error: HTTPException, methods: Iterable[str]) -> Problem:
    """Return the problem of what Starlette raises; `methods` are those of the path."""
    code = _OF_STATUS.get(error.status_code)
    if code is ProblemCode.METHOD_NOT_ALLOWED:
        return Problem(code, headers={"Allow": ", ".join(sorted(methods))})
    if code is not None:
        return Problem(code, most="")
    if 400 <= error.status_code < 500:
        return Problem(ProblemCode.BODY_MALFORMED)
    return Problem(ProblemCode.INTERNAL_ERROR)


def problem_of_validation(error: RequestValidationError, more: Sequence[FieldError] = ()) -> Problem:
    """Return the problem that names all wrong fields, those of `more` included."""
    found = [*(_field_error(each) for each in error.errors()), *more]
    return invalid(*_unique(found))


def errors_of(error: ValidationError) -> list[FieldError]:
    """Return the wrong fields of a part of the body that was checked by itself, with pointers into that part."""
    return [_field_error({**each, "loc": ("body", *each["loc"])}) for each in error.errors()]


def _unique(errors: Iterable[FieldError]) -> list[FieldError]:
    return list({(error.pointer, error.code): error for error in errors}.values())


def _field_error(error: Mapping[str, Any]) -> FieldError:
    code, args = _code_of(error)
    fault = (error.get("ctx") or {}).get("error")
    return FieldError(_pointer(error["loc"]) + (fault.at if isinstance(fault, FieldFault) else ""), code, args)


def _pointer(where: Sequence[str | int]) -> str:
    source, *path = where
    if source == "body":
        return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)
    name = ".".join(map(str, path))
    return {"query": f"?{name}", "path": "{" + name + "}"}.get(str(source), f"{name}:")


_EXPECTED: Mapping[str, Mapping[str, str]] = {
    "string": {"en": "a text", "fr": "un texte"},
    "int": {"en": "a whole number", "fr": "un nombre entier"},
    "float": {"en": "a number", "fr": "un nombre"},
    "bool": {"en": "true or false", "fr": "true ou false"},
    "list": {"en": "a list", "fr": "une liste"},
    "tuple": {"en": "a list", "fr": "une liste"},
    "dict": {"en": "an object", "fr": "un objet"},
    "model": {"en": "an object", "fr": "un objet"},
    "none": {"en": "null", "fr": "null"},
}
_ANOTHER = {"en": "of another type", "fr": "d’un autre type"}
_LEAST = ("ge", "gt", "min_length")
_MOST = ("le", "lt", "max_length")
_BOUNDS = {
    "greater_than_equal": FieldCode.TOO_SMALL,
    "greater_than": FieldCode.TOO_SMALL,
    "less_than_equal": FieldCode.TOO_LARGE,
    "less_than": FieldCode.TOO_LARGE,
    "string_too_short": FieldCode.TOO_SHORT,
    "too_short": FieldCode.TOO_FEW,
    "string_too_long": FieldCode.TOO_LONG,
    "too_long": FieldCode.TOO_MANY,
}
_OF_TEXT = {FieldCode.TOO_FEW: FieldCode.TOO_SHORT, FieldCode.TOO_MANY: FieldCode.TOO_LONG}


def _code_of(error: Mapping[str, Any]) -> tuple[FieldCode, Mapping[str, object]]:
    """Return what pydantic found, in our words (https://docs.pydantic.dev/latest/errors/validation_errors/)."""
    kind: str = error["type"]
    context: Mapping[str, Any] = error.get("ctx") or {}
    fault = context.get("error")
    if isinstance(fault, FieldFault):
        return fault.code, fault.field_args
    if kind == "missing":
        return FieldCode.MISSING, {}
    if kind == "extra_forbidden":
        return FieldCode.UNKNOWN_FIELD, {}
    if kind in ("literal_error", "enum", "union_tag_invalid"):
        allowed = context.get("expected") or context.get("expected_tags") or ""
        return FieldCode.NOT_ALLOWED, {"allowed": str(allowed).replace("'", "").replace(" or ", ", ")}
    if kind == "union_tag_not_found":
        return FieldCode.MISSING, {}
    if kind in _BOUNDS:
        bounds = {name: value for name, value in context.items() if name in (*_LEAST, *_MOST)}
        value = next(iter(bounds.values()), "")
        # A text that something was done to before it is measured is too_short or too_long as a list is.
        code = _OF_TEXT.get(_BOUNDS[kind], _BOUNDS[kind]) if isinstance(error.get("input"), str) else _BOUNDS[kind]
        if code is FieldCode.TOO_SHORT and value == 1:
            return FieldCode.EMPTY, {}
        return code, {"least": value, "most": value}
    if kind == "string_pattern_mismatch":
        return FieldCode.BAD_FORMAT, {"expected": context.get("pattern", "")}
    if kind in ("string_unicode", "string_sub_type"):
        return FieldCode.BAD_CHARACTER, {}
    return FieldCode.WRONG_TYPE, {"expected": _EXPECTED.get(kind.partition("_")[0], _ANOTHER)}


def answer_of(problem: Problem, scope: Scope, deps: HasLanguage) -> Response:
    """Return a problem as Starlette's answer to the request of `scope`."""
    return PlainAnswer(reply(problem, scope, deps))


def judged(refusals: RefusalLimit, context: RequestContext, problem: Problem) -> Problem:
    """Return what a request without a good key is answered: one of too many from its address gets 429 instead."""
    outcome, headers = refusals.judge(context, problem.code.v1 or Outcome.BODY_INVALID)
    if outcome is not Outcome.TOO_MANY_REQUESTS:
        return problem
    return Problem(ProblemCode.TOO_MANY_REQUESTS, headers={k.decode().title(): v.decode() for k, v in headers})
