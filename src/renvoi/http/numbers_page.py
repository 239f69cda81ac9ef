"""`/numbers/{number}`, which the mail of a message links to: how the number's rule is read and changed.

It asks for no key and reads nothing, so it is the same for every phone number, ours or not.
"""

from shlex import quote
from types import MappingProxyType

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.types import Receive, Scope, Send

from renvoi.domain.codes import Outcome
from renvoi.domain.number import E164, NumberInvalid
from renvoi.http.exchange import exchange_of
from renvoi.http.fields import read_query
from renvoi.http.language import language_named, negotiate
from renvoi.http.refusal import RequestRefused
from renvoi.http.reply import Reply
from renvoi.http.strangers import Strangers
from renvoi.http.wiring import Wiring

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

    def __init__(self, wiring: Wiring, strangers: Strangers) -> None:
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
        """Answer one request."""
        await self._answer(scope)(scope, receive, send)

    def _answer(self, scope: Scope) -> Reply:
        exchange, language = exchange_of(scope), self._language_of(scope)
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
        accepted = exchange_of(scope).headers.get(b"accept-language", b"")
        return named or negotiate(accepted.decode("latin-1"), self._language)
