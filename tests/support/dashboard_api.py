"""The pages of the dashboard on a store in memory, as somebody sees them who is signed in with KEY."""

import asyncio
import re
from html import unescape
from typing import Any

import httpx

from renvoi.application.ports.unit_of_work import Writer
from renvoi.application.sessions import Visitor, begin, new_token, of_key
from renvoi.domain.access.api_key import ApiKey
from renvoi.http.dashboard.site import COOKIE
from tests.support.http_api import KEY
from tests.support.v2_api import V2Api

_CSRF = re.compile(r'name="csrf" value="([^"]+)"')
_TAG = re.compile(r"<[^>]*>")


class Pages(V2Api):
    """A browser without JavaScript: it keeps its session's cookie, and sends the token that forms have."""

    def __init__(self, key: ApiKey | None = KEY, **deps: Any) -> None:
        super().__init__(**deps)
        self.cookies: dict[str, str] = {}
        if key is not None:
            self.sign_in(key)

    def sign_in(self, key: ApiKey) -> None:
        """Begin a session of a key."""
        token = new_token()

        def work(writer: Writer) -> None:
            record = writer.key(key.id)
            assert record is not None
            begin(writer, token, of_key(record, key.hash()), Visitor("192.0.2.7"), self.clock.now_ms())

        asyncio.run(self.store.write(work))
        self.cookies = {COOKIE: token.reveal()}

    def visit(self, path: str, *, language: str = "en", method: str = "GET", **keywords: Any) -> httpx.Response:
        """Ask for a page."""
        headers = {"Accept-Language": language, "Accept": "text/html", **keywords.pop("headers", {})}
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if cookie:
            headers["Cookie"] = cookie
        answer = self.request(method, path, headers=headers, **keywords)
        self.cookies |= dict(answer.cookies)
        return answer

    def csrf(self, path: str) -> str:
        """Return the token that the forms of a page carry."""
        found = _CSRF.search(self.visit(path).text)
        assert found is not None, f"{path} has no form"
        return unescape(found[1])

    def follow(self, answer: httpx.Response, **keywords: Any) -> httpx.Response:
        """Go where an answer sends the browser."""
        assert answer.status_code == 303, text_of(answer)
        return self.visit(answer.headers["location"], **keywords)

    def submit(self, path: str, fields: dict[str, Any], *, page: str = "/account", **keywords: Any) -> httpx.Response:
        """Send a form as one that `page` shows."""
        return self.visit(path, method="POST", data={"csrf": self.csrf(page), **fields}, **keywords)


def text_of(answer: httpx.Response) -> str:
    """Return what a page says, without its tags, in one line."""
    return " ".join(unescape(_TAG.sub(" ", answer.text)).split())
