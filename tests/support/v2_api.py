"""A client of `/v2` on a store in memory; see `tests/support/http_api.py`."""

from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import httpx

from renvoi.adapters.audio import read_greeting, wav_to_mp3
from renvoi.adapters.message_files import MessageFiles
from renvoi.adapters.sealing import AesSealer
from renvoi.application.ports.unit_of_work import Store
from renvoi.domain.access.api_key import ApiKey, KeyRecord
from renvoi.domain.numbers.number import NO_REGION
from renvoi.http.v2 import app as v2_app
from renvoi.http.v2.app import V2
from renvoi.http.v2.deps import V2Deps
from tests.support.http_api import KEY, PATH, Api

SEALER = AesSealer(b"k" * 32)
OPERATOR_KEY = ApiKey("op_0c0c0c0c0c0c", "o" * 43)


NOWHERE = Path("/nonexistent")
_RESOURCES = v2_app.RESOURCES
_shared: list[tuple[Any, V2Deps]] = []


class DirectConverter:
    """Converts audio in this process; see `application.ports.audio.AudioConverter`."""

    async def to_mp3(self, wav: Path) -> bytes:
        return wav_to_mp3(wav)

    async def read_greeting(self, upload: bytes) -> bytes:
        return read_greeting(upload)


class V2Api(Api):
    """A client that sends KEY as a bearer token. Without other `deps` audio is in the store."""

    def __init__(self, store: Store | None = None, **deps: Any) -> None:
        parts = {
            "files": MessageFiles(NOWHERE, NOWHERE),
            "converter": DirectConverter(),
            "sealer_for": lambda _: SEALER,
        }
        super().__init__(store, **(parts | deps))
        found = self.app._v2  # type: ignore[attr-defined]  # what `create_app` returns is the Middleware
        assert isinstance(found, V2)
        self.v2 = found
        self._deps = replace(found._deps)

    def request(self, method: str, path: str = PATH, *, client: str = "192.0.2.7", **keywords: Any) -> httpx.Response:
        """Send one request from the address `client`."""
        if v2_app.RESOURCES is _RESOURCES:
            self.share_operations()
        return super().request(method, path, client=client, **keywords)

    def share_operations(self) -> None:
        """Take the operations that another client has made, with the store of this one: each costs half a second."""
        if not _shared:
            _shared.append((self.v2.fastapi, self.v2._deps))
        fastapi, deps = _shared[0]
        self.v2.__dict__["fastapi"] = fastapi
        for each in fields(deps):
            object.__setattr__(deps, each.name, getattr(self._deps, each.name))

    def send(
        self,
        method: str,
        path: str,
        *,
        key: ApiKey | None = KEY,
        headers: Mapping[str, str] | None = None,
        **keywords: Any,
    ) -> httpx.Response:
        """Send one request; without `key` it names none."""
        named = dict(headers or {})
        if key is not None:
            named.setdefault("Authorization", f"Bearer {key.reveal()}")
        return self.request(method, path, headers=named, **keywords)

    def get(self, path: str, **keywords: Any) -> httpx.Response:
        return self.send("GET", path, **keywords)

    def patch(self, path: str, body: Any, **keywords: Any) -> httpx.Response:
        return self.send("PATCH", path, json=body, **keywords)

    def add_key(self, key: ApiKey, *scopes: str, account_id: int = 1) -> ApiKey:
        """Add a key of an account, or of an operator by its id."""
        account_id = 0 if key.id.startswith("op_") else account_id
        region = "FR" if account_id else NO_REGION
        record = KeyRecord(key.id, account_id, key.hash(), region, scopes=scopes)
        self.write(lambda writer: writer.add_key(record))
        return key


def problem(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """Check that an answer is this problem, and return it."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    found: dict[str, Any] = response.json()
    assert (found["status"], found["code"]) == (status, code), found
    assert found["type"].endswith(f"/problems/{code}")
    assert found["request_id"] == response.headers["x-request-id"]
    return found


def pointers(found: Mapping[str, Any]) -> dict[str, str]:
    """Return the codes of the wrong fields that a problem names, by where they stand."""
    return {error["pointer"]: error["code"] for error in found["errors"]}
