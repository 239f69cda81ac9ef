"""The mail about a message: every header and part, read back by the email package."""

import email
import email.policy
import io
import wave
from email.message import EmailMessage
from html.parser import HTMLParser
from pathlib import Path

import pytest

from renvoi.adapters.mail.message import Composer, MailImpossible
from renvoi.application.outbox.channel import Affected, PermanentFailure, TemporaryFailure
from renvoi.domain.email_address import EmailAddress
from tests.support.voicemail_mail import MAIL_FROM, RECEIVED_AT_MS, notice

COMPOSER = Composer(MAIL_FROM)


class Page(HTMLParser):
    """What an HTML part shows and points to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def read(content: bytes) -> EmailMessage:
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    assert not [part.defects for part in message.walk() if part.defects]
    return message


def text_of(message: EmailMessage, kind: str = "plain") -> str:
    part = message.get_body((kind,))
    assert part is not None
    text: str = part.get_content()
    return text.replace("\r\n", "\n")


def attachment_of(message: EmailMessage) -> EmailMessage:
    (attachment,) = message.iter_attachments()
    assert isinstance(attachment, EmailMessage)
    return attachment


def test_every_header_of_an_english_mail(audio: Path) -> None:
    mail = COMPOSER.compose(notice(audio))
    headers = {name: str(value) for name, value in read(mail.content).items()}
    assert headers == {
        "From": "renvoi <voicemail@renvoi.example>",
        "To": "jeanne@example.com",
        "Subject": "Voicemail from +33 6 12 34 56 78 (1 min 05 s)",
        "Date": "Mon, 23 Nov 2026 03:42:00 +0100",
        "Message-ID": "<018f3c7e5b2a@renvoi.example>",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "MIME-Version": "1.0",
        "Content-Type": 'multipart/mixed; boundary="=_0_018f3c7e5b2a"',
        "Content-Language": "en",
    }
    assert (mail.sender, mail.recipient, mail.needs_utf8) == ("voicemail@renvoi.example", "jeanne@example.com", False)


def test_the_english_text(audio: Path) -> None:
    assert text_of(read(COMPOSER.compose(notice(audio)).content)) == (
        "New voicemail message for Reception (+33 1 99 00 12 34)\n"
        "\n"
        "From: +33 6 12 34 56 78 (France)\n"
        "Received: Monday, 23 November 2026 at 03:42 (Europe/Paris)\n"
        "Length: 1 min 05 s\n"
        "\n"
        "The recording is attached to this mail.\n"
        "\n"
        "Settings of this number: https://renvoi.example/numbers/33199001234?tab=rule&x=1\n"
    )


def test_the_french_mail(audio: Path) -> None:
    message = read(COMPOSER.compose(notice(audio, locale="fr", caller="+12125550123", label="Accueil été")).content)
    assert message["Subject"] == "Message vocal de +1 212-555-0123 (1 min 05 s)"
    assert message["Content-Language"] == "fr"
    assert text_of(message) == (
        "Nouveau message vocal pour Accueil été (+33 1 99 00 12 34)\n"
        "\n"
        "De\u00a0: +1 212-555-0123 (États-Unis)\n"
        "Reçu\u00a0: lundi 23 novembre 2026 à 03:42 (Europe/Paris)\n"
        "Durée\u00a0: 1 min 05 s\n"
        "\n"
        "L’enregistrement est joint à ce courriel.\n"
        "\n"
        "Réglages de ce numéro\u00a0: https://renvoi.example/numbers/33199001234?tab=rule&x=1\n"
    )
    assert attachment_of(message).get_filename() == "message-2026-11-23-0342-de-+12125550123.wav"


def test_the_parts_are_nested_as_mail_programs_expect(audio: Path) -> None:
    message = read(COMPOSER.compose(notice(audio)).content)
    types = [part.get_content_type() for part in message.walk()]
    assert types == ["multipart/mixed", "multipart/alternative", "text/plain", "text/html", "audio/wav"]
    assert [part["MIME-Version"] for part in message.walk()] == ["1.0", None, None, None, None]
    assert [part.get_content_charset() for part in message.walk()][2:4] == ["utf-8", "utf-8"]


@pytest.mark.parametrize("locale", ["en", "fr"])
def test_the_html_says_the_same_and_loads_nothing(audio: Path, locale: str) -> None:
    message = read(COMPOSER.compose(notice(audio, locale=locale)).content)
    page = Page(text_of(message, "html"))
    shown = " ".join(page.texts)
    for line in text_of(message).splitlines():
        # Names and values are cells of a table there, and the link shows its name.
        for piece in line.replace("\u00a0:", ": ").split(": ")[:2]:
            assert piece.strip().startswith("https:") or piece.strip() in shown
    links = [attributes["href"] for tag, attributes in page.tags if tag == "a"]
    assert links == ["tel:+33612345678", "https://renvoi.example/numbers/33199001234?tab=rule&x=1"]
    assert ("html", {"lang": locale}) in page.tags
    assert {tag for tag, _ in page.tags}.isdisjoint({"img", "link", "script", "iframe", "style", "object"})
    assert not [attributes for _, attributes in page.tags if "src" in attributes]


def test_the_attachment_is_the_recording(audio: Path) -> None:
    attachment = attachment_of(read(COMPOSER.compose(notice(audio)).content))
    assert attachment.get_content_type() == "audio/wav"
    assert attachment.get_content_disposition() == "attachment"
    assert attachment.get_filename() == "message-2026-11-23-0342-from-+33612345678.wav"
    content = attachment.get_content()
    assert content == audio.read_bytes()
    with wave.open(io.BytesIO(content)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate(), file.getnframes()) == (1, 2, 8000, 8000)


def test_the_recording_as_mp3(audio: Path) -> None:
    composer = Composer(MAIL_FROM, to_mp3=lambda path: b"ID3 of " + path.name.encode())
    attachment = attachment_of(read(composer.compose(notice(audio)).content))
    assert attachment.get_content_type() == "audio/mpeg"
    assert attachment.get_filename() == "message-2026-11-23-0342-from-+33612345678.mp3"
    assert attachment.get_content() == b"ID3 of recording.wav"


def test_a_recording_that_no_mp3_can_be_made_of_goes_as_wav(audio: Path) -> None:
    def broken(_: Path) -> bytes:
        raise RuntimeError("no encoder")

    attachment = attachment_of(read(Composer(MAIL_FROM, to_mp3=broken).compose(notice(audio)).content))
    assert (attachment.get_content_type(), attachment.get_content()) == ("audio/wav", audio.read_bytes())


@pytest.mark.parametrize(
    ("locale", "subject", "line", "file_name"),
    [
        (
            "en",
            "Voicemail from a withheld number (1 min 05 s)",
            "From: number withheld",
            "message-2026-11-23-0342-from-withheld.wav",
        ),
        (
            "fr",
            "Message vocal d’un numéro masqué (1 min 05 s)",
            "De\u00a0: numéro masqué",
            "message-2026-11-23-0342-de-numero-masque.wav",
        ),
    ],
)
@pytest.mark.parametrize("caller", [None, "", " \r\n"])
def test_a_withheld_caller_is_said_plainly(
    audio: Path, locale: str, subject: str, line: str, file_name: str, caller: str | None
) -> None:
    message = read(COMPOSER.compose(notice(audio, locale=locale, caller=caller)).content)
    assert message["Subject"] == subject
    assert line in text_of(message).splitlines()
    assert attachment_of(message).get_filename() == file_name
    assert "tel:" not in text_of(message, "html")


@pytest.mark.parametrize("locale", ["en", "fr"])
@pytest.mark.parametrize("caller", ["+33899123456", "+447012345678", "+883510001000100", "+2347012345678"])
def test_a_caller_whom_the_account_may_not_call_is_no_link(audio: Path, locale: str, caller: str) -> None:
    """Neither one of ours, nor one that a mail program makes of a number by itself."""
    message = read(COMPOSER.compose(notice(audio, locale=locale, caller=caller, may_call_back=False)).content)
    page = Page(text_of(message, "html"))
    assert not [attributes for _, attributes in page.tags if "tel:" in str(attributes)]
    assert ("meta", {"name": "format-detection", "content": "telephone=no"}) in page.tags
    assert "tel:" not in text_of(message)


@pytest.mark.parametrize(
    ("locale", "sentence"),
    [
        ("en", "A fault on our side cut the recording off. What was heard until then is attached."),
        ("fr", "Un incident de notre côté a interrompu l’enregistrement. Ce qui a été entendu jusque-là est joint."),
    ],
)
def test_a_recording_that_was_cut_off_is_said_so(audio: Path, locale: str, sentence: str) -> None:
    message = read(COMPOSER.compose(notice(audio, locale=locale, cut_off=True)).content)
    assert sentence in text_of(message).splitlines()
    assert sentence in text_of(message, "html")


HOSTILE = [
    "x\r\nBcc: all@example.com",
    "x\nBcc: all@example.com\n\n<script>alert(1)</script>",
    "\u2028Bcc: all@example.com\u2029",
    "\x00\x1b[31m\x85Bcc: all@example.com",
    "=?utf-8?q?Bcc=3A_all=40example=2Ecom?=",
    "\u202egnol" * 100,
    "é" * 300,
    "\udcff broken",
    "=_audio_= --=_0_018f3c7e5b2a--",
    '../../etc/passwd"; filename=x',
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("locale", ["en", "fr"])
def test_nothing_that_a_caller_sends_gets_out_of_its_place(audio: Path, text: str, locale: str) -> None:
    content = COMPOSER.compose(notice(audio, caller=text, label=text, locale=locale)).content
    message = read(content)
    assert len(message.keys()) == 10
    assert "Bcc" not in message
    assert not any(ord(c) < 32 for c in message["Subject"])
    assert len(message["Subject"]) < 120
    assert "\u202e" not in text_of(message)
    assert len(text_of(message).splitlines()) == 9
    assert "<script>" not in text_of(message, "html")
    assert set(attachment_of(message).get_filename() or "") < set(
        "+-.0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
    )
    assert content.isascii()
    assert attachment_of(message).get_content() == audio.read_bytes()


def test_all_lines_are_short_and_end_in_crlf(audio: Path) -> None:
    content = COMPOSER.compose(notice(audio, label="é" * 64, rule_url="https://renvoi.example/" + "r" * 2000)).content
    lines = content.split(b"\r\n")
    assert not any(b"\r" in line or b"\n" in line for line in lines)
    assert max(map(len, lines)) <= 78
    assert content.endswith(b"\r\n")


def test_the_same_notice_makes_the_same_mail(audio: Path) -> None:
    assert COMPOSER.compose(notice(audio)).content == COMPOSER.compose(notice(audio)).content


def test_without_a_rule_page_there_is_no_link(audio: Path) -> None:
    message = read(COMPOSER.compose(notice(audio, rule_url="")).content)
    assert "Settings" not in text_of(message)
    assert "Settings" not in text_of(message, "html")


@pytest.mark.parametrize(
    ("zone", "received"),
    [
        ("America/New_York", "Sunday, 22 November 2026 at 21:42 (America/New_York)"),
        ("Asia/Kolkata", "Monday, 23 November 2026 at 08:12 (Asia/Kolkata)"),
        ("No/Such_Zone", "Monday, 23 November 2026 at 02:42 (UTC)"),
        ("../../etc/localtime", "Monday, 23 November 2026 at 02:42 (UTC)"),
    ],
)
def test_times_are_those_of_the_account(audio: Path, zone: str, received: str) -> None:
    message = read(COMPOSER.compose(notice(audio, time_zone=zone)).content)
    assert f"Received: {received}" in text_of(message).splitlines()


@pytest.mark.parametrize("odd_ms", [9 * 10**17, 2**63 - 1, 253_402_214_400_000, -(10**17)])
def test_a_stored_time_that_is_no_date_keeps_no_message_back(audio: Path, odd_ms: int) -> None:
    """An earlier version stored it. When the mail was queued is the next best; no mail is dated into the year 9999."""
    told = notice(audio, received_at_ms=odd_ms, queued_at_ms=RECEIVED_AT_MS)
    assert "Received: Monday, 23 November 2026 at 03:42 (Europe/Paris)" in text_of(read(COMPOSER.compose(told).content))
    told = notice(audio, received_at_ms=odd_ms, queued_at_ms=odd_ms, time_zone="Pacific/Apia")
    assert COMPOSER.compose(told).content
    told = notice(audio, received_at_ms=253_402_214_399_999, time_zone="Pacific/Kiritimati")
    assert COMPOSER.compose(told).content


@pytest.mark.parametrize(
    "recipient", ["a@b.example\r\nBcc: c@d.example", "a\r\n@b.example", "a@b\n.example", "a@é\r\n.example"]
)
def test_a_stored_recipient_that_is_no_address_can_never_be_sent_to(audio: Path, recipient: str) -> None:
    with pytest.raises(MailImpossible) as caught:
        COMPOSER.compose(notice(audio, recipient=EmailAddress(recipient)))
    assert isinstance(caught.value.outcome, PermanentFailure)
    assert "is not an e-mail address: set the number's rule again" in caught.value.outcome.reason
    assert caught.value.outcome.reason.isprintable()


@pytest.mark.parametrize(
    ("duration_ms", "length"),
    [(1000, "1 s"), (499, "1 s"), (59_400, "59 s"), (59_600, "1 min 00 s"), (120_000, "2 min 00 s")],
)
def test_lengths(audio: Path, duration_ms: int, length: str) -> None:
    message = read(COMPOSER.compose(notice(audio, duration_ms=duration_ms)).content)
    assert f"Length: {length}" in text_of(message).splitlines()


@pytest.mark.parametrize(
    ("caller", "shown"),
    [
        ("+80012345678", "+800 1234 5678"),
        ("+441624675663", "+44 1624 675663 (Isle of Man)"),
        ("+12001230123", "+1 200-123-0123"),
        ("+999123", "+999123"),
        ("anonymous.invalid", "anonymous.invalid"),
        ("112", "112"),
    ],
)
def test_callers_of_all_kinds(audio: Path, caller: str, shown: str) -> None:
    message = read(COMPOSER.compose(notice(audio, caller=caller)).content)
    assert f"From: {shown}" in text_of(message).splitlines()


def test_a_domain_of_other_letters_goes_by_its_ascii_form(audio: Path) -> None:
    composer = Composer(EmailAddress.parse("voix@bücher.example"))
    mail = composer.compose(notice(audio, recipient=EmailAddress.parse("j@exämple.com")))
    assert (mail.sender, mail.recipient) == ("voix@xn--bcher-kva.example", "j@xn--exmple-cua.com")
    assert not mail.needs_utf8
    assert mail.content.isascii()
    assert read(mail.content)["Message-ID"] == "<018f3c7e5b2a@xn--bcher-kva.example>"


def test_a_sender_of_this_machine(audio: Path) -> None:
    mail = Composer(EmailAddress("voicemail@localhost")).compose(notice(audio))
    assert mail.sender == "voicemail@localhost"
    assert read(mail.content)["Message-ID"] == "<018f3c7e5b2a@localhost>"


def test_an_address_of_other_letters_needs_a_server_that_takes_them(audio: Path) -> None:
    mail = COMPOSER.compose(notice(audio, recipient=EmailAddress.parse("jörg@exämple.com")))
    assert mail.needs_utf8
    assert mail.recipient == "jörg@exämple.com"
    assert "To: jörg@exämple.com\r\n".encode() in mail.content


def test_a_recording_that_is_gone_can_never_be_sent(audio: Path) -> None:
    audio.unlink()
    with pytest.raises(MailImpossible) as caught:
        COMPOSER.compose(notice(audio))
    assert caught.value.outcome == PermanentFailure(f"the recording {audio} is gone: nothing is left to send")


def test_a_recording_that_cannot_be_read_may_be_later(tmp_path: Path) -> None:
    with pytest.raises(MailImpossible) as caught:
        COMPOSER.compose(notice(tmp_path))
    reason = f"the recording {tmp_path} cannot be read: Is a directory"
    assert caught.value.outcome == TemporaryFailure(reason, Affected.ITEM)


@pytest.mark.parametrize("message_id", ["", "a/b", "../a", "a" * 65, "a\r\nb", "a b"])
def test_an_id_that_could_leave_its_place_is_refused(audio: Path, message_id: str) -> None:
    with pytest.raises(ValueError, match="names no message"):
        notice(audio, message_id=message_id)
