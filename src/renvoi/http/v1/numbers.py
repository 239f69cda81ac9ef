"""Numbers of an account: their rules and names for programs (`docs/api.md §1`, `§3`), and the page for people."""

import re
from datetime import UTC, datetime, timedelta
from shlex import quote
from types import MappingProxyType

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.types import Receive, Scope, Send

from renvoi.application.errors import OperatorError
from renvoi.application.forwarding import RuleRequest, set_rule
from renvoi.application.numbers import numbers_page, read_number, set_label
from renvoi.domain.numbers.number import E164, NumberInvalid
from renvoi.domain.numbers.rule import NumberRecord
from renvoi.domain.outcome import Outcome
from renvoi.domain.text import is_blank, strip_invisible
from renvoi.http.body_parsing import is_text, read_query
from renvoi.http.deps import Deps
from renvoi.http.limits import Strangers
from renvoi.http.metrics import Metrics
from renvoi.http.request_context import context_of
from renvoi.http.responses import Reply, RequestRefused, Value, language_named, negotiate
from renvoi.http.v1.operation import ApiRequest, Operation, OperationResult

_IDEMPOTENCY_KEY = re.compile(rb"[\x20-\x7e]{1,255}")
PAGE_SIZE = 100
_PAGE = re.compile(r"[1-9][0-9]{0,4}|100000")
"""Up to ten million numbers: what a page costs grows with its number, so that number is bounded."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class CallForward:
    """The two calls of the core endpoint."""

    def __init__(self, wiring: Deps, metrics: Metrics) -> None:
        self._store = wiring.store
        self._clock = wiring.clock
        self._metrics = metrics

    def calls(self) -> dict[str, Operation]:
        return {
            "POST": Operation("callforward.set", "forwarding:write", self.set),
            "GET": Operation("callforward.get", "numbers:read", self.get),
        }

    async def set(self, request: ApiRequest) -> OperationResult:
        """Change a number's rule; durable and in force when this returns."""
        key = _idempotency_key(request)
        wanted = RuleRequest(request.text("number"), request.text("type"), request.text("param"))
        answer = await set_rule(self._store, self._clock, request.principal, wanted, key)
        if answer.outcome.success and not answer.replayed:
            self._metrics.count_change(answer.outcome)
        return OperationResult(answer.outcome, answer.revision)

    async def get(self, request: ApiRequest) -> OperationResult:
        found = await read_number(self._store, request.principal, request.text("number"))
        if isinstance(found, Outcome):
            return OperationResult(found)
        return OperationResult(Outcome.OK, fields=rule_fields(found))


def _idempotency_key(request: ApiRequest) -> str | None:
    given = request.headers.get(b"idempotency-key")
    if given is None:
        return None
    if not _IDEMPOTENCY_KEY.fullmatch(given):
        raise RequestRefused(Outcome.BODY_INVALID, reason="Idempotency-Key is not 1 to 255 printable ASCII characters")
    return given.decode()


class Numbers:
    """The calls that list and name numbers."""

    def __init__(self, wiring: Deps) -> None:
        self._store = wiring.store

    def list_calls(self) -> dict[str, Operation]:
        return {"GET": Operation("list", "numbers:read", self.list)}

    def name_calls(self) -> dict[str, Operation]:
        return {"POST": Operation("name", "numbers:write", self.name)}

    async def list(self, request: ApiRequest) -> OperationResult:
        """List the account's numbers, 100 a page, in ascending order."""
        text = request.text("page") or "1"
        if not _PAGE.fullmatch(text):
            raise RequestRefused(Outcome.BODY_INVALID)
        page = int(text)
        records = await numbers_page(self._store, request.principal, page, PAGE_SIZE)
        return OperationResult(Outcome.OK, fields={"page": page, "numbers": [_listed(record) for record in records]})

    async def name(self, request: ApiRequest) -> OperationResult:
        name = strip_invisible(request.text("name"))
        if not name:
            return OperationResult(Outcome.NAME_REQUIRED)
        number = request.text("number")
        if is_blank(number):
            return OperationResult(Outcome.NUMBER_REQUIRED)
        if not is_text(request.fields["name"]):
            return OperationResult(Outcome.BODY_INVALID)
        try:
            outcome = await set_label(self._store, request.principal, number, name)
        except OperatorError:
            outcome = Outcome.BODY_INVALID
        return OperationResult(outcome)


def rule_fields(record: NumberRecord) -> dict[str, Value]:
    """Return a number's rule as the API shows it."""
    updated_at = None if record.updated_at_ms is None else iso_8601(record.updated_at_ms)
    return {
        "type": int(record.rule.type),
        "param": record.rule.param,
        "revision": record.rule.revision,
        "updatedAt": updated_at,
    }


def iso_8601(ms: int) -> str:
    """Return a time (ms since 1970-01-01 UTC) as `2026-01-31T12:00:00.000Z`."""
    text = (_EPOCH + timedelta(milliseconds=ms)).isoformat(timespec="milliseconds")
    return text.removesuffix("+00:00") + "Z"


def _listed(record: NumberRecord) -> dict[str, Value]:
    return {
        "number": record.number.value,
        "name": record.label,
        **rule_fields(record),
        "active": record.active,
        "forwardingEnabled": record.forwarding_enabled,
    }


_NO_REGION = "ZZ"
"""Numbers are read in no region's form: a link holds the international one."""
_METHODS = ("GET", "HEAD")
_HEADERS = (
    (b"content-type", b"text/html; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (
        b"content-security-policy",
        b"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"vary", b"accept-language"),
)
_WORDS = MappingProxyType(
    {
        "en": {
            "title": "The rule of {number}",
            "intro": "The rule of a number says what happens to its calls: they are refused, forwarded to another "
            "number, or taken as voicemail. Its owner reads and changes it with an API key, put in place of YOUR_KEY.",
            "read": "Read the rule",
            "change": "Forward calls to another number",
            "types": "type=0 without param refuses calls; type=2 with an e-mail address as param takes messages.",
            "target": "OTHER_NUMBER",
            "key": "YOUR_KEY",
        },
        "fr": {
            "title": "La règle du {number}",
            "intro": "La règle d’un numéro dit ce que deviennent ses appels : refusés, transférés vers un autre "
            "numéro, ou pris par la messagerie. Son propriétaire la lit et la change avec une clé API, mise à la place "
            "de VOTRE_CLE.",
            "read": "Lire la règle",
            "change": "Transférer les appels vers un autre numéro",
            "types": "type=0 sans param refuse les appels ; type=2 avec une adresse e-mail pour param prend les "
            "messages.",
            "target": "AUTRE_NUMERO",
            "key": "VOTRE_CLE",
        },
    }
)


class NumberPage:
    """The page of a number; anything else in its place is not found. An ASGI application."""

    def __init__(self, wiring: Deps, strangers: Strangers) -> None:
        self._language = wiring.language
        self._url = f"{wiring.public_url}/v1/vn/callforward"
        self._strangers = strangers
        environment = Environment(
            loader=PackageLoader("renvoi.http"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._template = environment.get_template("number.html.j2")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._answer(scope)(scope, receive, send)

    def _answer(self, scope: Scope) -> Reply:
        exchange, language = context_of(scope), self._language_of(scope)
        try:
            number = E164.parse(scope["path_params"]["number"], _NO_REGION)
        except NumberInvalid:
            return self._strangers.refuse(scope, Outcome.NOT_FOUND, language=language)
        exchange.call = "numbers.page"
        if scope["method"] not in _METHODS:
            allow = (b"allow", ", ".join(_METHODS).encode())
            return self._strangers.refuse(scope, Outcome.METHOD_NOT_ALLOWED, language=language, headers=[allow])
        exchange.outcome = Outcome.OK
        return self._page(number, language)

    def _page(self, number: E164, language: str) -> Reply:
        words = _WORDS[language]
        url, key = quote(self._url), words["key"]
        body = self._template.render(
            language=language,
            words=words,
            title=words["title"].format(number=number),
            read=f"curl -G {url} -d apiKey={key} --data-urlencode number={number}",
            change=f"curl {url} -d apiKey={key} --data-urlencode number={number} -d type=1 "
            f"--data-urlencode param={words['target']}",
        ).encode()
        headers = (
            *_HEADERS,
            (b"content-language", language.encode()),
            (b"content-length", b"%d" % len(body)),
        )
        return Reply(200, headers, body)

    def _language_of(self, scope: Scope) -> str:
        try:
            named = language_named(read_query(scope["query_string"]).get("lang", ""))
        except RequestRefused:
            named = None  # a query that cannot be read names no language
        accepted = context_of(scope).headers.get(b"accept-language", b"")
        return named or negotiate(accepted.decode("latin-1"), self._language)
