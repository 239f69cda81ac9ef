"""What Identity headers prove: a token for each fault, chains of diversions, and text that strangers write."""

import itertools
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from renvoi.domain.identity.verification import Certificate, Fault, SignedCall, Verdict, Verstat, verify
from renvoi.edge.identity.certificates import CallerCertificate, read_certificates
from tests.support.identity import (
    CALLED,
    CALLER,
    NEXT,
    URL,
    Authority,
    Signer,
    Token,
    as_pem,
    diversion,
    new_key,
    number_range,
    one,
    provider,
)

NOW = int(time.time())
AUTHORITY = Authority()
TRUSTED = read_certificates(AUTHORITY.trusted)
SIGNER = AUTHORITY.signer(provider("1001"))
STRANGER = Authority().signer(provider("1001"))
CALL = SignedCall((), (CALLER,), CALLED, CALLED)


class Known:
    """Certificates by their address."""

    def __init__(self, **pems: bytes) -> None:
        self.found: Mapping[str, bytes] = {URL: SIGNER.pem, **pems}

    def find(self, url: str) -> Certificate | None:
        pem = self.found.get(url)
        return CallerCertificate(pem, TRUSTED) if pem is not None else None


def verdict_of(*headers: str, call: SignedCall = CALL, pem: bytes = SIGNER.pem, now_s: int = NOW) -> Verdict:
    return verify(replace(call, values=headers), Known(**{URL: pem}), now_s)


def signed(token: Token, by: Signer = SIGNER) -> str:
    return by.header(token)


def test_a_signed_call_is_proven() -> None:
    verdict = verdict_of(signed(Token(NOW)))
    assert (verdict.verstat, verdict.faults, verdict.attestation) == (Verstat.PASSED, (), "A")
    assert (verdict.reason, verdict.diverted_by) == ("", ())


def _valid(first: timedelta, last: timedelta) -> Signer:
    key = new_key()
    leaf = AUTHORITY.certificate("s", key.public_key(), "issuing", AUTHORITY.issuing_key, valid=(first, last))
    return Signer(key, as_pem(leaf, AUTHORITY.issuing))


DAY = timedelta(days=1)
EXPIRED = _valid(-2 * DAY, -DAY)
EARLY = _valid(DAY, 2 * DAY)
OTHERS = AUTHORITY.signer(one(NEXT), number_range("33140000002", 10))
LINES: dict[str, tuple[Callable[[], Verdict], Fault, int, str]] = {
    "1 From": (
        lambda: verdict_of(signed(Token(NOW)), call=replace(CALL, callers=())),
        *(Fault.NOT_A_NUMBER, 400, "Bad Request"),
    ),
    "1 To": (
        lambda: verdict_of(signed(Token(NOW)), call=replace(CALL, to="")),
        *(Fault.NOT_A_NUMBER, 400, "Bad Request"),
    ),
    "2 Date too old": (
        lambda: verdict_of(signed(Token(NOW)), call=replace(CALL, date_s=NOW - 61)),
        *(Fault.STALE_DATE, 403, "Stale Date"),
    ),
    "2 Date in the future": (
        lambda: verdict_of(signed(Token(NOW)), call=replace(CALL, date_s=NOW + 61)),
        *(Fault.STALE_DATE, 403, "Stale Date"),
    ),
    "3 iat too old": (lambda: verdict_of(signed(Token(NOW - 61))), Fault.STALE, 403, "Stale Date"),
    "3 iat in the future": (lambda: verdict_of(signed(Token(NOW + 61))), Fault.STALE, 403, "Stale Date"),
    "4": (verdict_of, Fault.UNSIGNED, 428, "Use Identity Header"),
    "5": (
        lambda: verdict_of(signed(Token(NOW, parameters={"info": None}))),
        *(Fault.NO_INFO, 436, "Bad Identity Info"),
    ),
    **{
        f"6 {name}": (
            lambda name=name: verdict_of(signed(Token(NOW, header={name: None}))),  # type: ignore[misc]  # a default of a lambda has no type
            *(Fault.INCOMPLETE, 436, "Bad Identity Info"),
        )
        for name in ("alg", "ppt", "typ", "x5u")
    },
    "7": (
        lambda: verdict_of(signed(Token(NOW, header={"x5u": "https://certificates.example/b.pem"}))),
        *(Fault.OTHER_INFO, 436, "Bad Identity Info"),
    ),
    "8 a certificate that nobody has": (
        lambda: verdict_of(signed(Token(NOW), replace(SIGNER, url="https://certificates.example/none.pem"))),
        *(Fault.CERTIFICATE_UNKNOWN, 436, "Bad Identity Info"),
    ),
    "9 no alg": (
        lambda: verdict_of(signed(Token(NOW, parameters={"alg": None}))),
        *(Fault.ALGORITHM, 437, "Unsupported Credential"),
    ),
    "9 another alg": (
        lambda: verdict_of(signed(Token(NOW, parameters={"alg": "ES384"}))),
        *(Fault.ALGORITHM, 437, "Unsupported Credential"),
    ),
    "10 alg none": (
        lambda: verdict_of(signed(Token(NOW, header={"alg": "none"}))),
        *(Fault.ALGORITHM, 437, "Unsupported Credential"),
    ),
    "11": (
        lambda: verdict_of(signed(Token(NOW, header={"typ": "JWT"}))),
        *(Fault.TYPE, 437, "Unsupported Credential"),
    ),
    "12 a chain that leads elsewhere": (
        lambda: verdict_of(signed(Token(NOW), STRANGER), pem=STRANGER.pem),
        *(Fault.UNTRUSTED, 437, "Unsupported Credential"),
    ),
    "13": (
        lambda: verdict_of(signed(Token(NOW), EXPIRED), pem=EXPIRED.pem),
        *(Fault.EXPIRED, 437, "Unsupported Credential"),
    ),
    "14": (
        lambda: verdict_of(signed(Token(NOW), EARLY), pem=EARLY.pem),
        *(Fault.NOT_YET_VALID, 437, "Unsupported Credential"),
    ),
    "15 a certificate of other numbers": (
        lambda: verdict_of(signed(Token(NOW), OTHERS), pem=OTHERS.pem),
        *(Fault.OTHER_NUMBER, 437, "Unsupported Credential"),
    ),
    "16": (
        lambda: verdict_of(signed(Token(NOW, parameters={"a": "1", "b": "2"}))),
        *(Fault.MALFORMED, 438, "Invalid Identity Header"),
    ),
    "17 no token": (lambda: verdict_of("what is this?"), Fault.MALFORMED, 438, "Invalid Identity Header"),
    "18 no ppt": (
        lambda: verdict_of(signed(Token(NOW, parameters={"ppt": None}))),
        *(Fault.KIND, 438, "Invalid Identity Header"),
    ),
    "18 another ppt": (
        lambda: verdict_of(signed(Token(NOW, parameters={"ppt": "other"}))),
        *(Fault.KIND, 438, "Invalid Identity Header"),
    ),
    "19": (
        lambda: verdict_of(signed(Token(NOW, header={"ppt": "other"}))),
        *(Fault.KIND, 438, "Invalid Identity Header"),
    ),
    "18 and 19": (
        lambda: verdict_of(signed(Token(NOW, "other"))),
        *(Fault.KIND, 438, "Invalid Identity Header"),
    ),
    "20 a signature of others": (
        lambda: verdict_of(signed(Token(NOW), STRANGER)),
        *(Fault.SIGNATURE, 438, "Invalid Identity Header"),
    ),
    "20 no signature": (
        lambda: verdict_of(signed(Token(NOW, signature="AAAA"))),
        *(Fault.SIGNATURE, 438, "Invalid Identity Header"),
    ),
    "20 a signature of zeros": (
        lambda: verdict_of(signed(Token(NOW, signature="A" * 86))),
        *(Fault.SIGNATURE, 438, "Invalid Identity Header"),
    ),
    **{
        f"21 {attest}": (
            lambda attest=attest: verdict_of(signed(Token(NOW, claims={"attest": attest}))),  # type: ignore[misc]  # see above
            *(Fault.ATTESTATION, 438, "Invalid Identity Header"),
        )
        for attest in ("D", "a", None, ["A"])
    },
    "22": (
        lambda: verdict_of(signed(Token(NOW, claims={"orig": {"tn": NEXT}}))),
        *(Fault.ORIGIN, 438, "Invalid Identity Header"),
    ),
    "23": (
        lambda: verdict_of(signed(Token(NOW, claims={"dest": {"tn": [NEXT]}}))),
        *(Fault.DESTINATION, 438, "Invalid Identity Header"),
    ),
    "more headers than anybody signs": (
        lambda: verdict_of(*[signed(Token(NOW))] * 7),
        *(Fault.TOO_MANY, 438, "Invalid Identity Header"),
    ),
}
"""A call for each line of the procedure's table: what is wrong with it, and its answer."""


@pytest.mark.parametrize("line", LINES)
def test_each_line_of_the_table(line: str) -> None:
    verdict_of_line, fault, status, phrase = LINES[line]
    verdict = verdict_of_line()
    assert (verdict.fault, fault.status, fault.phrase) == (fault, status, phrase)
    assert verdict.reason == f'Reason: STIR;cause={status};text="{phrase}"\r\n'
    unproven = fault in (Fault.UNSIGNED, Fault.CERTIFICATE_UNKNOWN)
    assert verdict.verstat is (Verstat.NONE if unproven else Verstat.FAILED)


@pytest.mark.parametrize(
    ("token", "call"),
    [
        (Token(NOW - 60), CALL),
        (Token(NOW + 60), replace(CALL, date_s=NOW - 60)),
        (Token(str(NOW)), CALL),
        (Token(NOW, claims={"dest": {"tn": [NEXT, CALLED]}}), CALL),
        (Token(NOW, claims={"dest": {"tn": CALLED}}), CALL),
        (Token(NOW, claims={"dest": {"tn": [f"3310200{CALLED[2:]}"]}}), CALL),
        (Token(NOW, claims={"orig": {"tn": f"+{CALLER}"}}), CALL),
        (Token(NOW, parameters={"ppt": '"shaken"', "alg": '"ES256"'}), CALL),
        (Token(NOW, parameters={"info": f"{URL}"}), CALL),
        (Token(NOW, parameters={"ext": "new"}), CALL),
        (Token(NOW), replace(CALL, called=NEXT)),
        (Token(NOW), replace(CALL, to=NEXT)),
    ],
)
def test_what_is_allowed(token: Token, call: SignedCall) -> None:
    assert verdict_of(signed(token), call=call).verstat is Verstat.PASSED


def numbers(count: int) -> list[str]:
    return [CALLED, *(f"3361234567{number}" for number in range(count))]


def chained(count: int, **changes: Any) -> list[str]:
    """Return the headers of a call that was diverted so often."""
    path = numbers(count)
    links = [diversion(NOW, first, second, **changes) for first, second in itertools.pairwise(path)]
    return [signed(Token(NOW)), *map(signed, links)]


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("count", range(1, 6))
def test_a_chain_of_diversions(count: int, backwards: bool) -> None:
    headers, path = chained(count), numbers(count)
    call = replace(CALL, called=path[-1])
    verdict = verdict_of(*(reversed(headers) if backwards else headers), call=call)
    assert (verdict.verstat, verdict.diverted_by, verdict.attestation) == (Verstat.PASSED, tuple(path[:-1]), "A")


@pytest.mark.parametrize("missing", range(1, 5))
def test_a_chain_with_a_link_missing_is_broken(missing: int) -> None:
    headers = chained(5)
    del headers[missing]
    verdict = verdict_of(*headers, call=replace(CALL, called=numbers(5)[-1]))
    assert (verdict.fault, verdict.verstat) == (Fault.CHAIN, Verstat.FAILED)


def test_a_chain_must_begin_with_who_called_and_end_with_who_is_called() -> None:
    headers = chained(2)
    assert verdict_of(*headers[1:], call=replace(CALL, called=numbers(2)[-1])).fault is Fault.CHAIN
    # To has the number that was called first.
    assert verdict_of(*headers, call=replace(CALL, called="33612345679")).fault is Fault.DESTINATION


def test_behind_a_diversion_the_number_of_to_proves_nothing() -> None:
    headers = signed(Token(NOW)), signed(diversion(NOW, CALLED, NEXT))
    assert verdict_of(*headers, call=replace(CALL, called="33612345679", to=NEXT)).fault is Fault.DESTINATION


def test_a_diversion_of_another_call_is_no_link() -> None:
    link = diversion(NOW, CALLED, NEXT)
    other = Token(NOW, "div", claims={**link.claims, "orig": {"tn": "33140000009"}})
    assert verdict_of(signed(Token(NOW)), signed(other), call=replace(CALL, called=NEXT)).fault is Fault.CHAIN


def test_the_number_that_diverts_must_be_the_signers() -> None:
    narrow = AUTHORITY.signer(one(CALLED), url="https://certificates.example/narrow.pem")
    known = Known(**{narrow.url: narrow.pem})
    call = replace(CALL, called=NEXT)
    right = replace(call, values=(signed(Token(NOW)), signed(diversion(NOW, CALLED, NEXT), narrow)))
    assert verify(right, known, NOW).verstat is Verstat.PASSED
    base = Token(NOW, claims={"dest": {"tn": ["33199009999"]}})
    wrong = replace(call, values=(signed(base), signed(diversion(NOW, "33199009999", NEXT), narrow)))
    assert verify(wrong, known, NOW).fault is Fault.OTHER_NUMBER


@pytest.mark.parametrize(
    ("first", "diverted", "right"),
    [(-200, 0, True), (-60, -60, True), (0, -200, False), (-400, 0, False), (70, 0, False)],
)
def test_a_diverted_call_may_have_rung_meanwhile(first: int, diverted: int, right: bool) -> None:
    headers = signed(Token(NOW + first)), signed(diversion(NOW + diverted, CALLED, NEXT))
    verdict = verdict_of(*headers, call=replace(CALL, called=NEXT))
    assert (verdict.fault is None) is right
    assert right or verdict.fault is Fault.STALE


def test_a_token_about_something_else_is_passed_over() -> None:
    verdict = verdict_of(signed(Token(NOW)), signed(Token(NOW, "rph")))
    assert verdict.verstat is Verstat.PASSED


def test_each_fault_of_several_tokens_is_told_of_its_own() -> None:
    headers = signed(Token(NOW)), signed(diversion(NOW, CALLED, NEXT), STRANGER)
    verdict = verdict_of(*headers, call=replace(CALL, called=NEXT))
    signature = headers[1].partition(";")[0].rpartition(".")[2]
    assert verdict.reason == f'Reason: STIR;cause=438;text="Invalid Identity Header";ppi="..{signature}"\r\n'
