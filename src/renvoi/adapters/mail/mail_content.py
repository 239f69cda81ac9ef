"""What a voicemail mail tells, in the words of its reader."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import phonenumbers
from babel import Locale
from babel.dates import format_date

from renvoi.adapters.mail.translations import Translation, translation_for
from renvoi.application.mailer import VoicemailNotice
from renvoi.domain.moment import is_moment

MAX_SHOWN = 64
"""Characters of a caller or label that are shown: what an unknown sender writes must not fill the mail."""
_FILE_NAME_UNSAFE = re.compile(r"[^A-Za-z0-9+]+")


@dataclass(frozen=True, slots=True)
class MailContent:
    """The pieces of a mail's text, all in one language and each of one line."""

    words: Translation
    subject: str
    heading: str
    caller: str
    caller_uri: str | None
    """`tel:` URI (RFC 3966) of a caller who can be called back."""
    received: str
    received_at: datetime
    """The same, in the reader's time zone."""
    sent_at: datetime
    """When the mail was queued, in the same zone."""
    length: str
    recording: str
    """What the mail says about the recording."""
    rule_url: str
    file_stem: str
    """The attachment's name without its ending, in ASCII."""


def tell(notice: VoicemailNotice, *, with_audio: bool = True) -> MailContent:
    """Put a notice into the words of its reader; without its recording where that is too big for the mail server."""
    words = translation_for(notice.locale)
    zone = _zone(notice.time_zone)
    received_at = _date(zone, notice.received_at_ms, notice.queued_at_ms)
    caller = one_line(notice.caller or "")
    number = _valid(caller)
    shown, region = (_international(number), _region(number, words)) if number else (caller, "")
    length = _length(notice.duration_ms)
    return MailContent(
        words=words,
        subject=(words.subject if caller else words.subject_withheld).format(caller=shown, length=length),
        heading=words.heading.format(number=_mailbox(notice)),
        caller=(f"{shown} ({region})" if region else shown) or words.withheld,
        caller_uri=f"tel:{caller}" if number else None,
        received=words.at.format(
            date=format_date(received_at, "full", words.formats),
            time=f"{received_at:%H:%M}",
            zone=received_at.tzinfo,
        ),
        received_at=received_at,
        sent_at=_date(zone, notice.queued_at_ms, notice.received_at_ms),
        length=length,
        recording=_recording(words, notice, with_audio=with_audio),
        rule_url=notice.rule_url,
        file_stem=_file_stem(words, received_at, caller),
    )


def one_line(text: str, limit: int = MAX_SHOWN) -> str:
    """Return `text` on one line, without control and direction characters, in `limit` characters at most."""
    shown = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        # A zone that this machine does not know must not keep a message back, and UTC is named as such.
        return UTC


def _date(zone: tzinfo, *times_ms: int | None) -> datetime:
    """Return the first of these times that has a date; the message matters more than one that an odd clock wrote."""
    found = next((at_ms for at_ms in times_ms if is_moment(at_ms)), None)
    return datetime.fromtimestamp((found or 0) / 1000, zone)


def _valid(caller: str) -> phonenumbers.PhoneNumber | None:
    if not re.fullmatch(r"\+[0-9]{2,15}", caller):
        return None
    try:
        number = phonenumbers.parse(caller)
    except phonenumbers.NumberParseException:
        return None
    return number if phonenumbers.is_possible_number(number) else None


def _international(number: phonenumbers.PhoneNumber) -> str:
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def _region(number: phonenumbers.PhoneNumber, words: Translation) -> str:
    # Not phonenumbers.geocoder: importing it takes 4 s and 180 MB for the names of towns.
    region = phonenumbers.region_code_for_number(number) or ""
    return str(Locale.parse(words.formats).territories.get(region, "")) if region.isalpha() else ""


def _mailbox(notice: VoicemailNotice) -> str:
    number = _valid(notice.number.value)
    shown = _international(number) if number else notice.number.value
    label = one_line(notice.label)
    return f"{label} ({shown})" if label else shown


def _recording(words: Translation, notice: VoicemailNotice, *, with_audio: bool) -> str:
    if not with_audio:
        return words.too_big.format(id=notice.message_id)
    return words.cut_off if notice.cut_off else words.attached


def _length(duration_ms: int) -> str:
    minutes, seconds = divmod(max(1, round(duration_ms / 1000)), 60)
    return f"{minutes} min {seconds:02} s" if minutes else f"{seconds} s"


def _file_stem(words: Translation, received_at: datetime, caller: str) -> str:
    name = _FILE_NAME_UNSAFE.sub("-", caller).strip("-")
    template = words.file_name if name else words.file_name_withheld
    return template.format(time=f"{received_at:%Y-%m-%d-%H%M}", caller=name)
