"""Who calls, and who may be told (RFC 3323, RFC 3325, draft-ietf-sip-privacy-04)."""

import pytest

from renvoi.domain.calls.caller import Caller, CallerHeaders, read_caller

FROM = '"Alice" <sip:+33140000001@carrier.example>;tag=a'
ASSERTED = "<sip:+33612345678@carrier.example>"


@pytest.mark.parametrize(
    ("headers", "text"),
    [
        (CallerHeaders(FROM), "+33140000001"),
        (CallerHeaders("sip:0140000001@x;tag=a"), "+33140000001"),
        (CallerHeaders(FROM, asserted=ASSERTED), "+33612345678"),
        # The number among several values wins over a name, wherever it stands.
        (CallerHeaders(FROM, asserted='"Bob" <sip:bob@corp.example>, <tel:+33612345678>'), "+33612345678"),
        (
            CallerHeaders(FROM, asserted="<sip:bob@corp.example>,<sip:desk@x>,<sip:0612345678@x;user=phone>"),
            "+33612345678",
        ),
        (CallerHeaders(FROM, asserted='"Bob" <sip:bob@corp.example>'), "bob"),
        (CallerHeaders(FROM, remote_party="<sip:+33612345678@x>;party=calling;screen=yes"), "+33612345678"),
        (CallerHeaders(FROM, remote_party="<sip:+33612345678@x>;party=called"), "+33140000001"),
        (CallerHeaders(FROM, asserted=ASSERTED, remote_party="<sip:+33199000000@x>"), "+33612345678"),
        (CallerHeaders("<sip:alice@x>;tag=a", preferred="<tel:+33612345678>"), "+33612345678"),
        (CallerHeaders(FROM, preferred="<tel:+33612345678>"), "+33140000001"),
        # RFC 3966 §5.1.5: the context completes the number.
        (CallerHeaders("<tel:0612345678;phone-context=+33>;tag=a"), "+33612345678"),
        (CallerHeaders("<tel:612-345-678;phone-context=+33>;tag=a"), "+33612345678"),
        (CallerHeaders("<sip:2025550143;phone-context=+1@x;user=phone>;tag=a"), "+12025550143"),
        (CallerHeaders("<tel:2025550143;phone-context=%2B1>;tag=a"), "+12025550143"),
        (CallerHeaders("<tel:0612345678;phone-context=carrier.example>;tag=a"), "+33612345678"),
        (CallerHeaders("<tel:+33612345678;phone-context=+1>;tag=a"), "+33612345678"),
        (CallerHeaders("<sip:alice@x>;tag=a"), "alice"),
        (CallerHeaders("<http://x>;tag=a"), "http://x"),
        (CallerHeaders(""), ""),
        (CallerHeaders("<sip:a%00b@x>;tag=a"), "a\ufffdb"),
        (CallerHeaders("<sip:a%0d%0ab%1b@x>;tag=a"), "a\ufffd\ufffdb\ufffd"),
        (CallerHeaders("<sip:%ed%a0%80@x>;tag=a"), "\ufffd\ufffd\ufffd"),
        (CallerHeaders("<sip:%e2%80%aeevil@x>;tag=a"), "\ufffdevil"),
        (CallerHeaders(f"<sip:{'a' * 60_000}@x>;tag=a"), "sip:" + "a" * 124),
    ],
)
def test_who_calls(headers: CallerHeaders, text: str) -> None:
    assert read_caller(headers, "FR").text == text


@pytest.mark.parametrize(
    "headers",
    [
        CallerHeaders(FROM, privacy="id"),
        CallerHeaders(FROM, privacy="critical; User"),
        CallerHeaders(FROM, privacy="none,header"),
        CallerHeaders(FROM, remote_party="<sip:+33612345678@x>;party=calling;privacy=full"),
        CallerHeaders(FROM, remote_party="<sip:+33612345678@x>;privacy=URI;screen=yes"),
        CallerHeaders('"Anonymous" <sip:anonymous@anonymous.invalid>;tag=a'),
        CallerHeaders("sip:Anonymous@gw.example;tag=a"),
        CallerHeaders("<sip:c8oqz84zk7z@anonymous.INVALID:5060>;tag=a"),
        CallerHeaders("<sip:+266696687@x>;tag=a"),
        CallerHeaders("<tel:+266696687>;tag=a"),
        CallerHeaders("<sip:unavailable@unknown.invalid>;tag=a"),
        CallerHeaders("<sip:Restricted@x>;tag=a"),
        CallerHeaders('"Restricted" <sip:+33140000001@x>;tag=a'),
        CallerHeaders("Anonymous <sip:+33140000001@x>;tag=a"),
        CallerHeaders(r'"Anonym\ous" <sip:+33140000001@x>;tag=a'),
        CallerHeaders("<sip:anonymous@x>;tag=a", asserted=ASSERTED),
        CallerHeaders("<sip:%61nonymous@x>;tag=a"),
        *(
            CallerHeaders(f"<sip:{user}@carrier.example>;tag=a", asserted=ASSERTED)
            for user in (
                "00266696687",
                "+266-696687",
                "+266.696.687",
                "%2B266%20696%20687",
                "(00)266-696687",
                "011266696687",
            )
        ),
        CallerHeaders("<tel:+266-69-66-87>;tag=a", asserted=ASSERTED),
        CallerHeaders("<sip:x@anonymous.invalid.>;tag=a", asserted=ASSERTED),
        CallerHeaders("<sip:x@Unknown.Invalid.:5060;user=phone>;tag=a", asserted=ASSERTED),
        *(
            CallerHeaders(FROM, asserted=ASSERTED, privacy=value)
            for value in ('"id"', '"user;id"', '"ID", "critical"', ' " header " ', '"id', '"\\id"')
        ),
        *(
            CallerHeaders(f'"{name}" <sip:+33140000001@x>;tag=a', asserted=ASSERTED)
            for name in ("Anonyme", "PRIVATE", "Privé", "Masqué", "Numéro  masqué", "NUMERO MASQUE", "Withheld number")
        ),
        CallerHeaders('"Nume\u0301ro masque\u0301" <sip:+33140000001@x>;tag=a', asserted=ASSERTED),
        CallerHeaders('"Masqu\ufffd" <sip:+33140000001@x>;tag=a', asserted=ASSERTED),
        CallerHeaders(""),
    ],
)
def test_who_does_not_want_to_be_known(headers: CallerHeaders) -> None:
    assert read_caller(headers, "FR").withheld


@pytest.mark.parametrize(
    "headers",
    [
        CallerHeaders(FROM),
        CallerHeaders(FROM, privacy="none"),
        CallerHeaders(FROM, privacy="session;critical"),
        CallerHeaders(FROM, remote_party="<sip:+33612345678@x>;privacy=off"),
        CallerHeaders(FROM, remote_party="<sip:+33612345678@x>;party=called;privacy=full"),
        CallerHeaders('"Unavailable" <sip:+33140000001@x>;tag=a'),
        CallerHeaders('"Anonymous Ltd" <sip:+33140000001@x>;tag=a'),
        CallerHeaders('"Privé SARL" <sip:+33140000001@x>;tag=a'),
        CallerHeaders('"Inconnu" <sip:+33140000001@x>;tag=a'),
        CallerHeaders('"Unknown" <sip:+33140000001@x>;tag=a'),
        CallerHeaders("<sip:+33266696687@x>;tag=a"),
        CallerHeaders("<sip:266696687000@x>;tag=a"),
        CallerHeaders("<sip:x@anonymous.invalid.example.>;tag=a"),
        CallerHeaders(FROM, privacy='"none"'),
        CallerHeaders(FROM, privacy='"identity"'),
        CallerHeaders("<sip:anonymous@x>;tag=a", asserted=ASSERTED, privacy="none"),
    ],
)
def test_who_may_be_named(headers: CallerHeaders) -> None:
    assert not read_caller(headers, "FR").withheld


@pytest.mark.parametrize(
    ("headers", "privacy"),
    [
        # What the network knows must not be shown by the next network either.
        (CallerHeaders("<sip:anonymous@x>;tag=a", asserted=ASSERTED), "id"),
        (
            CallerHeaders("<sip:+266696687@x>;tag=a", asserted=ASSERTED, privacy="session; critical"),
            "id;session;critical",
        ),
        (CallerHeaders(FROM, remote_party="<sip:+33612345678@x>;privacy=full"), "id"),
        # Others may not read it with quotes.
        (CallerHeaders(FROM, asserted=ASSERTED, privacy='"id"'), "id"),
        (CallerHeaders(FROM, privacy='"user", "critical";x'), "user;critical"),
        # It may stay as it is.
        (CallerHeaders(FROM, asserted=ASSERTED, privacy="id"), ""),
        (CallerHeaders(FROM, asserted=ASSERTED, privacy="user"), ""),
        (CallerHeaders(FROM, asserted=ASSERTED), ""),
        (CallerHeaders("<sip:anonymous@x>;tag=a"), ""),
        (CallerHeaders("<sip:anonymous@x>;tag=a", asserted=ASSERTED, privacy="none"), ""),
    ],
)
def test_the_next_network_learns_that_a_caller_is_withheld(headers: CallerHeaders, privacy: str) -> None:
    assert read_caller(headers, "FR").privacy == privacy


def test_a_caller_is_known_in_any_case() -> None:
    """The record of the call, which only the operator sees, has the number."""
    assert read_caller(CallerHeaders("<sip:anonymous@x>", asserted=ASSERTED), "FR") == Caller(
        "+33612345678", True, "id"
    )
