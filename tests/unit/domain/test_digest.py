"""Digest authentication by the examples of its RFCs, and nonces that hold for one address and time."""

from dataclasses import replace

import pytest

from renvoi.domain.shared_key import KeyRing
from renvoi.domain.trunks.digest import (
    MAX_BYTES,
    SALT_BYTES,
    DigestAnswer,
    answer_to,
    ha1,
    is_answerable,
    make_nonce,
    nonce_made_at_s,
    parameters_of,
    plain_challenge,
    wants_md5,
)
from tests.support.keys import new_keys

RFC_7616 = (
    'Digest username="Mufasa", realm="http-auth@example.org", uri="/dir/index.html", algorithm=MD5, '
    'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", nc=00000001, '
    'cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", qop=auth, response="8ca523f5e9506fed4657c9700eebdbec", '
    'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
)
RFC_2617 = (
    'Digest username="Mufasa",realm="testrealm@host.com",nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093",'
    'uri="/dir/index.html",qop=auth,nc=00000001,cnonce="0a4f113b",response="6629fae49393a05397450978507c4ef1",'
    'opaque="5ccc069c403ebaf9f0171e9517f40e41"'
)
NOW_MS, HERE, SALT = 1_900_000_000_000, "192.0.2.7", bytes(range(SALT_BYTES))


@pytest.fixture(scope="module")
def ring() -> KeyRing:
    return new_keys()


@pytest.mark.parametrize(
    ("header", "realm", "password"),
    [(RFC_7616, "http-auth@example.org", "Circle of Life"), (RFC_2617, "testrealm@host.com", "Circle Of Life")],
)
def test_the_examples_of_the_rfcs(header: str, realm: str, password: str) -> None:
    answer = DigestAnswer.parse(header.encode())
    assert answer is not None
    assert (answer.user, answer.realm) == ("Mufasa", realm.encode())
    assert answer.proves(ha1("Mufasa", realm, password), "GET")
    assert not answer.proves(ha1("Mufasa", realm, password), "PUT")
    assert not answer.proves(ha1("Mufasa", realm, password + "x"), "GET")
    assert not replace(answer, uri=b"/other").proves(ha1("Mufasa", realm, password), "GET")


@pytest.mark.parametrize(
    "changed",
    [
        ("algorithm=MD5", "algorithm=SHA-256"),
        ("qop=auth", "qop=auth-int"),
        ("nc=00000001", "nc=1"),
        ("nc=00000001, ", ""),
        ('cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"', 'cnonce=""'),
        ('response="8ca523f5e9506fed4657c9700eebdbec"', 'response="8ca5"'),
        ("Digest ", "Basic "),
        ("Digest ", 'Digest uri="/x", '),
        ('"Mufasa", ', '"Mufasa" '),
        ("Digest ", "Digest x" + "y" * MAX_BYTES + "=1, "),
    ],
)
def test_what_answers_nothing(changed: tuple[str, str]) -> None:
    header = RFC_7616.replace(*changed)
    assert header != RFC_7616
    assert DigestAnswer.parse(header.encode()) is None


@pytest.mark.parametrize("more", ["", ', qop="auth"', ', qop="auth-int,auth", opaque="o"'])
def test_a_challenge_is_answered(more: str) -> None:
    asked = parameters_of(f'Digest realm="r", nonce="n"{more}'.encode())
    assert asked is not None
    header = answer_to(asked, "bob", "wörd", "OPTIONS", "sip:192.0.2.9", "c1")
    assert header is not None
    answer = DigestAnswer.parse(header.encode())
    assert answer is not None
    assert answer.proves(ha1("bob", "r", "wörd"), "OPTIONS")
    assert ('opaque="o"' in header, bool(answer.count)) == ("opaque" in more, "qop" in more)


def test_sha_256_is_answered_as_in_the_rfc() -> None:
    """RFC 7616 §3.9.1."""
    asked = parameters_of(
        b'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=sha-256, '
        b'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
    )
    assert asked is not None
    nonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
    header = answer_to(asked, "Mufasa", "Circle of Life", "GET", "/dir/index.html", nonce)
    assert header is not None
    assert 'response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"' in header
    assert "algorithm=SHA-256" in header
    assert is_answerable(asked)
    assert not wants_md5(asked)


@pytest.mark.parametrize("more", [', algorithm=SHA-512-256, nonce="n"', ', qop="auth-int", nonce="n"', ""])
def test_a_challenge_that_cannot_be_answered(more: str) -> None:
    asked = parameters_of(f'Digest realm="r"{more}'.encode())
    assert asked is not None
    assert answer_to(asked, "bob", "word", "OPTIONS", "sip:192.0.2.9", "c1") is None


def test_what_is_repeated_of_a_challenge_is_repeated_byte_for_byte() -> None:
    asked = parameters_of(b'Digest realm="a \\"b\\" \xe9", nonce="n\xff", opaque="\\\\"')
    assert asked is not None
    header = answer_to(asked, "bob", "word", "OPTIONS", "sip:192.0.2.9", "c1")
    assert header is not None
    written = header.encode("utf-8", "surrogateescape")
    assert b'realm="a \\"b\\" \xe9", nonce="n\xff"' in written
    assert b'opaque="\\\\"' in written


@pytest.mark.parametrize(
    ("asked", "plain"),
    [
        ('Digest nonce=n,realm="r"', 'Digest realm="r", nonce="n", algorithm=MD5'),
        (
            'digest realm="r", nonce="n", domain="x", algorithm="md5", qop=" auth-int ,AUTH", opaque="o", STALE=TRUE',
            'Digest realm="r", nonce="n", opaque="o", algorithm=MD5, stale=true, qop="auth"',
        ),
        ('Digest realm="a \\"b\\"", nonce="n"', None),
        ('Digest realm="", nonce="n"', None),
    ],
)
def test_a_challenge_is_written_for_every_reader(asked: str, plain: str | None) -> None:
    found = parameters_of(asked.encode())
    assert found is not None
    assert wants_md5(found)
    assert plain_challenge(found) == (plain.encode() if plain is not None else None)


def test_a_nonce_holds_where_it_was_asked_for(ring: KeyRing) -> None:
    nonce = make_nonce(ring, NOW_MS, HERE, SALT).encode()
    assert nonce_made_at_s(nonce, ring, HERE) == NOW_MS // 1000
    assert nonce_made_at_s(nonce, ring, "192.0.2.8") is None
    assert nonce_made_at_s(nonce, new_keys(), HERE) is None
    for at in range(len(nonce) - 1):
        changed = bytearray(nonce)
        changed[at] = ord("A") if changed[at] != ord("A") else ord("B")
        assert nonce_made_at_s(bytes(changed), ring, HERE) is None
    for cut in (nonce[:-1], nonce + b"A", b"", b"\xff", b"=", nonce[:20]):
        assert nonce_made_at_s(cut, ring, HERE) is None
