"""The style sheet, the script and the icons: few files of ours, served under an address that changes with them."""

import hashlib
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from renvoi.domain.outcome import Outcome
from renvoi.http.request_context import context_of
from renvoi.http.v2.etags import is_known

KINDS = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_KEPT = "public, max-age=31536000, immutable"
_ASKED = "no-cache"
_TAG_CHARACTERS = 16


class StaticFiles:
    """The files, read once."""

    def __init__(self) -> None:
        found = files("renvoi.http.dashboard").joinpath("static").iterdir()
        self._files = {each.name: each.read_bytes() for each in found}
        self._tags = {
            name: hashlib.sha256(content).hexdigest()[:_TAG_CHARACTERS] for name, content in self._files.items()
        }

    def address(self, name: str) -> str:
        """Return where a file is, for as long as it is this one."""
        return f"/static/{name}?v={self._tags[name]}"

    def routes(self) -> list[Route]:
        return [Route(f"/static/{name}", self._answer, methods=["GET"]) for name in self._files]

    async def _answer(self, request: Request) -> Response:
        context = context_of(request.scope)
        context.call, context.outcome = "static", Outcome.OK
        name = request.url.path.rpartition("/")[2]
        tag = f'"{self._tags[name]}"'
        is_this = request.query_params.get("v") == self._tags[name]
        headers = {
            "cache-control": _KEPT if is_this else _ASKED,
            "content-type": KINDS["." + name.rpartition(".")[2]],
            "etag": tag,
            "x-content-type-options": "nosniff",
            "content-security-policy": "default-src 'none'",
        }
        if is_known(context.headers, tag):
            return Response(None, 304, headers)
        return Response(self._files[name], 200, headers)
