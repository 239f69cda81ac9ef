"""What happens to a call, in one sentence for people, in English and French."""

from collections.abc import Mapping

from renvoi.domain.numbers.number import shown_abroad
from renvoi.domain.routing.routing import Decision, Forward, Reason, Reject, Voicemail

_FORWARDED = {
    "en": "The call is forwarded to {number} and rings for up to {seconds} s.",
    "fr": "L’appel est transféré au {number} et sonne jusqu’à {seconds} s.",
}
_MESSAGE = {
    "en": "The caller can leave a message, which is mailed to {emails}.",
    "fr": "L’appelant peut laisser un message, envoyé à {emails}.",
}
_REFUSED = {"en": "The call is refused: {why}.", "fr": "L’appel est refusé\u00a0: {why}."}
_WHY: Mapping[Reason, Mapping[str, str]] = {
    Reason.UNKNOWN: {"en": "the number is none of ours", "fr": "le numéro n’est pas des nôtres"},
    Reason.DEACTIVATED: {"en": "the number is deactivated", "fr": "le numéro est désactivé"},
    Reason.NOT_ENABLED: {
        "en": "call forwarding is not enabled for the number",
        "fr": "le transfert d’appel n’est pas activé pour le numéro",
    },
    Reason.DISABLED: {"en": "its rule is off", "fr": "sa règle est désactivée"},
    Reason.CLOSED: {"en": "it is closed at that time", "fr": "c’est fermé à ce moment"},
    Reason.ANONYMOUS: {"en": "anonymous callers are rejected", "fr": "les appelants anonymes sont rejetés"},
    Reason.BLOCKED: {"en": "the caller is blocked", "fr": "l’appelant est bloqué"},
    Reason.LOOP: {"en": "it would come back to a number", "fr": "il reviendrait à un numéro"},
    Reason.TOO_MANY_DIVERSIONS: {
        "en": "it was diverted too often",
        "fr": "il a été renvoyé trop de fois",
    },
    Reason.LIMIT_CALLS: {"en": "too many calls at once", "fr": "trop d’appels à la fois"},
    Reason.LIMIT_RATE: {"en": "too many calls in a short time", "fr": "trop d’appels en peu de temps"},
    Reason.LIMIT_MINUTES: {"en": "the day’s minutes are used up", "fr": "les minutes du jour sont épuisées"},
    Reason.LIMIT_SPEND: {"en": "the day’s spend is used up", "fr": "la dépense du jour est épuisée"},
    Reason.DESTINATION_REFUSED: {
        "en": "the account’s policy does not allow the destination",
        "fr": "les règles du compte n’autorisent pas la destination",
    },
    Reason.COOLING_OFF: {
        "en": "calls to a country that is new to the account wait a while",
        "fr": "les appels vers un pays nouveau pour le compte attendent un moment",
    },
}


def decision_text(decision: Decision, language: str) -> str:
    """Return the sentence; `language` is `en` or `fr`, another one is answered in English."""
    language = language if language in _REFUSED else "en"
    match decision:
        case Forward(target=target, ring_timeout=ring_timeout):
            seconds = int(ring_timeout.total_seconds())
            return _FORWARDED[language].format(number=shown_abroad(target), seconds=seconds)
        case Voicemail(emails=emails):
            return _MESSAGE[language].format(emails=", ".join(email.value for email in emails))
        case Reject(reason=reason):
            return _REFUSED[language].format(why=refusal_text(reason, language))


def refusal_text(reason: Reason, language: str) -> str:
    """Return why a call is refused, as half a sentence; `language` is `en` or `fr`."""
    return _WHY[reason][language]
