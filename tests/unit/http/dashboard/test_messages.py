"""`/messages`: what callers have left, its player, and what can be done with it."""

import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from operator import methodcaller
from typing import Any

import pytest

from renvoi.application.ports.messages import StoredMessage
from renvoi.domain.access.api_key import ApiKey, KeyRecord
from renvoi.domain.messages.message import PEAKS, Mail, MailState
from renvoi.domain.messages.voicemail_handoff import WITHHELD
from renvoi.http.dashboard.messages import PLAIN_WAVEFORM, SHOWN, waveform_path
from tests.support.dashboard_api import Pages, text_of
from tests.support.http_api import FOREIGN, FOREIGN_KEY, NUMBER, SECOND, START_MS
from tests.support.v2_kept import AUDIO, MAIL, MESSAGE, MESSAGE_ID, put_message

ONE = f"/messages/msg_{MESSAGE_ID}"
READER = ApiKey("0d0d0d0d0d0d", "r" * 43)
OTHER_SCOPE = ApiKey("0e0e0e0e0e0e", "o" * 43)
OF_SECOND = ApiKey("0f0f0f0f0f0f", "s" * 43)
EVIL = '"><script>alert(1)</script>'
ESCAPED = "&gt;&lt;script&gt;alert(1)&lt;/script&gt;"


@pytest.fixture
def pages() -> Pages:
    made = Pages()
    made.write(put_message)
    return made


def add(pages: Pages, name: str, mail: Mail = MAIL, **changes: Any) -> None:
    """Store one more message."""
    message = replace(MESSAGE, **({"id": name} | changes))
    pages.write(lambda writer: writer.add_message(message, replace(mail, message_id=name), AUDIO))


def sign_in(pages: Pages, key: ApiKey, *scopes: str, **limits: Any) -> None:
    """Go on with another key of the account."""
    record = KeyRecord(key.id, 1, key.hash(), "FR", scopes=scopes, **limits)
    pages.write(lambda writer: writer.add_key(record))
    pages.sign_in(key)


def shown(pages: Pages, path: str = "/messages") -> list[str]:
    """Return the ids of the messages that a page shows, in its order."""
    answer = pages.visit(path)
    assert answer.status_code == 200, text_of(answer)
    return re.findall(r'<article class="card" id="msg_([a-z0-9]+)"', answer.text)


def stored(pages: Pages, message_id: str = MESSAGE_ID) -> StoredMessage | None:
    found: StoredMessage | None = pages.write(methodcaller("message", message_id))
    return found


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ["01 40 00 00 01", "New", "to 01 99 00 12 34", "0:04", "Mark as heard", "Send again by mail", "Delete"]),
        (
            "fr",
            ["01 40 00 00 01", "Nouveau", "pour le 01 99 00 12 34", "Marquer comme écouté", "Renvoyer", "Supprimer"],
        ),
    ],
)
def test_a_message_is_shown_as_the_reader_knows_it(pages: Pages, language: str, said: list[str]) -> None:
    for path in ("/messages", ONE):
        text = text_of(pages.visit(path, language=language))
        for each in said:
            assert each in text, path


@pytest.mark.parametrize(
    ("caller", "english", "french"),
    [
        ("+442079460958", "+44 20 7946 0958 · United Kingdom", "+44 20 7946 0958 · Royaume-Uni"),
        ("+88216123456", "+882 16 12 3456", "+882 16 12 3456"),
        (WITHHELD, "Withheld number", "Numéro masqué"),
        ("sip:zoë@x", "sip:zoë@x", "sip:zoë@x"),
        ("+9" * 9, "+9" * 9, "+9" * 9),
    ],
)
def test_who_called(pages: Pages, caller: str, english: str, french: str) -> None:
    add(pages, "who", caller=caller)
    for language, said in (("en", english), ("fr", french)):
        text = text_of(pages.visit("/messages/msg_who", language=language))
        assert said in text


def test_messages_that_nobody_has_heard_come_first_on_every_page(pages: Pages) -> None:
    for index in range(SHOWN + 1):
        add(pages, f"old{index:02}", received_at_ms=START_MS - 1 - index, heard_at_ms=5 if index % 2 else None)
    first = pages.visit("/messages")
    following = re.search(r'rel="next" href="([^"]+)"', first.text)
    assert following is not None
    path = unescape(following[1])
    unheard = [MESSAGE_ID, *(f"old{index:02}" for index in range(0, SHOWN + 1, 2))]
    heard = [f"old{index:02}" for index in range(1, SHOWN + 1, 2)]
    assert shown(pages) + shown(pages, path) == [*unheard, *heard]
    assert 'data-live="message.created message.deleted"' in first.text
    # A page further on stays as it is: what is new is on the first one.
    assert 'data-live=""' in pages.visit(path).text
    assert pages.visit("/messages?cursor=WzFd").status_code == 400


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("heard=yes", ["heard"]),
        ("heard=no", ["second", MESSAGE_ID]),
        ("number=0261910123", ["second"]),
        ("number=%2B33199005555", []),
        ("from=0140000001", [MESSAGE_ID, "heard"]),
        ("from=%2B3312&heard=yes", []),
    ],
)
def test_messages_are_found(pages: Pages, query: str, expected: list[str]) -> None:
    add(pages, "second", number=SECOND, received_at_ms=START_MS + 1, caller="+33140000002")
    add(pages, "heard", heard_at_ms=5)
    assert shown(pages, f"/messages?{query}") == expected
    if not expected:
        assert "No message matches" in text_of(pages.visit(f"/messages?{query}"))


def test_a_filter_that_is_no_number_is_told_beside_its_field(pages: Pages) -> None:
    answer = pages.visit("/messages?number=bad%22%3E%3Cscript%3E", language="fr")
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert 'value="bad&#34;&gt;&lt;script&gt;"' in answer.text
    assert "<script>" not in answer.text


@pytest.mark.parametrize(("language", "said"), [("en", "No messages yet"), ("fr", "Aucun message pour l’instant")])
def test_a_page_without_messages_says_what_to_do(language: str, said: str) -> None:
    answer = Pages().visit("/messages", language=language)
    assert said in text_of(answer)
    assert 'href="/numbers"' in answer.text


def test_whatever_strangers_wrote_is_text(pages: Pages) -> None:
    mail = replace(MAIL, state=MailState.FAILED, note=EVIL)
    add(pages, "evil", mail, caller=EVIL, transcript=EVIL, call_id=EVIL)
    for path in ("/messages", "/messages/msg_evil", "/messages/msg_evil/delete"):
        answer = pages.visit(path)
        assert answer.status_code == 200
        assert "<script>" not in answer.text
        assert ESCAPED in answer.text, path


def test_what_is_said_and_what_went_wrong_are_shown(pages: Pages) -> None:
    add(pages, "odd", replace(MAIL, state=MailState.FAILED), transcript="allô ?", cut_off=True)
    text = text_of(pages.visit("/messages"))
    assert "allô ?" in text
    assert "interrupted by a fault" in text
    assert "mail failed owner@example.com" in text


def test_the_waveform_is_a_bar_for_each_peak() -> None:
    assert waveform_path(bytes([0, 255, 128] + [0] * 197)).startswith("M0.5 15v2M1.5 1v30M2.5 8v16M3.5 15v2")
    assert waveform_path(bytes(PEAKS)).count("M") == PEAKS
    for unknown in (None, b"", bytes(PEAKS + 1)):
        assert waveform_path(unknown) == PLAIN_WAVEFORM


def test_a_list_of_messages_with_waveforms_stays_light(pages: Pages) -> None:
    for index in range(SHOWN):
        add(pages, f"m{index:02}", peaks=bytes(range(56, 256)), transcript="mot " * 5000)
    assert len(pages.visit("/messages", language="fr").content) < 100_000
    assert "mot mot mot…" in text_of(pages.visit("/messages"))
    assert "mot " * 4999 + "mot" in text_of(pages.visit("/messages/msg_m00"))


def test_audio_is_sent_in_parts_and_by_a_name(pages: Pages) -> None:
    whole = pages.visit(f"{ONE}/audio")
    assert (whole.status_code, whole.content, whole.headers["content-type"]) == (200, AUDIO, "audio/wav")
    assert whole.headers["content-disposition"] == 'inline; filename="message-33199001234-20260101-000000.wav"'
    part = pages.visit(f"{ONE}/audio", headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, AUDIO[10:20])
    assert pages.visit(f"{ONE}/audio?format=mp3").headers["content-type"] == "audio/mpeg"
    assert pages.visit(f"{ONE}/audio?format=exe").status_code == 404
    page = pages.visit(ONE).text
    assert f'<audio class="no-js" controls preload="none" src="{ONE}/audio"' in page
    assert 'download="message-33199001234-20260101-000000.wav"' in page


def test_a_message_is_marked_as_heard_and_as_new(pages: Pages) -> None:
    path = "/messages?heard=no"
    answer = pages.submit(f"{ONE}/heard", {"heard": "yes", "next": path}, page=path)
    assert (answer.status_code, answer.headers["location"]) == (303, path)
    found = stored(pages)
    assert found is not None
    assert found.message.heard_at_ms == START_MS
    text = text_of(pages.visit("/messages"))
    assert "The message is marked as heard." in text
    assert "Mark as new" in text
    pages.submit(f"{ONE}/heard", {"next": "//evil.example"}, page=ONE)
    found = stored(pages)
    assert found is not None
    assert found.message.heard_at_ms is None


def test_a_message_is_mailed_again_unless_that_is_under_way(pages: Pages) -> None:
    answer = pages.submit(f"{ONE}/resend", {"next": ONE}, page=ONE)
    assert (answer.status_code, answer.headers["location"]) == (303, ONE)
    found = stored(pages)
    assert found is not None
    assert found.mail.state is MailState.PENDING
    assert "The message is sent again." in text_of(pages.visit(ONE))
    pages.write(methodcaller("lease_mails", [MESSAGE_ID], "node", START_MS, START_MS + 9000))
    pages.submit(f"{ONE}/resend", {"next": ONE}, page=ONE)
    assert "is being sent at this moment" in text_of(pages.visit(ONE))


def test_a_message_is_deleted_once_that_is_confirmed(pages: Pages) -> None:
    asked = pages.visit(f"{ONE}/delete", language="fr")
    assert "data-confirm-body" in asked.text
    assert "Supprimer ce message" in text_of(asked)
    assert stored(pages) is not None
    answer = pages.submit(f"{ONE}/delete", {}, page=f"{ONE}/delete")
    assert (answer.status_code, answer.headers["location"]) == (303, "/messages")
    assert stored(pages) is None
    assert "The message is deleted." in text_of(pages.visit("/messages"))
    assert pages.submit(f"{ONE}/delete", {}).status_code == 404


WRITES: dict[str, Callable[[StoredMessage], bool]] = {
    "heard": lambda found: found.message.heard_at_ms is None,
    "resend": lambda found: found.mail.state is MailState.SENT,
    "delete": lambda _: True,
}
"""The forms of a message, and what is so as long as none was sent."""


@pytest.mark.parametrize("name", WRITES)
def test_a_form_without_its_token_does_nothing(pages: Pages, name: str) -> None:
    for token in ("", "x"):
        answer = pages.visit(f"{ONE}/{name}", method="POST", data={"csrf": token, "heard": "yes"})
        assert answer.status_code == 403
    found = stored(pages)
    assert found is not None
    assert WRITES[name](found)


def test_who_may_only_read_is_shown_no_forms_and_sends_none(pages: Pages) -> None:
    sign_in(pages, READER, "messages:read")
    page = pages.visit("/messages").text
    assert "Mark as heard" not in page
    assert "/delete" not in page
    assert "/resend" not in page
    assert f'href="{ONE}/audio" download' in page
    for name in WRITES:
        assert pages.submit(f"{ONE}/{name}", {"heard": "yes"}, page="/messages").status_code == 403
    assert pages.visit(f"{ONE}/delete").status_code == 403
    assert stored(pages) is not None


def test_who_may_not_read_messages_sees_none(pages: Pages) -> None:
    sign_in(pages, OTHER_SCOPE, "calls:read")
    for path in ("/messages", ONE, f"{ONE}/audio"):
        answer = pages.visit(path)
        assert answer.status_code == 403
        assert "messages:read" in text_of(answer)


@pytest.mark.parametrize("message_id", ["msg_theirs", "msg_none", "theirs", "call_1", "..%2F", "msg_" + "x" * 500])
def test_what_is_out_of_reach_is_not_there(pages: Pages, message_id: str) -> None:
    add(pages, "theirs", number=FOREIGN, account_id=2)
    path = f"/messages/{message_id}"
    for asked in (path, f"{path}/audio", f"{path}/delete"):
        assert pages.visit(asked).status_code == 404
    for name in WRITES:
        assert pages.submit(f"{path}/{name}", {"heard": "yes"}, page=ONE).status_code == 404
    found = stored(pages, "theirs")
    assert found is not None
    assert found.message.heard_at_ms is None


def test_a_key_of_some_numbers_sees_their_messages_alone(pages: Pages) -> None:
    add(pages, "second", number=SECOND)
    sign_in(pages, OF_SECOND, "messages:read", "messages:write", numbers=frozenset({SECOND}))
    assert shown(pages) == ["second"]
    assert pages.visit(ONE).status_code == 404
    assert pages.submit(f"{ONE}/heard", {"heard": "yes"}, page="/messages").status_code == 404
    assert shown(pages, f"/messages?number=%2B{NUMBER.digits}") == []


def test_who_is_not_signed_in_gets_no_audio(pages: Pages) -> None:
    pages.cookies.clear()
    assert pages.visit(f"{ONE}/audio").headers["location"] == f"/sign-in?next={ONE}/audio"
    other = Pages(FOREIGN_KEY)
    assert other.visit(f"{ONE}/audio").status_code == 404
