"""What the mail about an endpoint that was disabled tells, in the words of its reader."""

from collections.abc import Mapping
from dataclasses import dataclass

from babel.dates import format_date

from renvoi.adapters.mail.mail_content import moment, one_line, translation_for
from renvoi.application.ports.accounts import Account
from renvoi.application.ports.webhooks import WebhookNotice
from renvoi.domain.events.webhook import DisabledReason
from renvoi.domain.moment import zone_of


@dataclass(frozen=True, slots=True)
class _Words:
    """All words of one language; `{…}` stands for what `webhook_content` fills in."""

    subject: str
    gone: str
    failing: str
    at: str
    advice: str


_WORDS: Mapping[str, _Words] = {
    "en": _Words(
        subject="A webhook of {account} was disabled",
        gone="Your webhook {id} gets no more events: its endpoint answered 410 Gone.",
        failing="Your webhook {id} gets no more events: nothing could be delivered to it for five days.",
        at="Disabled",
        advice="When the endpoint works again, enable the webhook; it then gets what happens from that moment on. "
        "What happened meanwhile is in the list of events.",
    ),
    "fr": _Words(
        subject="Un webhook de {account} a été désactivé",
        gone="Votre webhook {id} ne reçoit plus d’événements\u00a0: son point d’accès a répondu 410 Gone.",
        failing="Votre webhook {id} ne reçoit plus d’événements\u00a0: rien n’a pu lui être livré pendant cinq jours.",
        at="Désactivé",
        advice="Quand le point d’accès fonctionnera de nouveau, activez le webhook\u00a0; il recevra alors ce qui se "
        "passe à partir de ce moment. Ce qui s’est passé entre-temps est dans la liste des événements.",
    ),
}


def webhook_content(notice: WebhookNotice, account: Account) -> tuple[str, str, str]:
    """Return subject, text and language (BCP 47) of the mail about an endpoint that was disabled."""
    common = translation_for(account.locale)
    words = _WORDS[common.language]
    webhook = notice.webhook
    why = words.gone if webhook.disabled_reason is DisabledReason.GONE else words.failing
    at = moment(account.time_zone or zone_of(account.region), notice.at_ms)
    when = common.at.format(date=format_date(at, "full", common.formats), time=f"{at:%H:%M}", zone=at.tzinfo)
    lines = [
        why.format(id=f"wh_{webhook.id}"),
        "",
        one_line(webhook.url),
        f"{words.at}{common.colon} {when}",
        "",
        words.advice,
        "",
    ]
    return words.subject.format(account=one_line(account.name)), "\n".join(lines), common.language
