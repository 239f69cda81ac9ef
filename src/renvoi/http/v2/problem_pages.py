"""The pages that `type` of a problem names: what it means, and what to do, in English and French."""

from fastapi import APIRouter
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from renvoi.domain.outcome import LANGUAGES
from renvoi.domain.problem import ProblemCode
from renvoi.http.request_context import context_of
from renvoi.http.v2.deps import V2Deps
from renvoi.http.v2.problems import language_of

_HEADERS = {
    "cache-control": "public, max-age=3600",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "vary": "accept-language",
}
_WORDS = {
    "en": {"title": "Errors of the management API", "all": "All errors", "status": "HTTP status", "v1": "code in /v1"},
    "fr": {
        "title": "Erreurs de l’API de gestion",
        "all": "Toutes les erreurs",
        "status": "statut HTTP",
        "v1": "code dans /v1",
    },
}
_PLACEHOLDERS = {"{": "‹", "}": "›"}
_BY_WORD = {code.word: code for code in ProblemCode}


def routes(deps: V2Deps) -> APIRouter:
    """Return the routes of the pages."""
    router = APIRouter()
    templates = Environment(
        loader=PackageLoader("renvoi.http"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    template = templates.get_template("problems.html.j2")

    def render(request: Request, codes: list[ProblemCode], name: str) -> Response:
        context = context_of(request.scope)
        context.call = name
        language = language_of(context, deps.shared.language)
        shown = [
            {
                "word": code.word,
                "status": code.status,
                "v1": code.code,
                "title": code.title(language),
                "detail": _plain(code.detail(language)),
            }
            for code in codes
        ]
        html = template.render(language=language, words=_WORDS[language], problems=shown, is_one=len(codes) == 1)
        return HTMLResponse(html, headers={**_HEADERS, "content-language": language})

    async def every(request: Request) -> Response:
        return render(request, list(ProblemCode), "problems.list")

    async def one(request: Request) -> Response:
        code = _BY_WORD.get(request.path_params["word"])
        if code is None:
            raise HTTPException(404)
        return render(request, [code], "problems.get")

    router.add_route("/problems", every)
    router.add_route("/problems/{word}", one)
    return router


def _plain(text: str) -> str:
    return "".join(_PLACEHOLDERS.get(character, character) for character in text)


assert set(_WORDS) == set(LANGUAGES)
