"""Keys that are limited to numbers, keys with two secrets, and keys of operators, on `/v1` (docs/api.md §1)."""

from typing import Any

import pytest

from renvoi.domain.access.api_key import EVERY_ACCOUNT, ApiKey, KeyRecord
from renvoi.domain.numbers.number import E164, NO_REGION
from tests.support.http_api import FOREIGN, KEY, NUMBER, PATH, SECOND, START_MS, TARGET, Api

LIMITED = ApiKey("0c0c0c0c0c0c", "s" * 43)
NOBODYS = E164("+33199009999")


def api_with(**limits: Any) -> Api:
    """Return a client of a store with one more key, LIMITED, and both numbers of the account enabled."""
    api = Api()
    record = KeyRecord(LIMITED.id, 1, LIMITED.hash(), "FR", **limits)
    api.write(lambda writer: writer.add_key(record))
    for number in (NUMBER, SECOND):
        api.write(lambda writer, number=number: writer.set_number_state(number, forwarding_enabled=True))
    return api


def change(api: Api, number: E164, key: ApiKey = LIMITED, **headers: str) -> Any:
    sent = {"apiKey": key.reveal(), "number": number.value, "type": 1, "param": TARGET}
    return api.request("POST", json=sent, headers=headers).json()


def test_numbers_beyond_the_limit_do_not_exist() -> None:
    """They are answered as another account's, and as nobody's, in every call."""
    api = api_with(numbers=frozenset({NUMBER}))
    assert change(api, NUMBER)["code"] == 3
    answers = []
    for number in (SECOND, FOREIGN, NOBODYS):
        sent = {"apiKey": LIMITED.reveal(), "number": number.value}
        answers.append(
            [
                change(api, number),
                api.request("GET", PATH, params=sent).json(),
                api.request("POST", "/v1/vn/name", json={**sent, "name": "mine"}).json(),
            ]
        )
    assert answers[0] == answers[1] == answers[2]
    assert {answer["code"] for answer in answers[0]} == {13}
    record = api.read(lambda reader: reader.number(SECOND))
    assert (record.rule.revision, record.label) == (0, "")


@pytest.mark.parametrize("numbers", [{NUMBER}, {SECOND, NUMBER}, {FOREIGN, SECOND}, {NOBODYS}, set()])
def test_the_list_has_no_others(numbers: set[E164]) -> None:
    api = api_with(numbers=frozenset(numbers))
    answer = api.request("GET", "/v1/vn/list", params={"apiKey": LIMITED.reveal()}).json()
    assert [each["number"] for each in answer["numbers"]] == sorted(n.value for n in numbers & {NUMBER, SECOND})
    second = api.request("GET", "/v1/vn/list", params={"apiKey": LIMITED.reveal(), "page": 2}).json()
    assert second["numbers"] == []


def test_an_answer_to_another_key_is_no_answer_to_a_limited_one() -> None:
    """Else the Idempotency-Key of a request would tell what happened to a number that it must not know."""
    api = api_with(numbers=frozenset({NUMBER}))
    assert change(api, SECOND, KEY, **{"Idempotency-Key": "k"})["code"] == 3
    assert change(api, SECOND, LIMITED, **{"Idempotency-Key": "k"})["code"] == 13
    # Nor the other way round: what the limited key was told is nobody else's answer.
    assert change(api, NUMBER, LIMITED, **{"Idempotency-Key": "m"})["code"] == 3
    assert change(api, NUMBER, KEY, **{"Idempotency-Key": "m"})["code"] == 16
    assert change(api, NUMBER, LIMITED, **{"Idempotency-Key": "m"})["code"] == 3


def test_both_secrets_are_good_while_one_is_replaced() -> None:
    old = ApiKey(LIMITED.id, "o" * 43)
    api = api_with(previous_hash=old.hash(), previous_until_ms=START_MS + 1000)
    read = {"number": NUMBER.value}
    for key, code in ((LIMITED, 200), (old, 200), (ApiKey(LIMITED.id, "x" * 43), 10)):
        assert api.request("GET", PATH, params={"apiKey": key.reveal(), **read}).json()["code"] == code
    api.clock.now += 1000
    for key, code in ((LIMITED, 200), (old, 10)):
        assert api.request("GET", PATH, params={"apiKey": key.reveal(), **read}).json()["code"] == code


def test_an_operators_key_is_no_key_here() -> None:
    api = Api()
    key = ApiKey("op_0c0c0c0c0c0c", "s" * 43)
    api.write(lambda writer: writer.add_key(KeyRecord(key.id, EVERY_ACCOUNT, key.hash(), NO_REGION)))
    for number in (NUMBER, FOREIGN, NOBODYS):
        assert change(api, number, key) == {"success": False, "code": 10, "message": "Incorrect API key"}
