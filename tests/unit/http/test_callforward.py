"""The core endpoint, row by row (`docs/api.md §1`)."""

import asyncio
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from renvoi.application.ports.errors import StoreUnavailable
from renvoi.domain.email_address import EmailAddress
from renvoi.domain.numbers.number import E164
from renvoi.domain.rules.rule import Rule, RuleType
from tests.support.http_api import FOREIGN, KEY, NUMBER, PATH, SECOND, TARGET, Api, body
from tests.support.memory_store import MemoryStore

PREMIUM = "+33899123456"
WRONG_KEY = f"rv_{KEY.id}_{'x' * 43}"
UNKNOWN_KEY = f"rv_{'c' * 12}_{'x' * 43}"

TEXTS = {
    1: ("name is required", "name est requis"),
    2: ("Callforward disabled", "Transfert d’appel désactivé"),
    3: ("Callforward enabled", "Transfert d’appel activé"),
    4: ("Voicemail enabled", "Messagerie activée"),
    5: ("Virtual number is required", "Le numéro virtuel est requis"),
    6: ("Type is required", "Le type est requis"),
    7: ("Type is invalid", "Le type n’est pas valide"),
    8: ("param is required", "param est requis"),
    9: ("Email is invalid", "L’email n’est pas valide"),
    12: ("Forwarding number is invalid", "Le numéro de transfert n’est pas valide"),
    13: ("Virtual number does not exist", "Le numéro virtuel n’existe pas"),
    14: ("Call forwarding is not enabled", "Le transfert d’appel n’est pas activé"),
    15: ("Number is deactivated", "Le numéro est désactivé"),
    16: ("Call forwarding is already enabled", "Le transfert d’appel est déjà activé"),
    17: ("Voicemail is already enabled", "La messagerie est déjà activée"),
    18: ("Call forwarding is already disabled", "Le transfert d’appel est déjà désactivé"),
    100: ("Request body is invalid", "Le corps de la requête n’est pas valide"),
    101: ("Forwarding would loop", "Le transfert ferait une boucle"),
    102: ("Destination is not allowed", "Destination non autorisée"),
    103: ("Too many requests", "Trop de requêtes"),
    104: ("Service unavailable", "Service indisponible"),
    105: ("Method not allowed", "Méthode non autorisée"),
    106: ("Idempotency key was used for another request", "La clé d’idempotence a servi à une autre requête"),
}
KEY_TEXTS = {
    "required": ("API key is required", "La Clé API est requise"),
    "incorrect": ("Incorrect API key", "Clé API incorrecte"),
}


@dataclass(frozen=True)
class Row:
    """A request, the state it meets, and what comes back."""

    code: int
    http: int
    fields: dict[str, object]
    rule: Rule | None = None
    state: dict[str, bool] | None = None
    key_text: str | None = None


FORWARDING = Rule(RuleType.FORWARD, target=E164(TARGET), revision=1)
MAILING = Rule(RuleType.VOICEMAIL, emails=(EmailAddress("a@example.fr"),), revision=1)
VOICEMAIL = {"type": 2, "param": "a@example.fr"}
BAD_TYPES: list[object] = [True, False, 1.0, " 1 ", "01", "1.0", 3, -1, "one", [1], {}, 10**30]
ROWS = [
    Row(3, 200, {}),
    Row(2, 200, {"type": 0, "param": ...}, FORWARDING),
    Row(2, 200, {"type": 0, "param": "ignored"}, FORWARDING),
    Row(4, 200, VOICEMAIL),
    Row(3, 200, {"param": "+33644630001"}, FORWARDING),
    Row(3, 200, {}, MAILING),
    Row(4, 200, VOICEMAIL, FORWARDING),
    Row(4, 200, {"type": 2, "param": "b@example.fr"}, MAILING),
    Row(10, 401, {"apiKey": ...}, key_text="required"),
    Row(10, 401, {"apiKey": ""}, key_text="required"),
    Row(10, 401, {"apiKey": None}, key_text="required"),
    Row(10, 401, {"apiKey": WRONG_KEY}, key_text="incorrect"),
    Row(10, 401, {"apiKey": UNKNOWN_KEY}, key_text="incorrect"),
    Row(10, 401, {"apiKey": "no key"}, key_text="incorrect"),
    Row(10, 401, {"apiKey": 7}, key_text="incorrect"),
    Row(10, 401, {"apiKey": [KEY.reveal()]}, key_text="incorrect"),
    *(Row(5, 400, {"number": number}) for number in (..., None, "", "  ")),
    *(Row(6, 400, {"type": kind}) for kind in (..., None, "")),
    *(Row(7, 400, {"type": kind}) for kind in BAD_TYPES),
    *(Row(8, 400, {"type": kind, "param": param}) for kind in (1, "2") for param in (..., None, "", " ")),
    *(
        Row(9, 400, {"type": 2, "param": param})
        for param in ("a@", "a b@c.fr", "a@b.fr,c@d.fr", "A <a@b.fr>", 7, ["a@b.fr"])
    ),
    *(Row(12, 400, {"param": param}) for param in ("abc", "+33", "0644", 1.5, True, [TARGET], {"a": 1}, 10**70)),
    *(Row(13, 404, {"number": number}) for number in ("+33199009999", "abc", FOREIGN.value, True, 33199001234.0, [1])),
    Row(14, 403, {}, state={"forwarding_enabled": False, "active": False}),
    Row(15, 403, {}, state={"active": False}),
    Row(16, 409, {"param": "06 44 63 00 00"}, FORWARDING),
    Row(17, 409, {"type": 2, "param": "a@EXAMPLE.fr"}, MAILING),
    Row(18, 409, {"type": 0}),
    Row(101, 409, {"param": NUMBER.value}),
    *(Row(102, 403, {"param": param}) for param in (PREMIUM, "0899701234", "+881612345678", "112", "3639")),
]


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.code}-{row.fields}")
def test_each_row_of_the_table(row: Row, language: str) -> None:
    """Code, text, HTTP status and the bytes of the answer are those of the table."""
    api = Api()
    if row.rule is not None:
        api.write(lambda writer: writer.put_rule(NUMBER, row.rule, 1))
    if row.state is not None:
        api.write(lambda writer: writer.set_number_state(NUMBER, **row.state))
    answer = api.post(row.fields, params={"lang": language})
    texts = KEY_TEXTS[row.key_text] if row.key_text else TEXTS[row.code]
    text = texts[("en", "fr").index(language)]
    success = "true" if row.code in (2, 3, 4) else "false"
    assert answer.content.decode() == f'{{"success":{success},"code":{row.code},"message":"{text}"}}'
    assert answer.status_code == row.http
    assert answer.headers["content-type"] == "application/json"
    before = row.rule.revision if row.rule else 0
    assert answer.headers.get("x-rule-revision") == (str(before + 1) if success == "true" else None)
    assert answer.headers["x-request-id"]


@pytest.mark.parametrize(
    "number", ["33199001234", "+33199001234", "0033199001234", "0199001234", "01.99-00 12 34", 33199001234, 199001234]
)
def test_a_number_is_read_however_it_is_written(number: object) -> None:
    """E.164 with +, 00 or neither, national form, separators, and a JSON number like its decimal string."""
    assert Api().post({"number": number, "param": 33644630000}).json()["code"] == 3


def test_a_chain_that_leads_back_is_a_loop() -> None:
    """101 comes for the whole chain, not only for a number forwarded to itself."""
    api = Api()
    assert api.post({"param": SECOND.value}).json()["code"] == 3
    assert api.post({"number": SECOND.value, "param": NUMBER.value}).json()["code"] == 101


FAULTS: dict[str, dict[str, object]] = {
    "apiKey": {"good": KEY.reveal(), "missing": ..., "wrong": WRONG_KEY},
    "number": {"good": NUMBER.value, "missing": "", "foreign": FOREIGN.value, "nonsense": "x"},
    "type": {"0": 0, "1": 1, "2": "2", "missing": None, "invalid": "3"},
    "param": {
        "phone": "+33644630009", "same": TARGET, "missing": "", "email": "b@example.fr", "nonsense": "x@",
        "loop": NUMBER.value, "premium": PREMIUM, "short": "112",
    },
}  # fmt: skip


def first_failing_row(chosen: dict[str, str], enabled: bool, active: bool) -> int:
    """Return the code that the contract's order gives, or that of the success."""
    kind, param = chosen["type"], chosen["param"]
    is_phone = param in ("phone", "same", "loop", "premium", "short")
    rows = [
        (chosen["apiKey"] != "good", 10),
        (chosen["number"] == "missing", 5),
        (kind == "missing", 6),
        (kind == "invalid", 7),
        (kind != "0" and param == "missing", 8),
        (kind == "2" and param != "email", 9),
        (kind == "1" and not is_phone, 12),
        (chosen["number"] != "good", 13),
        (not enabled, 14),
        (not active, 15),
        (kind == "1" and param == "same", 16),
        (kind == "1" and param == "loop", 101),
        (kind == "1" and param in ("premium", "short"), 102),
    ]
    return next((code for fails, code in rows if fails), {"0": 2, "1": 3, "2": 4}.get(kind, 0))


@settings(max_examples=150)
@given(
    chosen=st.fixed_dictionaries({name: st.sampled_from(sorted(values)) for name, values in FAULTS.items()}),
    enabled=st.booleans(),
    active=st.booleans(),
)
def test_the_first_failing_row_wins(chosen: dict[str, str], enabled: bool, active: bool) -> None:
    """Whatever is wrong at once, the answer is the first row in the contract's order."""
    api = Api()
    api.write(lambda writer: writer.put_rule(NUMBER, FORWARDING, 1))
    api.write(lambda writer: writer.set_number_state(NUMBER, forwarding_enabled=enabled, active=active))
    answer = api.post({name: FAULTS[name][choice] for name, choice in chosen.items()})
    assert answer.json()["code"] == first_failing_row(chosen, enabled, active)


def test_every_change_is_audited_with_key_and_address() -> None:
    """Promise 4: when, which key, from which address, before, after."""
    api = Api()
    api.post(client="198.51.100.9")
    (entry,) = api.read(lambda reader: reader.history(NUMBER))
    assert (entry.key_id, entry.source, entry.at_ms) == (KEY.id, "198.51.100.9", api.clock.now)
    assert (entry.before.revision, entry.after.revision, entry.after.param) == (0, 1, TARGET)


def test_another_accounts_number_answers_like_none() -> None:
    """Promise 5: byte for byte the answer of a number that does not exist."""
    api = Api()
    assert api.post({"number": FOREIGN.value}).content == api.post({"number": "+33199009999"}).content


@pytest.mark.parametrize("change", ["revoked", "expired"])
def test_a_revoked_or_expired_key_is_incorrect(change: str) -> None:
    """From the next request on."""
    api = Api()
    if change == "revoked":
        api.write(lambda writer: writer.revoke_key(KEY.id, 1))
    else:
        record = api.read(lambda reader: reader.key(KEY.id))
        expired = type(record)(KEY.id, record.account_id, record.hash, "FR", expires_at_ms=api.clock.now)
        api.write(lambda writer: writer.put_key(expired))
    assert api.post().json() == {"success": False, "code": 10, "message": "Incorrect API key"}


def test_one_winner_of_identical_requests() -> None:
    """Promise 3, on the store in memory; the SQL store has the same test over sockets."""
    api = Api()

    async def send_all() -> list[int]:
        transport = httpx.ASGITransport(api.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://api") as session:
            answers = await asyncio.gather(*(session.post(PATH, json=body()) for _ in range(200)))
        return sorted(answer.json()["code"] for answer in answers)

    assert asyncio.run(send_all()) == [3] + [16] * 199


class TestIdempotencyKey:
    """Promise 6."""

    HEADERS = {"idempotency-key": "k1"}  # noqa: RUF012 - never changed

    def test_gives_the_first_answer_again(self) -> None:
        """The same request does not meet the rule that it has made."""
        api = Api()
        answers = [api.post(headers=self.HEADERS) for _ in range(3)]
        assert {answer.content for answer in answers} == {b'{"success":true,"code":3,"message":"Callforward enabled"}'}
        assert {answer.headers["x-rule-revision"] for answer in answers} == {"1"}
        assert len(api.read(lambda reader: reader.history(NUMBER))) == 1

    def test_refuses_another_request(self) -> None:
        """106, in both languages."""
        api = Api()
        api.post(headers=self.HEADERS)
        for language, text in zip(("en", "fr"), TEXTS[106], strict=True):
            answer = api.post({"param": "+33644630001", "lang": language}, headers=self.HEADERS)
            assert (answer.status_code, answer.json()) == (409, {"success": False, "code": 106, "message": text})

    def test_remembers_refusals_too(self) -> None:
        """A request that failed fails again, though it would succeed now."""
        api = Api()
        assert api.post({"type": 0}, headers=self.HEADERS).json()["code"] == 18
        api.post()
        assert api.post({"type": 0}, headers=self.HEADERS).json()["code"] == 18

    def test_is_forgotten_after_a_day(self) -> None:
        """Then the request is a new one."""
        api = Api()
        api.post(headers=self.HEADERS)
        api.clock.now += 24 * 3600 * 1000
        assert api.post(headers=self.HEADERS).json()["code"] == 16

    @pytest.mark.parametrize("key", ["", "x" * 256, "é", "a\tb"])
    def test_that_is_malformed_is_refused(self, key: str) -> None:
        """1 to 255 printable ASCII characters."""
        answer = Api().post(headers={"idempotency-key": key.encode()})
        assert (answer.status_code, answer.json()["code"]) == (400, 100)


def test_a_store_that_is_away_is_104() -> None:
    """Nothing was changed, and the client is told when to come again."""
    store = MemoryStore()
    api = Api(store)
    store.fail_with = StoreUnavailable("disk full")
    for language, text in zip(("en", "fr"), TEXTS[104], strict=True):
        answer = api.post({"lang": language})
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
        assert answer.json() == {"success": False, "code": 104, "message": text}


def test_an_unexpected_failure_is_500_without_details() -> None:
    """No word of the exception reaches the client; the request id leads to the log."""
    store = MemoryStore()
    api = Api(store)
    store.fail_with = RuntimeError("secret detail")
    answer = api.post()
    assert (answer.status_code, answer.json()) == (
        500, {"success": False, "code": 500, "message": "Internal server error"}
    )  # fmt: skip
    assert answer.headers["x-request-id"]


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
def test_another_method_is_105(method: str) -> None:
    """With the methods that there are."""
    answer = Api().request(method, params={"lang": "fr"})
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, POST")
    assert answer.json() == {"success": False, "code": 105, "message": TEXTS[105][1]}


@pytest.mark.parametrize(
    ("send", "code"),
    [
        ({"json": {}}, 10),
        ({"json": body({"type": 9})}, 7),
        ({"content": b"["}, 100),
        ({"content": b"x", "headers": {"content-type": "text/plain"}}, 100),
        ({"content": b"x" * 65537}, 100),
    ],
)
def test_error_status_ok_answers_every_error_with_200(send: dict[str, Any], code: int) -> None:
    """For clients that treat other statuses as transport failures."""
    api = Api(error_status="ok")
    answer = api.request("POST", **send)
    assert (answer.status_code, answer.json()["code"]) == (200, code)
    assert "www-authenticate" not in answer.headers


def test_error_status_ok_holds_for_405_and_104_and_leaves_what_is_no_answer() -> None:
    """An unknown path is the client's configuration, and an internal error leaves the change in doubt."""
    store = MemoryStore()
    api = Api(store, error_status="ok")
    assert api.request("PUT").status_code == 200
    assert api.request("POST", "/v1/vn/callforwards").status_code == 404
    store.fail_with = StoreUnavailable("away")
    assert api.post().status_code == 200
    store.fail_with = RuntimeError("broken")
    assert api.post().status_code == 500
