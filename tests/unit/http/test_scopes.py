"""A key may do what its scopes say (docs/api.md §1, code 10)."""

from typing import Any

import pytest

from renvoi.domain.access.api_key import ApiKey, KeyRecord
from renvoi.domain.access.rights import SCOPES
from tests.support.http_api import KEY, NUMBER, PATH, Api

CALLS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "forwarding:write": ("POST", PATH, {"number": NUMBER.value, "type": 0}),
    "numbers:write": ("POST", "/v1/vn/name", {"number": NUMBER.value, "name": "desk"}),
    "numbers:read": ("GET", PATH, {"number": NUMBER.value}),
    "numbers:read, the list": ("GET", "/v1/vn/list", {}),
}


def api_with_key(*scopes: str) -> tuple[Api, ApiKey]:
    api, key = Api(), ApiKey("0c0c0c0c0c0c", "s" * 43)
    account = api.read(lambda reader: reader.key(KEY.id)).account_id
    api.write(lambda writer: writer.add_key(KeyRecord(key.id, account, key.hash(), "FR", scopes=scopes)))
    return api, key


def ask(api: Api, key: ApiKey, call: str) -> Any:
    method, path, fields = CALLS[call]
    sent: dict[str, Any] = {"apiKey": key.reveal(), **fields}
    if method == "POST":
        return api.request(method, path, json=sent)
    return api.request(method, path, params=sent)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("scope", [*SCOPES, "messages:delete", "written by a later version"])
def test_a_call_needs_its_scope(call: str, scope: str) -> None:
    """A key made with `--scope calls:read` forwards no number; nothing is changed, and the answer is the table's."""
    api, key = api_with_key(scope)
    answer = ask(api, key, call)
    if scope == call.partition(",")[0]:
        assert answer.json()["code"] in (18, 200)
        return
    assert answer.json() == {"success": False, "code": 10, "message": "Incorrect API key"}
    assert answer.status_code == 401
    record = api.read(lambda reader: reader.number(NUMBER))
    assert (record.rule.revision, record.label) == (0, "")


@pytest.mark.parametrize("call", CALLS)
def test_several_scopes_and_none(call: str) -> None:
    """Without any, as keys made before scopes held, a key may do everything."""
    for scopes in ((), ("calls:read", call.partition(",")[0])):
        api, key = api_with_key(*scopes)
        assert ask(api, key, call).json()["code"] in (18, 200)


def test_a_missing_scope_counts_as_no_guess() -> None:
    """The key was right: nobody behind that address is locked out for it."""
    api, key = api_with_key("calls:read")
    codes = {ask(api, key, "numbers:read").json()["code"] for _ in range(300)}
    assert codes == {10}
