"""`Idempotency-Key` of `/v2`: sent again, a write is made once and answered as the first time (docs/v2.md)."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, Any

import httpx
import pytest
from fastapi import APIRouter, Response
from pydantic import BaseModel
from structlog.testing import capture_logs

from renvoi.application.forwarding import IDEMPOTENCY_WINDOW_MS
from renvoi.application.ports.errors import StoreUnavailable
from renvoi.application.ports.unit_of_work import Store, Writer
from renvoi.domain.access.api_key import ApiKey, KeyRecord, Principal
from renvoi.domain.problem import Problem, ProblemCode
from renvoi.http.v2 import app
from renvoi.http.v2.deps import V2Deps
from renvoi.http.v2.idempotency import UNDER_WAY_MS, Idempotent
from renvoi.http.v2.models import RequestModel, answer
from renvoi.http.v2.route import Example, V2Route, operation
from renvoi.http.v2.security import requires
from tests.support.http_api import FOREIGN, FOREIGN_KEY, KEY, NUMBER, SECOND
from tests.support.memory_store import MemoryStore
from tests.support.v2_api import V2Api, problem

PATH = f"/v2/numbers/{NUMBER}"
OTHER_KEY = ApiKey("0e0e0e0e0e0e", "e" * 43)
K = {"Idempotency-Key": "a key"}
Who = Annotated[Principal, requires("numbers:write")]


class Counted(BaseModel):
    """What the operations of these tests answer with."""

    count: int


class Wanted(RequestModel):
    """What they are asked for."""

    fail: str = ""


class Probe:
    """Operations that count how often they were carried out, in the store."""

    def __init__(self) -> None:
        self.before: Callable[[], Any] = lambda: None
        self.runs = 0

    def routes(self, deps: V2Deps) -> APIRouter:
        router = APIRouter(route_class=V2Route, tags=["tests"])
        example = Example("/v2/tests/once", body={})

        async def count(store: Store) -> int:
            def work(writer: Writer) -> int:
                writer.count("made")
                return writer.counts()["made"]

            return await store.write(work)

        @router.post("/v2/tests/once", response_model=Counted, **operation("tests.once", "Count", example=example))
        async def atomic(_who: Who, _body: Wanted, once: Idempotent) -> Response:
            self.runs += 1
            self.before()
            return await once.run(count, lambda made: answer(Counted(count=made), 201, location="/here"))

        @router.post(
            "/v2/tests/late",
            **operation("tests.late", "Count", example=Example("/v2/tests/late", body={}), secret=True),
        )
        async def late(_who: Who, body: Wanted) -> Counted:
            self.runs += 1
            self.before()
            made = await count(deps.store)
            if body.fail == "problem":
                raise Problem(ProblemCode.NUMBER_UNKNOWN)
            if body.fail == "fault":
                raise RuntimeError("a fault")
            if body.fail == "busy":
                raise Problem(ProblemCode.TOO_MANY_REQUESTS, headers={"Retry-After": "1"})
            return Counted(count=made)

        return router


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Keep tracebacks of faults out of the report: with all variables they take seconds to draw."""
    with capture_logs():
        yield


@pytest.fixture
def probe(monkeypatch: pytest.MonkeyPatch) -> Probe:
    found = Probe()
    monkeypatch.setattr(app, "RESOURCES", (*app.RESOURCES, found.routes))
    return found


@pytest.fixture
def api(probe: Probe) -> V2Api:
    assert probe
    return V2Api()


def made(api: V2Api) -> int:
    """Return how often something was counted."""
    count: int = api.read(lambda reader: reader.counts().get("made", 0))
    return count


def same(first: httpx.Response, second: httpx.Response) -> None:
    """Check that the second answer is the first one again."""
    assert (first.status_code, first.content) == (second.status_code, second.content)
    for name in ("content-type", "etag", "location"):
        assert first.headers.get(name) == second.headers.get(name)
    assert "idempotent-replayed" not in first.headers
    assert second.headers["idempotent-replayed"] == "true"
    assert first.headers["x-request-id"] != second.headers["x-request-id"]


@pytest.mark.parametrize("path", ["/v2/tests/once", "/v2/tests/late"])
def test_it_is_made_once_and_answered_as_the_first_time(api: V2Api, probe: Probe, path: str) -> None:
    first, second = (api.send("POST", path, json={}, headers=K) for _ in range(2))
    same(first, second)
    assert (made(api), probe.runs) == (1, 1)
    # Spaces and the order of names are no other request; without the key it is one.
    same(first, api.send("POST", path, content=b"{ }", headers=K | {"Content-Type": "application/json"}))
    assert api.send("POST", path, json={}).json() == {"count": 2}


def test_another_request_with_the_key_is_a_conflict(api: V2Api) -> None:
    assert api.patch(PATH, {"label": "a"}, headers=K).status_code == 200
    problem(api.patch(PATH, {"label": "b"}, headers=K), 409, "idempotency_conflict")
    problem(api.patch(f"/v2/numbers/{SECOND}", {"label": "a"}, headers=K), 409, "idempotency_conflict")
    problem(api.patch(f"{PATH}?account=acc_1", {"label": "a"}, headers=K), 409, "idempotency_conflict")
    assert api.get(PATH).json()["label"] == "a"


def test_keys_of_one_account_share_it_and_accounts_do_not(api: V2Api) -> None:
    other = api.add_key(OTHER_KEY)
    first = api.send("POST", "/v2/tests/once", json={}, headers=K)
    same(first, api.send("POST", "/v2/tests/once", json={}, headers=K, key=other))
    assert api.send("POST", "/v2/tests/once", json={}, headers=K, key=FOREIGN_KEY).json() == {"count": 2}


def test_a_limited_key_is_not_told_what_another_one_did(api: V2Api) -> None:
    record = KeyRecord(OTHER_KEY.id, 1, OTHER_KEY.hash(), "FR", numbers=frozenset({SECOND}))
    api.write(lambda writer: writer.add_key(record))
    assert api.patch(PATH, {"label": "a"}, headers=K).status_code == 200
    problem(api.patch(PATH, {"label": "a"}, headers=K, key=OTHER_KEY), 404, "number_unknown")


def test_what_is_refused_is_remembered_and_what_invites_to_try_again_is_not(api: V2Api, probe: Probe) -> None:
    first = api.patch(f"/v2/numbers/{FOREIGN}", {"label": "a"}, headers=K)
    problem(first, 404, "number_unknown")
    again = api.patch(f"/v2/numbers/{FOREIGN}", {"label": "a"}, headers=K)
    assert again.headers["idempotent-replayed"] == "true"
    wrong = {"Idempotency-Key": "wrong fields"}
    assert api.patch(PATH, {"label": 1}, headers=wrong).status_code == 422
    assert api.patch(PATH, {"label": 1}, headers=wrong).headers["idempotent-replayed"] == "true"
    for place, fail in enumerate(("busy", "fault")):
        key = {"Idempotency-Key": fail}
        expected = {"busy": 429, "fault": 500}[fail]
        answers = [api.send("POST", "/v2/tests/late", json={"fail": fail}, headers=key) for _ in range(2)]
        assert [each.status_code for each in answers] == [expected] * 2
        assert probe.runs == 2 * (place + 1), "neither was an answer to remember"


def test_a_malformed_key_is_refused(api: V2Api) -> None:
    for key in ("", "x" * 256, "é", "a\tb"):
        found = api.patch(PATH, {"label": "a"}, headers={"Idempotency-Key": key.encode("latin-1")})
        problem(found, 400, "header_malformed")
    assert api.patch(PATH, {"label": "a"}, headers={"Idempotency-Key": "x" * 255}).status_code == 200


def test_while_the_first_is_under_way_others_are_told_to_wait(api: V2Api, probe: Probe) -> None:
    seen: list[httpx.Response] = []

    def meanwhile() -> None:
        probe.before = lambda: None
        # In a thread of its own, as this one's event loop is at work.
        with ThreadPoolExecutor(1) as threads:
            seen.append(threads.submit(api.send, "POST", "/v2/tests/once", json={}, headers=K).result())

    probe.before = meanwhile
    first = api.send("POST", "/v2/tests/once", json={}, headers=K)
    assert first.json() == {"count": 1}
    problem(seen[0], 409, "request_in_progress")
    assert seen[0].headers["retry-after"] == "1"
    same(first, api.send("POST", "/v2/tests/once", json={}, headers=K))


def test_a_request_that_was_overtaken_changes_nothing(api: V2Api, probe: Probe) -> None:
    """Its process was so slow that its claim lapsed, and the same request came again: one of the two counts."""
    seen: list[httpx.Response] = []

    def meanwhile() -> None:
        probe.before = lambda: None
        api.clock.now += UNDER_WAY_MS
        with ThreadPoolExecutor(1) as threads:
            seen.append(threads.submit(api.send, "POST", "/v2/tests/once", json={}, headers=K).result())

    probe.before = meanwhile
    problem(api.send("POST", "/v2/tests/once", json={}, headers=K), 409, "request_in_progress")
    assert (seen[0].json(), made(api)) == ({"count": 1}, 1)


def test_an_answer_is_stored_with_its_change_or_neither(api: V2Api, probe: Probe) -> None:
    store = api.store
    assert isinstance(store, MemoryStore)

    def away() -> None:
        store.refuse_with = StoreUnavailable("away")

    probe.before = away
    problem(api.send("POST", "/v2/tests/once", json={}, headers=K), 503, "unavailable")
    probe.before = lambda: None
    store.refuse_with = None
    # Its claim could not be given back either, and lapses.
    problem(api.send("POST", "/v2/tests/once", json={}, headers=K), 409, "request_in_progress")
    api.clock.now += UNDER_WAY_MS
    assert api.send("POST", "/v2/tests/once", json={}, headers=K).json() == {"count": 1}


def test_an_answer_that_is_lost_behind_the_commit_is_given_again(
    api: V2Api, probe: Probe, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = api.store.write

    async def fails_behind_the_commit(work: Callable[[Writer], Any]) -> Any:
        result = await write(work)
        if await api.store.read(lambda reader: reader.counts().get("made", 0)):
            raise RuntimeError("the answer is lost")
        return result

    with monkeypatch.context() as patched:
        patched.setattr(api.store, "write", fails_behind_the_commit)
        problem(api.send("POST", "/v2/tests/once", json={}, headers=K), 500, "internal_error")
    assert made(api) == 1
    again = api.send("POST", "/v2/tests/once", json={}, headers=K)
    assert (again.json(), again.headers["idempotent-replayed"], probe.runs) == ({"count": 1}, "true", 1)


def test_a_day_later_it_is_another_request(api: V2Api) -> None:
    assert api.send("POST", "/v2/tests/once", json={}, headers=K).json() == {"count": 1}
    api.clock.now += IDEMPOTENCY_WINDOW_MS
    assert api.send("POST", "/v2/tests/once", json={}, headers=K).json() == {"count": 1}
    api.clock.now += 1
    assert api.send("POST", "/v2/tests/once", json={}, headers=K).json() == {"count": 2}


def test_what_shows_a_secret_is_stored_sealed_and_shown_to_its_key_only(api: V2Api) -> None:
    other = api.add_key(OTHER_KEY)
    first = api.send("POST", "/v2/tests/late", json={}, headers=K)
    stored = api.read(lambda reader: reader.api_answer(1, "a key"))
    assert stored.sealed
    assert b"count" not in stored.body
    same(first, api.send("POST", "/v2/tests/late", json={}, headers=K))
    problem(api.send("POST", "/v2/tests/late", json={}, headers=K, key=other), 409, "idempotency_conflict")
    plain = api.send("POST", "/v2/tests/once", json={}, headers={"Idempotency-Key": "plain"})
    assert api.read(lambda reader: reader.api_answer(1, "plain")).body == plain.content
    assert KEY.secret.encode() not in stored.body


SHOWN_ONCE = {"secret", "url"}
"""Fields of answers to writes that are worth something to whoever reads them; `url` where it is signed."""
NOT_SIGNED = {"webhooks.update"}
"""Operations whose `url` is where a webhook's events go."""


def test_every_answer_that_shows_a_secret_is_sealed() -> None:
    """Whoever gets hold of the store, or of a copy of it, must find no secret among the answers that it keeps."""
    api = V2Api()
    document = api.get("/openapi.json", key=None).json()
    schemas = document["components"]["schemas"]
    showing = set()
    writes = [each for item in document["paths"].values() for method, each in item.items() if method != "get"]
    for write in writes:
        contents = [each.get("content", {}).get("application/json", {}) for each in write["responses"].values()]
        names = {each["schema"].get("$ref", "").rpartition("/")[2] for each in contents if each}
        if any(SHOWN_ONCE & schemas.get(name, {}).get("properties", {}).keys() for name in names):
            showing.add(write["operationId"])
    sealed = {each.name_of_operation for each in api.v2.operations() if each.declared.secret}
    assert sealed == showing - NOT_SIGNED
    assert sealed == {"keys.create", "keys.rotate", "webhooks.create", "webhooks.rotate_secret", "messages.link"}
