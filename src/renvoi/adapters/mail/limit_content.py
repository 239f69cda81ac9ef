"""What the mail about a limit tells, in the words of its reader."""

from collections.abc import Mapping
from dataclasses import dataclass

from babel.dates import format_date

from renvoi.adapters.mail.mail_content import international, moment, one_line, translation_for
from renvoi.application.ports.accounts import Account
from renvoi.domain.access.limits import LimitKind, LimitNotice, Scope, scope_of
from renvoi.domain.moment import zone_of


@dataclass(frozen=True, slots=True)
class _Words:
    """All words of one language; `{…}` stands for what `limit_content` fills in."""

    subject: str
    what: Mapping[Scope, str]
    kinds: Mapping[LimitKind, str]
    reached: str
    fewer: str
    tomorrow: str
    received: str
    advice: str
    once: str


_ENGLISH = _Words(
    subject="Limit reached: {what}",
    what={
        Scope.ACCOUNT: "Your account {account}",
        Scope.NUMBER: "Number {number}",
        Scope.TARGET: "Target {number}",
    },
    kinds={
        LimitKind.CALLS: "calls at once",
        LimitKind.RATE: "calls a minute",
        LimitKind.MINUTES: "minutes a day",
        LimitKind.SPEND: "spend a day",
    },
    reached="{what} has reached its limit of {kind}. {until}",
    fewer="More calls are refused until there are fewer.",
    tomorrow="Calls that would be forwarded are refused until midnight UTC.",
    received="Reached",
    advice="If you did not expect so many calls, check the forwarding rules and the API keys of your account. "
    "Whoever runs this service can change the limit.",
    once="This mail comes once a day at most.",
)
_FRENCH = _Words(
    subject="Limite atteinte\u00a0: {what}",
    what={
        Scope.ACCOUNT: "Votre compte {account}",
        Scope.NUMBER: "Le numéro {number}",
        Scope.TARGET: "La destination {number}",
    },
    kinds={
        LimitKind.CALLS: "d’appels simultanés",
        LimitKind.RATE: "d’appels par minute",
        LimitKind.MINUTES: "de minutes par jour",
        LimitKind.SPEND: "de dépenses par jour",
    },
    reached="{what} a atteint sa limite {kind}. {until}",
    fewer="D’autres appels sont refusés tant qu’il n’y en a pas moins.",
    tomorrow="Les appels à renvoyer sont refusés jusqu’à minuit UTC.",
    received="Atteinte",
    advice="Si vous n’attendiez pas autant d’appels, vérifiez les renvois et les clés d’API de votre compte. "
    "L’exploitant de ce service peut modifier la limite.",
    once="Ce courriel est envoyé une fois par jour au plus.",
)
_WORDS: Mapping[str, _Words] = {"en": _ENGLISH, "fr": _FRENCH}


def limit_content(notice: LimitNotice, account: Account) -> tuple[str, str, str]:
    """Return subject, text and language (BCP 47) of the mail about a limit."""
    common = translation_for(account.locale)
    words = _WORDS[common.language]
    scope, digits = scope_of(notice.name)
    what = words.what[scope].format(account=one_line(account.name), number=international(f"+{digits}"))
    until = words.fewer if notice.kind in (LimitKind.CALLS, LimitKind.RATE) else words.tomorrow
    at = moment(account.time_zone or zone_of(account.region), notice.at_ms)
    when = common.at.format(date=format_date(at, "full", common.formats), time=f"{at:%H:%M}", zone=at.tzinfo)
    lines = [
        words.reached.format(what=what, kind=words.kinds[notice.kind], until=until),
        "",
        f"{words.received}{common.colon} {when}",
        "",
        words.advice,
        words.once,
        "",
    ]
    return words.subject.format(what=what), "\n".join(lines), common.language
