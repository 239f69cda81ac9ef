"""Identity headers: what is read of them, whatever strangers write, and what is built."""

import base64
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import renvoi
from renvoi.domain.identity.passport import (
    MAX_TOKEN,
    IdentityHeader,
    TokenInvalid,
    build_div,
    build_shaken,
    canonical,
    split_headers,
)
from renvoi.domain.identity.verification import MAX_HEADERS, SignedCall, Verstat, verify
from tests.support.identity import CALLED, CALLER, NEXT, URL, Authority, Token, diversion, encoded

SIGNER = Authority().signer()
NOW = 1_443_208_345
MESSAGE = 64 * 1024
"""Bytes of the longest message."""


class Unknown:
    """No certificate at all."""

    def find(self, url: str) -> None:
        """Find none."""


def part(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def test_a_token_is_read() -> None:
    token = IdentityHeader.parse(SIGNER.header(diversion(NOW, CALLED, NEXT)))
    assert (token.kind, token.url, token.origin, token.diverting) == ("div", URL, CALLER, CALLED)
    assert (token.destinations, token.issued_at_s, token.attestation) == ((NEXT,), NOW, "")
    assert token.parameters == {"info": URL, "alg": "ES256", "ppt": "div"}
    assert len(token.signature) == 64


def test_keys_stand_in_order_without_white_space() -> None:
    """The example of RFC 8946 §3, but for its numbers."""
    token, _, parameters = build_div(SIGNER, {"tn": CALLER}, CALLED, NEXT, NOW).partition(";")
    header, claims, _ = token.split(".")
    assert decoded(header) == '{"alg":"ES256","ppt":"div","typ":"passport","x5u":"' + URL + '"}'
    assert decoded(claims) == (
        f'{{"dest":{{"tn":["{NEXT}"]}},"div":{{"tn":"{CALLED}"}},"iat":{NOW},"orig":{{"tn":"{CALLER}"}}}}'
    )
    assert parameters == f"info=<{URL}>;alg=ES256;ppt=div"


def decoded(text: str) -> str:
    return base64.urlsafe_b64decode(text + "==").decode()


def test_a_call_that_nobody_signed_is_attested_by_c() -> None:
    origid = "de305d54-75b4-431b-adb2-eb6b9e546014"
    token = IdentityHeader.parse(build_shaken(SIGNER, CALLER, NEXT, "C", origid, NOW))
    assert (token.kind, token.attestation, token.origin, token.destinations) == ("shaken", "C", CALLER, (NEXT,))
    assert token.claims["origid"] == origid


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("+33199001234", "33199001234"),
        ("33199001234", "33199001234"),
        ("3310200199001234", "33199001234"),
        ("+3310200199001234", "33199001234"),
        ("441020019900123", "441020019900123"),
        ("3631", "3631"),
        ("", ""),
        ("+", ""),
        ("alice", ""),
        ("33 1 99 00 12 34", ""),
        ("٣٣١", ""),
        ("1" * 65, ""),
    ],
)
def test_numbers_in_canonical_form(written: str, expected: str) -> None:
    assert canonical(written) == expected


GOOD = SIGNER.header(Token(NOW))
HEADER, CLAIMS, REST = GOOD.split(".", 2)
SIGNATURE, PARAMETERS = REST.split(";", 1)


@pytest.mark.parametrize(
    "value",
    [
        "",
        ";",
        "a.b",
        "..",
        f"..{SIGNATURE};{PARAMETERS}",
        f"{HEADER}.{CLAIMS};{PARAMETERS}",
        f"{HEADER}.{CLAIMS}.{SIGNATURE}.{SIGNATURE};{PARAMETERS}",
        f"{HEADER}=.{CLAIMS}.{SIGNATURE};{PARAMETERS}",
        f"{HEADER}.{part('[]')}.{SIGNATURE};{PARAMETERS}",
        f"{HEADER}.{part('1')}.{SIGNATURE};{PARAMETERS}",
        f"{HEADER}.{part('{')}.{SIGNATURE};{PARAMETERS}",
        f"{HEADER}.{part('[' * 5000)}.{SIGNATURE};{PARAMETERS}",
        f"{HEADER}.{part('{' + chr(34) + 'iat' + chr(34) + ':' + '9' * 5000 + '}')}.{SIGNATURE};{PARAMETERS}",
        f"{HEADER}.{base64.urlsafe_b64encode(bytes(range(128, 140))).decode()}.{SIGNATURE};{PARAMETERS}",
        f'{HEADER}.{part("""{"iat":1,"iat":2}""")}.{SIGNATURE};{PARAMETERS}',
        f'{HEADER}.{part("""{"orig":{"tn":"1","tn":"2"}}""")}.{SIGNATURE};{PARAMETERS}',
        f"{GOOD};info=<{URL}>",
        f"{GOOD};a=1;b=2",
        f'{GOOD};a="',
        f"{GOOD};=",
        f"{GOOD};é=1",
        f"{HEADER}.{'A' * MAX_TOKEN}.{SIGNATURE};{PARAMETERS}",
    ],
)
def test_what_is_no_token_is_refused(value: str) -> None:
    with pytest.raises(TokenInvalid):
        IdentityHeader.parse(value)


@pytest.mark.parametrize(
    "claims",
    [
        {"orig": 1, "dest": 2, "iat": {}, "attest": []},
        {"orig": {"tn": {}}, "dest": {"tn": [1, None, {}]}, "iat": True, "div": []},
        {"orig": {"tn": "1" * 100}, "dest": {"tn": ["x"] * 1000}, "iat": 1e300, "div": {"tn": ["33"]}},
        {"orig": {"tn": "\ud800"}, "dest": {"tn": "\ud800"}, "iat": "9" * 100},
        {"iat": float("nan")},
    ],
)
def test_claims_of_other_kinds_are_as_good_as_none(claims: dict[str, Any]) -> None:
    token = IdentityHeader.parse(f"{HEADER}.{encoded(claims)}.{SIGNATURE};{PARAMETERS}")
    assert (token.origin, token.destinations, token.diverting) == ("", (), "")
    assert (token.issued_at_s, token.attestation) == (None, "")
    assert verify(SignedCall((GOOD,), (CALLER,), CALLED, CALLED), Unknown(), NOW).verstat is Verstat.NONE


def test_several_headers_are_told_apart() -> None:
    odd = f"{GOOD};ext=<https://a.example/x,y>"
    assert split_headers(f"{GOOD},{odd}, {GOOD}", 7) == (GOOD, odd, GOOD)
    assert split_headers(",".join([GOOD] * 100), 7) == (GOOD,) * 7
    assert split_headers("", 7) == ()


def steps(action: Callable[[], object]) -> int:
    """Return how many lines of our own an action runs."""
    count = 0

    def trace(frame: FrameType, event: str, _: object) -> Any:
        nonlocal count
        if not frame.f_code.co_filename.startswith(OURS):
            return None
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        action()
    finally:
        sys.settrace(before)
    return count


OURS = str(Path(renvoi.__file__).parent)
"""Where our own lines are: a checkout may lie below a directory of that name, with every library."""

pieces = st.sampled_from(
    [GOOD, HEADER, CLAIMS, f"{HEADER}.{CLAIMS}.", *",;.=<>\"'\\ \t", "ppt=", "info=<", 'ppt="', "é", "\0", "AAAA", "{"]
)


@settings(deadline=None, max_examples=200)
@given(st.lists(pieces, min_size=1, max_size=6), st.sampled_from([1, 20, 4000, 60_000]))
def test_64_kib_of_anything_take_a_bounded_number_of_steps(some: list[str], times: int) -> None:
    """Of what a message can hold, a bounded part is read; what each step does is linear (`test_patterns`)."""
    text = ("".join(some) * times)[:MESSAGE]

    def read() -> None:
        values = split_headers(text, MAX_HEADERS + 1)
        assert len(values) <= MAX_HEADERS + 1
        verify(SignedCall(values, (CALLER,), CALLED, CALLED), Unknown(), NOW)

    # Two passes, of some lines of ours for each character at the most.
    assert steps(read) <= 12 * len(text) + 3000


def test_a_hostile_header_of_its_own_takes_a_bounded_number_of_steps() -> None:
    worst = [
        f"{HEADER}.{CLAIMS}.{SIGNATURE}" + ";a=1" * 1500,
        f"{HEADER}.{CLAIMS}.{SIGNATURE}" + ';"' * 3000,
        f"{HEADER}.{encoded({str(number): number for number in range(500)})}.{SIGNATURE};{PARAMETERS}",
        f"{HEADER}.{encoded({'dest': {'tn': ['1' * 15] * 300}})}.{SIGNATURE};{PARAMETERS}",
    ]
    for value in worst:
        call = SignedCall((value,) * MAX_HEADERS, (CALLER,), CALLED, CALLED)
        assert steps(lambda call=call: verify(call, Unknown(), NOW)) <= 100_000  # type: ignore[misc]  # a default of a lambda has no type
