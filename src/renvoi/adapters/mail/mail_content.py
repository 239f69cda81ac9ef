"""What a voicemail mail tells, in the words of its reader."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo

import phonenumbers
from babel import Locale
from babel.dates import format_date

from renvoi.application.mailer import VoicemailNotice
from renvoi.domain.moment import is_moment
from renvoi.domain.rules.schedule import shown_zone

MAX_SHOWN = 64
"""Characters of a caller or label that are shown: what an unknown sender writes must not fill the mail."""
_FILE_NAME_UNSAFE = re.compile(r"[^A-Za-z0-9+]+")


@dataclass(frozen=True, slots=True)
class Translation:
    """All words of one language; `{…}` stands for what `mail_content.tell` fills in."""

    language: str
    """BCP 47 tag, for `Content-Language` and `<html lang>`."""
    formats: str
    """The locale that dates are written in, as Babel names it."""
    subject: str
    subject_withheld: str
    heading: str
    caller: str
    withheld: str
    received: str
    at: str
    length: str
    attached: str
    cut_off: str
    too_big: str
    """`{id}` names the message for whoever runs the service (`renvoi messages audio ID`)."""
    rule: str
    colon: str
    """A colon as the language sets it: a French one has a no-break space before it."""
    file_name: str
    file_name_withheld: str


_ENGLISH = Translation(
    language="en",
    formats="en_001",
    subject="Voicemail from {caller} ({length})",
    subject_withheld="Voicemail from a withheld number ({length})",
    heading="New voicemail message for {number}",
    caller="From",
    withheld="number withheld",
    received="Received",
    at="{date} at {time} ({zone})",
    length="Length",
    attached="The recording is attached to this mail.",
    cut_off="A fault on our side cut the recording off. What was heard until then is attached.",
    too_big="The recording is too large for the mail server, so it is not attached. It is kept as message {id}: "
    "ask whoever runs this service for it.",
    rule="Settings of this number",
    colon=":",
    file_name="message-{time}-from-{caller}",
    file_name_withheld="message-{time}-from-withheld",
)

_FRENCH = Translation(
    language="fr",
    formats="fr",
    subject="Message vocal de {caller} ({length})",
    subject_withheld="Message vocal d’un numéro masqué ({length})",
    heading="Nouveau message vocal pour {number}",
    caller="De",
    withheld="numéro masqué",
    received="Reçu",
    at="{date} à {time} ({zone})",
    length="Durée",
    attached="L’enregistrement est joint à ce courriel.",
    cut_off="Un incident de notre côté a interrompu l’enregistrement. Ce qui a été entendu jusque-là est joint.",
    too_big="L’enregistrement est trop volumineux pour le serveur de messagerie et n’est pas joint. Il est conservé "
    "sous la référence {id}\u00a0: demandez-le à l’exploitant de ce service.",
    rule="Réglages de ce numéro",
    colon="\u00a0:",
    file_name="message-{time}-de-{caller}",
    file_name_withheld="message-{time}-de-numero-masque",
)

WORDINGS: Mapping[str, Translation] = {
    translation_for.language: translation_for for translation_for in (_ENGLISH, _FRENCH)
}


def translation_for(locale: str) -> Translation:
    """Return the words of `locale` (`fr`, also `fr-CA`), the English ones when we do not have it."""
    return WORDINGS.get(locale.replace("_", "-").partition("-")[0].lower(), _ENGLISH)


@dataclass(frozen=True, slots=True)
class MailContent:
    """The pieces of a mail's text, all in one language and each of one line."""

    words: Translation
    subject: str
    heading: str
    caller: str
    caller_uri: str | None
    """`tel:` URI (RFC 3966) of a caller who can be called back; None as well where the account may not call there."""
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


def message_content(notice: VoicemailNotice, *, with_audio: bool = True) -> MailContent:
    """Put a notice into the words of its reader; without its recording where that is too big for the mail server."""
    words = translation_for(notice.locale)
    zone = shown_zone(notice.time_zone)
    received_at = _date(zone, notice.received_at_ms, notice.queued_at_ms)
    caller = one_line(notice.caller or "")
    number = _valid(caller)
    shown, with_region = caller_text(caller, words)
    length = _length(notice.duration_ms)
    return MailContent(
        words=words,
        subject=(words.subject if caller else words.subject_withheld).format(caller=shown, length=length),
        heading=words.heading.format(number=_mailbox(notice)),
        caller=with_region or words.withheld,
        caller_uri=f"tel:{caller}" if number and notice.may_call_back else None,
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


def caller_text(caller: str, words: Translation) -> tuple[str, str]:
    """Return a caller as people write it, and the same with its country; both empty for one who is withheld."""
    caller = one_line(caller)
    number = _valid(caller)
    if number is None:
        return caller, caller
    shown, region = _international(number), _region(number, words)
    return shown, f"{shown} ({region})" if region else shown


def one_line(text: str, limit: int = MAX_SHOWN) -> str:
    """Return `text` on one line, without control and direction characters, in `limit` characters at most."""
    shown = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def _date(zone: tzinfo, *times_ms: int | None) -> datetime:
    """Return the first of these times that has a date; the message matters more than one that an odd clock wrote."""
    found = next((at_ms for at_ms in times_ms if is_moment(at_ms)), None)
    return datetime.fromtimestamp((found or 0) / 1000, zone)


def moment(time_zone: str, at_ms: int) -> datetime:
    """Return a time in a zone; the beginning of 1970 for one that has no date."""
    return _date(shown_zone(time_zone), at_ms)


def international(number: str) -> str:
    """Return a number as people write it abroad; what is not a number as it is."""
    found = _valid(number)
    return _international(found) if found else number


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
