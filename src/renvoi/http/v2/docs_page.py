"""`/openapi.json`, and `/docs`: the description as pages with "try it" (Swagger UI), served from this machine alone."""

import asyncio
import hashlib
from importlib.resources import files

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from renvoi.http.request_context import context_of
from renvoi.http.v2.deps import V2Deps
from renvoi.http.v2.etags import is_known
from renvoi.http.v2.openapi import encoded

_SWAGGER = "fastapi_offline"
"""The package whose files are served; nothing of its code is used."""
_FILES = {
    "swagger-ui.css": ("static/swagger-ui.css", "text/css; charset=utf-8"),
    "swagger-ui-bundle.js": ("static/swagger-ui-bundle.js", "text/javascript; charset=utf-8"),
    "favicon.png": ("static/favicon.png", "image/png"),
}
_POLICY = (
    # Swagger UI draws its icons from data: URLs in its style sheet; everything else is a file of this server's.
    "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "content-security-policy": _POLICY,
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cache-control": "no-cache",
}
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>renvoi: the management API</title>
<link rel="icon" type="image/png" href="/docs/favicon.png">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="docs"></div>
<noscript>These pages need JavaScript; the description itself is <a href="/openapi.json">/openapi.json</a>.</noscript>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/init.js"></script>
</body>
</html>
"""
_INIT = """window.ui = SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#docs",
  deepLinking: true,
  // Where the description comes from is not for a link to say, and no validator elsewhere is asked about it.
  queryConfigEnabled: false,
  validatorUrl: null,
  persistAuthorization: false,
  displayRequestDuration: true,
  docExpansion: "list",
  syntaxHighlight: { activated: true },
});
"""


def routes(_deps: V2Deps) -> APIRouter:
    """Return the routes of the description and its pages."""
    router = APIRouter()
    served = {
        "/docs": (_PAGE.encode(), "text/html; charset=utf-8"),
        "/docs/init.js": (_INIT.encode(), "text/javascript; charset=utf-8"),
    }
    for name, (path, kind) in _FILES.items():
        served[f"/docs/{name}"] = files(_SWAGGER).joinpath(path).read_bytes(), kind
    tags = {path: _tag(content) for path, (content, _) in served.items()}

    async def page(request: Request) -> Response:
        path = request.scope["path"]
        context_of(request.scope).call = "docs"
        content, kind = served[path]
        return _answer(request, content, kind, tags[path])

    described: list[bytes] = []

    async def description(request: Request) -> Response:
        context_of(request.scope).call = "openapi"
        if not described:
            # Once, and not on the event loop, where everybody else would wait for it.
            described.append(encoded(await asyncio.to_thread(request.app.state.describe)))
        return _answer(request, described[0], "application/json", _tag(described[0]))

    router.add_route("/openapi.json", description)
    for path in served:
        router.add_route(path, page)
    return router


def _answer(request: Request, content: bytes, kind: str, tag: str) -> Response:
    headers = {**_HEADERS, "content-type": kind, "etag": tag}
    if is_known(context_of(request.scope).headers, tag):
        return Response(None, 304, headers)
    return Response(content, 200, headers)


def _tag(content: bytes) -> str:
    return f'"{hashlib.sha256(content).hexdigest()[:20]}"'
