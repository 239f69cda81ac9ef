"""Rate limits (`docs/api.md §1`, code 103)."""

import pytest

from renvoi.http.deps import Limits
from renvoi.http.limits import TokenBuckets, address_group
from tests.support.http_api import NUMBER, PATH, Api


def test_a_bucket_empties_and_refills() -> None:
    """`burst` at once, then `rate` a second; the wait is what is missing, in whole seconds."""
    now = 0.0
    buckets = TokenBuckets(0.5, 2, 10, lambda: now)
    assert [buckets.take("a") for _ in range(3)] == [0, 0, 2]
    assert buckets.take("b") == 0
    now = 1.5
    assert buckets.take("a") == 1
    now = 2.0
    assert [buckets.take("a") for _ in range(2)] == [0, 2]


def test_a_rate_of_zero_is_no_limit() -> None:
    """And remembers nobody."""
    buckets = TokenBuckets(0, 0, 10, lambda: 0.0)
    assert not any(buckets.take("a") for _ in range(100))
    assert len(buckets) == 0


def test_buckets_are_bounded() -> None:
    """Those used last are kept, so a client that keeps asking stays limited."""
    buckets = TokenBuckets(1, 1, 10, lambda: 0.0)
    for n in range(100):
        buckets.take("busy")
        buckets.take(f"other{n}")
    assert len(buckets) == 10
    assert buckets.take("busy") > 0


@pytest.mark.parametrize(
    ("address", "group"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8::1", "2001:0db8:0000:0000"),
        ("2001:db8::ffff:1", "2001:0db8:0000:0000"),
        ("local", "local"),
    ],
)
def test_an_ipv6_client_is_its_network(address: str, group: str) -> None:
    """Whoever has one address of a /64 has them all."""
    assert address_group(address) == group


def test_bad_keys_of_an_address_are_limited_and_good_ones_are_not() -> None:
    """One that guesses does not lock out the others behind its address."""
    api = Api(limits=Limits(refusals_per_address_per_s=1, refusals_burst=3))
    answers = [api.post({"apiKey": "guess"}) for _ in range(4)]
    assert [answer.json()["code"] for answer in answers] == [10, 10, 10, 103]
    assert (answers[3].status_code, answers[3].headers["retry-after"]) == (429, "1")
    assert api.post().json()["code"] == 3
    assert api.post({"apiKey": "guess"}, client="192.0.2.8").json()["code"] == 10
    french = {"lang": "fr", "apiKey": "guess"}
    assert api.post(french).json()["message"] == "Trop de requêtes"
    api.monotonic = 1.0
    assert api.post({"apiKey": "guess"}).json()["code"] == 10


def test_requests_of_a_key_are_limited() -> None:
    """Twice the rate at once; nothing is changed by a request beyond it."""
    api = Api(limits=Limits(requests_per_key_per_s=1))
    answers = [api.post({"type": kind}) for kind in (1, 0, 1)]
    assert [answer.json()["code"] for answer in answers] == [3, 2, 103]
    assert (answers[2].status_code, answers[2].headers["retry-after"]) == (429, "1")
    assert len(api.read(lambda reader: reader.history(NUMBER))) == 2
    api.monotonic = 1.0
    assert api.post().json()["code"] == 3


def test_too_many_requests_in_flight_are_refused_at_once() -> None:
    """104 with Retry-After, before the body is read."""
    answer = Api(limits=Limits(requests_in_flight=0)).request("POST", PATH, content=b"not read")
    assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (503, 104, "1")
