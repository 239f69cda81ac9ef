"""E-mail addresses as people write them (docs/api.md §2)."""

import pytest

from renvoi.domain.email_address import EmailAddress, EmailInvalid


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("owner@example.com", "owner@example.com"),
        ("Owner@EXAMPLE.com", "Owner@example.com"),
        ("\ufeff owner@example.com\u200b\n", "owner@example.com"),
        ("owner@company.local", "owner@company.local"),
        ("owner@mail.company.local", "owner@mail.company.local"),
        ("owner@laboratory.test", "owner@laboratory.test"),
        ('"xxx.yyy."@docomo.ne.jp', '"xxx.yyy."@docomo.ne.jp'),
        ('"a b"@example.com', '"a b"@example.com'),
        ('"abc"@example.com', "abc@example.com"),
        ("owner@xn--mller-kva.example", "owner@m\xfcller.example"),
        ("jos\xe9@example.com", "jos\xe9@example.com"),
        ("a" * 64 + "@example.com", "a" * 64 + "@example.com"),
        ("\xe9" * 32 + "@example.com", "\xe9" * 32 + "@example.com"),
    ],
)
def test_an_address_is_read(text: str, value: str) -> None:
    assert EmailAddress.parse(text).value == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "owner",
        "owner@",
        "owner@company",
        "Owner <owner@example.com>",
        "a@example.com, b@example.com",
        "a" * 65 + "@example.com",
        "\xe9" * 33 + "@example.com",
        "a@" + "x" * 64 + ".com",
        "a@" + "x." * 150 + "com",
        "a\x00b@example.com",
        '"a\x00"@example.com',
        "a\u202eb@example.com",
        "\ud800@example.com",
        "a@[127.0.0.1]",
        "a@example.invalid",
        "a@example.com\r\nBcc: b@example.com",
        "a" * 100_000 + "@example.com",
    ],
)
def test_what_is_no_single_address_is_refused(text: str) -> None:
    with pytest.raises(EmailInvalid):
        EmailAddress.parse(text)
