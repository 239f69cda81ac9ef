"""What the mail about a missed call tells, in the words of its reader."""

from collections.abc import Mapping
from dataclasses import dataclass

from babel.dates import format_date

from renvoi.adapters.mail.mail_content import Translation, caller_text, international, moment, one_line, translation_for
from renvoi.application.missed_calls import MissedCallNotice
from renvoi.domain.calls.missed_call import WhyMissed


@dataclass(frozen=True, slots=True)
class _Words:
    """The words of one language; `{…}` stands for what `missed_call_content` fills in."""

    subject: str
    subject_withheld: str
    heading: str
    called: str
    why: str
    whys: Mapping[WhyMissed, str]
    once: str


_ENGLISH = _Words(
    subject="Missed call from {caller}",
    subject_withheld="Missed call from a withheld number",
    heading="Missed call for {number}",
    called="Called",
    why="Reason",
    whys={
        WhyMissed.NO_ANSWER: "nobody answered",
        WhyMissed.BUSY: "the line was busy, or the call was declined",
        WhyMissed.UNREACHABLE: "nobody could be reached",
        WhyMissed.HUNG_UP: "the caller hung up before anybody answered",
        WhyMissed.NO_MESSAGE: "the caller reached the voicemail and left no message",
        WhyMissed.CLOSED: "the number was closed at that time",
        WhyMissed.LIMIT: "a limit of calls or minutes was reached",
        WhyMissed.DESTINATION: "the account may not forward calls to the number in its rule, or not yet",
    },
    once="Of several calls of one caller within five minutes, this mail tells of one.",
)
_FRENCH = _Words(
    subject="Appel manqué de {caller}",
    subject_withheld="Appel manqué d’un numéro masqué",
    heading="Appel manqué pour {number}",
    called="Reçu",
    why="Raison",
    whys={
        WhyMissed.NO_ANSWER: "personne n’a répondu",
        WhyMissed.BUSY: "la ligne était occupée, ou l’appel a été refusé",
        WhyMissed.UNREACHABLE: "personne n’a pu être joint",
        WhyMissed.HUNG_UP: "l’appelant a raccroché avant toute réponse",
        WhyMissed.NO_MESSAGE: "l’appelant a joint la messagerie et n’a pas laissé de message",
        WhyMissed.CLOSED: "le numéro était fermé à ce moment",
        WhyMissed.LIMIT: "une limite d’appels ou de minutes était atteinte",
        WhyMissed.DESTINATION: "le compte ne peut pas, ou pas encore, renvoyer d’appels vers le numéro de sa règle",
    },
    once="De plusieurs appels d’un même appelant en cinq minutes, ce courriel en annonce un.",
)
_WORDS: Mapping[str, _Words] = {"en": _ENGLISH, "fr": _FRENCH}


@dataclass(frozen=True, slots=True)
class MissedCallContent:
    """The pieces of the mail's text, all in one language and each of one line."""

    common: Translation
    words: _Words
    subject: str
    heading: str
    caller: str
    called: str
    why: str
    rule_url: str


def missed_call_content(notice: MissedCallNotice) -> MissedCallContent:
    """Put a notice into the words of its reader."""
    common = translation_for(notice.locale)
    words = _WORDS[common.language]
    shown, with_region = caller_text(notice.caller or "", common)
    at = moment(notice.time_zone, notice.called_at_ms)
    number, label = international(notice.number.value), one_line(notice.label)
    return MissedCallContent(
        common=common,
        words=words,
        subject=(words.subject if shown else words.subject_withheld).format(caller=shown),
        heading=words.heading.format(number=f"{label} ({number})" if label else number),
        caller=with_region or common.withheld,
        called=common.at.format(date=format_date(at, "full", common.formats), time=f"{at:%H:%M}", zone=at.tzinfo),
        why=words.whys[notice.why],
        rule_url=notice.rule_url,
    )
