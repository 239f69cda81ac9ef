"""Whatever the API and the pages show of a store: each GET that they have, for what is in `full_store`."""

import asyncio
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from renvoi.application.ports.unit_of_work import Store
from renvoi.domain.access.api_key import ApiKey
from renvoi.http.dashboard.app import Dashboard
from renvoi.http.v2.security import OPERATOR
from tests.support.dashboard_api import Pages
from tests.support.http_api import KEY
from tests.support.trunk_control import FakeTrunkControl
from tests.support.v2_api import OPERATOR_KEY

_PARAMETER = re.compile(r"\{([a-z_]+)[^}]*\}")
_LONGEST_WALK = 40


@dataclass(frozen=True, slots=True)
class Asked:
    """One GET; a key for the API, the cookies of a session for a page."""

    path: str
    key: ApiKey | None = None
    cookie: str = ""
    is_list: bool = False

    def __str__(self) -> str:
        return f"GET {self.path} as {self.key.id if self.key is not None else 'somebody who is signed in'}"


class Browser(Pages):
    """A client whose connections stay, which is four times as fast."""

    def __init__(self, store: Store) -> None:
        self._runner = asyncio.Runner()
        self._session: httpx.AsyncClient | None = None
        super().__init__(None, store=store, trunks=FakeTrunkControl())

    def _request(self, app: Any, method: str, path: str, client: str, **keywords: Any) -> httpx.Response:  # type: ignore[override]  # of the class for tests of one request
        if self._session is None:
            transport = httpx.ASGITransport(app, client=(client, 40000))
            self._session = httpx.AsyncClient(transport=transport, base_url="http://api")
        return self._runner.run(self._session.request(method, path, **keywords))

    def close(self) -> None:
        """End its loop."""
        if self._session is not None:
            self._runner.run(self._session.aclose())
        self._runner.close()


class Everything:
    """All that can be asked of a filled store, and what was answered while that was whole."""

    def __init__(self, browser: Browser, ids: Mapping[str, Sequence[str]]) -> None:
        self._browser = browser
        self._ids = ids
        self._whole: dict[Asked, list[str]] = {}
        cookies = []
        for key in (KEY, OPERATOR_KEY):
            browser.sign_in(key)
            cookies.append("; ".join(f"{name}={value}" for name, value in browser.cookies.items()))
        self._cookies = cookies
        self.all = [each for each in (*self._of_api(), *self._of_pages()) if self._is_answered(each)]

    def _is_answered(self, each: Asked) -> bool:
        answer = self._answer(each)
        assert answer.status_code != 500, f"{each}: {answer.text}"
        if answer.status_code != 200:
            return False
        if each.is_list:
            self._whole[each] = self._walk(each)
        return True

    def _of_api(self) -> Iterator[Asked]:
        for route in self._browser.v2.operations():
            if "GET" not in (route.methods or ()):
                continue
            is_list = "next_cursor" in str(route.response_model.model_fields if route.response_model else "")
            keys = [OPERATOR_KEY] if route.scope_needed == OPERATOR else [KEY]
            queries = {each.path.partition("?")[2] for each in route.declared.examples}
            queries = {each for each in queries if "limit=" not in each} | {""}
            for path in self._named(route.path):
                yield from (
                    Asked(path + (f"?{query}" if query else ""), key, is_list=is_list)
                    for key in keys
                    for query in sorted(queries)
                )
            if route.takes_account and "{" not in route.path:
                yield Asked(route.path + "?account=acc_1", OPERATOR_KEY)

    def _of_pages(self) -> Iterator[Asked]:
        dashboard = Dashboard(self._browser.v2._deps)
        for route in dashboard.routes:
            # A stream of events has no end.
            if "GET" in (route.methods or ()) and route.path != "/live":
                for path in self._named(route.path):
                    yield from (Asked(path, cookie=cookie) for cookie in self._cookies)

    def _named(self, path: str) -> Iterator[str]:
        found = _PARAMETER.search(path)
        if found is None:
            yield path
            return
        noun = path[: found.start()].rstrip("/").rpartition("/")[2]
        for value in self._ids.get(noun, ("x",)):
            yield from self._named(path[: found.start()] + value + path[found.end() :])

    def _answer(self, each: Asked, query: str = "") -> httpx.Response:
        path = each.path + (("&" if "?" in each.path else "?") + query if query else "")
        if each.key is not None:
            return self._browser.send("GET", path, key=each.key)
        return self._browser.request("GET", path, headers={"Cookie": each.cookie, "Accept": "text/html"})

    def _walk(self, each: Asked) -> list[str]:
        """Return what names the elements of a list, which is read in pages of one."""
        found: list[str] = []
        query = before = "limit=1" if self._answer(each, "limit=1").status_code != 422 else ""  # few have no pages
        for _ in range(_LONGEST_WALK):
            answer = self._answer(each, query)
            assert answer.status_code == 200, f"{each} with {query}: {answer.text}"
            page = answer.json()
            found += (_name(element) for element in page["data"])
            query = f"limit=1&cursor={page['next_cursor']}"
            # A log that goes on has a cursor at its end, too.
            if page["next_cursor"] is None or query == before:
                return found
            before = query
        raise AssertionError(f"{each} has no last page: {found}")

    def faults(self, asked: Sequence[Asked], *, lacks: bool = False) -> Iterator[str]:
        """Yield what is wrong with answers: none at all, a fault of ours, or elements that have gone.

        One element may have another name, and be gone if the list `lacks` it.
        """
        for each in asked:
            try:
                answer = self._answer(each)
                if answer.status_code >= 500:
                    yield f"{each}: {answer.status_code} {answer.text[:300]}"
                elif each.is_list and answer.status_code == 200:
                    shown = self._walk(each)
                    yield from (f"{each}: {fault}" for fault in differences(self._whole[each], shown, lacks))
            except Exception as error:  # noqa: BLE001 - whatever it is, it is what is looked for
                yield f"{each}: {error!r:.300}"


def differences(whole: Sequence[str], shown: Sequence[str], lacks: bool) -> Iterator[str]:
    """Yield how the elements of a list are not those of before; see `Everything.faults`."""
    gone, more = (list((Counter(one) - Counter(other)).elements()) for one, other in ((whole, shown), (shown, whole)))
    if len(gone) > 1 or (len(gone) != len(more) and not (lacks and gone and not more)):
        yield f"{gone} are gone, and {more} are new"


def _name(element: Mapping[str, Any]) -> str:
    return next(str(element[name]) for name in ("id", "number", "name", "prefix", "revision", "at") if name in element)
