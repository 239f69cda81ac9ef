"""The description of `/v2` (OpenAPI 3.1), made of what the operations declare."""

import re
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from http import HTTPStatus
from typing import Any

import msgspec
from fastapi.openapi.utils import get_openapi

from renvoi import __version__
from renvoi.domain.access.rights import OPERATOR_SCOPES
from renvoi.domain.field_error import FieldCode
from renvoi.domain.problem import ProblemCode
from renvoi.http.v2.deps import V2Deps
from renvoi.http.v2.problems import MEDIA_TYPE
from renvoi.http.v2.route import WRITES, Example, Operation, V2Route

_DESCRIPTION = """The management API of renvoi.

- Keys: `Authorization: Bearer rv_…`. Each operation names the scope that a key needs for it.
- Errors are `application/problem+json` (RFC 9457); `code` is a stable word, `type` a page about it.
- Lists go on at `next_cursor`, which is also in `Link`.
- Every write takes an `Idempotency-Key`, so that it may be sent again.
- An operator's key names the account that it acts for: `?account=acc_…`.
"""
_ALWAYS = (
    ProblemCode.KEY_REQUIRED,
    ProblemCode.KEY_INCORRECT,
    ProblemCode.SCOPE_MISSING,
    ProblemCode.ACCOUNT_UNKNOWN,
    ProblemCode.QUERY_MALFORMED,
    ProblemCode.FIELDS_INVALID,
    ProblemCode.TOO_MANY_REQUESTS,
    ProblemCode.INTERNAL_ERROR,
    ProblemCode.UNAVAILABLE,
)
_OF_WRITES = (
    ProblemCode.HEADER_MALFORMED,
    ProblemCode.BODY_MALFORMED,
    ProblemCode.IDEMPOTENCY_CONFLICT,
    ProblemCode.REQUEST_IN_PROGRESS,
    ProblemCode.BODY_TOO_LARGE,
)
_OF_VERSIONS = (ProblemCode.PRECONDITION_FAILED,)
_OF_READS = (ProblemCode.HEADER_MALFORMED,)
_OF_BODIES = (ProblemCode.CONTENT_TYPE_UNKNOWN,)
_OF_LISTS = (ProblemCode.CURSOR_INVALID,)
_HEADERS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "ETag": ("The version of what is answered, for `If-None-Match` and `If-Match`.", {"type": "string"}),
    "Link": ('Where the next page is (RFC 8288), `rel="next"`.', {"type": "string"}),
    "RateLimit": ("What is left of the key's quota, where it has one.", {"type": "string"}),
    "RateLimit-Policy": ("The key's quota, where it has one.", {"type": "string"}),
    "X-Request-Id": ("The id of this request in the operator's log.", {"type": "string"}),
    "Idempotent-Replayed": ("`true`: this is the answer to the first request with this key.", {"type": "string"}),
    "Retry-After": ("Seconds after which another try makes sense.", {"type": "string"}),
}
_PARAMETERS: Mapping[str, Mapping[str, Any]] = {
    "account": {
        "name": "account",
        "in": "query",
        "required": False,
        "description": "The account that an operator's key acts for; of any other key it can only be its own.",
        "schema": {"type": "string", "pattern": "^acc_[0-9]{1,18}$", "examples": ["acc_1"]},
    },
    "idempotency_key": {
        "name": "Idempotency-Key",
        "in": "header",
        "required": False,
        "description": "Any text of the caller's own. With it the request is made once, however often it is sent.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"},
    },
    "if_match": {
        "name": "If-Match",
        "in": "header",
        "required": False,
        "description": "The `ETag` of the version that is to be changed; another one is left as it is: 412.",
        "schema": {"type": "string"},
    },
    "if_none_match": {
        "name": "If-None-Match",
        "in": "header",
        "required": False,
        "description": "The `ETag` of the version that the caller has: 304 when it is still the same.",
        "schema": {"type": "string"},
    },
}


def describe(operations: Sequence[V2Route], deps: V2Deps, webhooks: Sequence[Any] = ()) -> dict[str, Any]:
    """Return the description of these operations."""
    plain = [_without_declaration(route) for route in operations]
    document = get_openapi(
        title="renvoi",
        version=__version__,
        openapi_version="3.1.0",
        summary="Call forwarding and voicemail for virtual phone numbers",
        description=_DESCRIPTION,
        routes=plain,
        webhooks=webhooks,
        servers=[{"url": "/", "description": "This server"}],
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        tags=[{"name": name} for name in dict.fromkeys(str(route.tags[0]) for route in operations if route.tags)],
    )
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    for item in document.get("webhooks", {}).values():
        for event in item.values():
            # Of what we answer, not of what receivers do.
            event["responses"] = {"2XX": {"description": "The event has arrived. Any other status: it is sent again."}}
    schemas |= _problem_schemas()
    components["parameters"] = dict(_PARAMETERS)
    components["headers"] = {
        name: {"description": text, "schema": dict(schema)} for name, (text, schema) in _HEADERS.items()
    }
    components["securitySchemes"] = {
        "key": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "rv_…",
            "description": f"An API key. Its scopes are some of {', '.join(OPERATOR_SCOPES)}, or all of its kind.",
        }
    }
    for route in operations:
        for method in sorted(route.methods or ()):
            _complete(document["paths"][route.path_format][method.lower()], route, method, deps, schemas)
    return document


def _without_declaration(route: V2Route) -> V2Route:
    """Return the route as FastAPI's generator wants it: what is declared of it is not a part of the document."""
    bare = copy(route)
    bare.openapi_extra = None
    return bare


def _complete(found: dict[str, Any], route: V2Route, method: str, deps: V2Deps, schemas: dict[str, Any]) -> None:
    declared = route.declared
    scope = route.scope_needed
    if not found.get("description"):
        found.pop("description", None)
    parameters = found.setdefault("parameters", [])
    if scope is not None:
        found["security"] = [{"key": [scope]}]
        found["x-scope"] = scope
        if route.takes_account:
            parameters.append(_ref("parameters", "account"))
    else:
        found["security"] = []
    if method in WRITES:
        parameters.append(_ref("parameters", "idempotency_key"))
        if route.takes_if_match:
            parameters.append(_ref("parameters", "if_match"))
    elif _is_versioned(route):
        parameters.append(_ref("parameters", "if_none_match"))
    if declared.accepts:
        content = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in declared.accepts}
        found["requestBody"] = {"required": True, "content": content}
    for kind in declared.json_types:
        content = found["requestBody"]["content"]
        content["application/json"]["schema"] = _named(content["application/json"]["schema"], route, schemas)
        content[kind] = dict(content["application/json"])
    _put_example(found, declared.examples)
    _put_responses(found, route, method, deps)


def _named(schema: dict[str, Any], route: V2Route, schemas: dict[str, Any]) -> dict[str, Any]:
    """Return a reference to a schema: one that stands in two places, written out, would be two to a generator."""
    if "$ref" in schema:
        return schema
    name = "".join(part.title() for part in re.split(r"[._]", route.name_of_operation)) + "Body"
    schemas[name] = schema
    return _ref("schemas", name)


def _put_example(found: dict[str, Any], examples: Sequence[Example]) -> None:
    for example in examples:
        if example.body is not None:
            for media in found["requestBody"]["content"].values():
                media.setdefault("examples", {})[_example_name(media)] = {"value": example.body}
        if example.answer is not None:
            status = next(each for each in found["responses"] if each.startswith("2"))
            for media in found["responses"][status].get("content", {}).values():
                media.setdefault("examples", {})[_example_name(media)] = {"value": example.answer}
    found["x-examples"] = [example.path for example in examples]


def _example_name(media: Mapping[str, Any]) -> str:
    return f"example{len(media.get('examples', ())) + 1}"


def _put_responses(found: dict[str, Any], route: V2Route, method: str, deps: V2Deps) -> None:
    responses = found["responses"]
    responses.pop("422", None)
    of_all = ["X-Request-Id", "RateLimit", "RateLimit-Policy"]
    for status, response in responses.items():
        names = [*of_all]
        if status in ("200", "201") and _is_versioned(route):
            names += ["ETag"]
        if status == "200" and method == "GET" and _is_list(route):
            names += ["Link"]
        if method in WRITES:
            names += ["Idempotent-Replayed"]
        response["headers"] = response.get("headers", {}) | _header_refs(names)
    if method == "GET" and _is_versioned(route):
        responses["304"] = {
            "description": "It is the version that `If-None-Match` names.",
            "headers": _header_refs(of_all),
        }
    for status, codes in _by_status(_problems_of(route, method)).items():
        responses[str(status)] = {
            "description": ", ".join(f"`{code.word}`" for code in codes) + f": {HTTPStatus(status).phrase}",
            "headers": _header_refs([*of_all, *(["Retry-After"] if status in (409, 429, 503) else [])]),
            "content": {
                MEDIA_TYPE: {
                    "schema": _ref("schemas", "Problem"),
                    "examples": {code.word: {"value": _example_of(code, route, deps)} for code in codes},
                }
            },
        }


def _problems_of(route: V2Route, method: str) -> list[ProblemCode]:
    found = (
        [*_ALWAYS] if route.scope_needed is not None else [each for each in _ALWAYS if each.status not in (401, 403)]
    )
    found += _OF_WRITES if method in WRITES else _OF_READS
    found += _OF_VERSIONS if route.takes_if_match else ()
    found += _OF_BODIES if route.types else ()
    found += _OF_LISTS if _is_list(route) else ()
    return list(dict.fromkeys([*found, *route.declared.errors]))


def _by_status(codes: Iterable[ProblemCode]) -> dict[int, list[ProblemCode]]:
    found: dict[int, list[ProblemCode]] = {}
    for code in sorted(codes, key=lambda each: each.status):
        found.setdefault(code.status, []).append(code)
    return found


def _is_list(route: V2Route) -> bool:
    return "cursor" in route.query_names


def _is_versioned(route: V2Route) -> bool:
    declared = route.declared.versioned
    return not _is_list(route) and route.methods != {"DELETE"} if declared is None else declared


def _example_of(code: ProblemCode, route: V2Route, deps: V2Deps) -> dict[str, Any]:
    path = route.declared.examples[0].path.partition("?")[0] if route.declared.examples else route.path_format
    arguments = {"{scope}": route.scope_needed or "", "{pointers}": "/label", "{most}": "65536"}
    arguments["{allowed}"] = ", ".join(route.types)
    detail = code.detail("en")
    for name, value in arguments.items():
        detail = detail.replace(name, value)
    shown: dict[str, Any] = {
        "type": f"{deps.public_url}/problems/{code.word}",
        "title": code.title("en"),
        "status": code.status,
        "detail": detail,
        "instance": path,
        "code": code.word,
        "request_id": "0f8c2b6e9d4a4b0c8e7f6a5b4c3d2e1f",
    }
    if code.code is not None:
        shown["v1_code"] = code.code
    if code is ProblemCode.FIELDS_INVALID:
        error = FieldCode.UNKNOWN_FIELD
        shown["errors"] = [{"pointer": "/label", "code": error.word, "detail": error.text("en")}]
    return shown


def _problem_schemas() -> dict[str, Any]:
    text = {"type": "string"}
    return {
        "Problem": {
            "title": "Problem",
            "type": "object",
            "description": "An error (RFC 9457).",
            "required": ["type", "title", "status", "detail", "instance", "code", "request_id"],
            "properties": {
                "type": text | {"format": "uri", "description": "A page about this error."},
                "title": text,
                "status": {"type": "integer"},
                "detail": text,
                "instance": text | {"description": "The path of the request."},
                "code": {"type": "string", "enum": [code.word for code in ProblemCode]},
                "v1_code": {"type": "integer", "description": "The code of `/v1` for the same."},
                "request_id": text,
                "errors": {"type": "array", "items": _ref("schemas", "FieldError")},
            },
        },
        "FieldError": {
            "title": "FieldError",
            "type": "object",
            "required": ["pointer", "code", "detail"],
            "properties": {
                "pointer": text
                | {
                    "description": "A JSON pointer into the body, `?name` for a parameter of the query, `Name:` for a "
                    "header; empty for the body as a whole."
                },
                "code": {"type": "string", "enum": list(dict.fromkeys(code.word for code in FieldCode))},
                "detail": text,
            },
        },
    }


def _ref(kind: str, name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/{kind}/{name}"}


def _header_refs(names: Iterable[str]) -> dict[str, Any]:
    return {name: _ref("headers", name) for name in dict.fromkeys(names)}


def encoded(document: Mapping[str, Any]) -> bytes:
    return msgspec.json.encode(document)


__all__ = ["Operation", "describe", "encoded"]
