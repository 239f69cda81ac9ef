"""Why calls went where they did, in English and French: in one sentence, and their reasons as half of one.

Reasons are those of call records (`docs/calls.md`).
"""

from collections.abc import Mapping, Sequence

from renvoi.domain.calls.call_record import CallRecord
from renvoi.domain.routing.decision_text import refusal_text
from renvoi.domain.routing.routing import Reason
from renvoi.domain.rules.rule import Unanswered

_REFUSALS = frozenset(each.value for each in Reason)
_IDENTITY = "identity-"
_TEXTS: Mapping[str, Mapping[str, str]] = {
    Unanswered.NO_ANSWER.value: {"en": "nobody answered", "fr": "personne n’a répondu"},
    Unanswered.BUSY.value: {"en": "the called side was busy", "fr": "le correspondant était occupé"},
    Unanswered.UNREACHABLE.value: {
        "en": "the called side could not be reached",
        "fr": "le correspondant était injoignable",
    },
    "trunk-limit": {
        "en": "every trunk had as many calls as it may have",
        "fr": "chaque trunk avait déjà son nombre maximal d’appels",
    },
    "relay-absent": {"en": "the media relay was not there", "fr": "le relais audio n’était pas disponible"},
    "too-large": {"en": "the message was too large", "fr": "le message était trop volumineux"},
    "voicemail-absent": {
        "en": "no voicemail could take the call",
        "fr": "aucune messagerie ne pouvait prendre l’appel",
    },
    "voicemail-full": {
        "en": "the voicemail had as many calls as it can take",
        "fr": "la messagerie avait déjà son nombre maximal d’appels",
    },
    "store-unavailable": {
        "en": "the rule could not be read, as the database was away",
        "fr": "la règle n’a pas pu être lue, la base de données étant indisponible",
    },
    "fault": {
        "en": "a fault of renvoi, which its log describes",
        "fr": "une erreur de renvoi, décrite dans son journal",
    },
    "call-id-in-use": {
        "en": "the same call had arrived already",
        "fr": "le même appel était déjà arrivé",
    },
    "trial-invalid": {"en": "a test call without a valid seal", "fr": "un appel d’essai sans sceau valable"},
    "malformed": {"en": "the request could not be read", "fr": "la requête n’a pas pu être lue"},
    "too-many-hops": {"en": "the call had passed too many servers", "fr": "l’appel avait traversé trop de serveurs"},
    "unsupported-scheme": {
        "en": "the called address is of a kind that renvoi does not take",
        "fr": "l’adresse appelée est d’un type que renvoi n’accepte pas",
    },
    "unsupported-extension": {
        "en": "the carrier demands a SIP extension that renvoi does not have",
        "fr": "l’opérateur exige une extension SIP que renvoi n’a pas",
    },
    "unsupported-version": {
        "en": "the carrier speaks another version of SIP",
        "fr": "l’opérateur parle une autre version de SIP",
    },
    "lost": {
        "en": "renvoi stopped while the call was on its way",
        "fr": "renvoi s’est arrêté pendant l’acheminement de l’appel",
    },
    "no-bye": {
        "en": "nobody ended the call within the longest time that one may last",
        "fr": "personne n’a terminé l’appel dans la durée maximale admise",
    },
}
_UNPROVEN = {
    "en": "the identity of the caller was not proven ({fault})",
    "fr": "l’identité de l’appelant n’était pas prouvée ({fault})",
}


def reason_text(reason: str, language: str) -> str:
    """Return a reason in words; `language` is `en` or `fr`. One of a newer program stays as it is."""
    if reason in _REFUSALS:
        return refusal_text(Reason(reason), language)
    if reason.startswith(_IDENTITY):
        return _UNPROVEN[language].format(fault=reason.removeprefix(_IDENTITY))
    return _TEXTS[reason][language] if reason in _TEXTS else reason


_SENTENCES: Mapping[str, Mapping[str, str]] = {
    "refused": {"en": "refused: {reason}", "fr": "refusé : {reason}"},
    "voicemail": {"en": "the voicemail of {number}", "fr": "la messagerie de {number}"},
    "behalf": {"en": " on behalf of {ours}", "fr": " pour {ours}"},
    "taken": {"en": "; a message was taken", "fr": " ; un message a été laissé"},
    "not_taken": {"en": "; the voicemail took no message", "fr": " ; la messagerie n’a reçu aucun message"},
    "forwarded": {"en": "forwarded to {target} on behalf of {ours}", "fr": "transféré vers {target} pour {ours}"},
    "fell_back": {
        "en": "; not taken ({reason}), so it went to the voicemail",
        "fr": " ; pas pris ({reason}), donc allé à la messagerie",
    },
    "second": {
        "en": ", as the first number did not take it ({reason})",
        "fr": ", le premier numéro ne l’ayant pas pris ({reason})",
    },
    "ended": {"en": "; ended with reason {reason}", "fr": " ; terminé pour la raison {reason}"},
}


_UNANSWERED = frozenset(each.value for each in Unanswered)


def why(record: CallRecord, language: str = "en") -> str:
    """Say why a call went where it did; reasons are the words of `docs/calls.md`."""

    def text(name: str, **args: object) -> str:
        return _SENTENCES[name][language].format(**args)

    if record.decision == "reject":
        return text("refused", reason=record.reason)
    ours = diverting(record)
    taken = "" if record.missed is None else text("taken" if record.missed is False else "not_taken")
    ending = text("ended", reason=record.reason) if record.reason is not None else ""
    if record.target is None:
        behalf = text("behalf", ours=", ".join(ours)) if len(ours) > 1 else ""
        return text("voicemail", number=record.number) + behalf + taken + ending
    forwarded = text("forwarded", target=record.target, ours=", ".join(ours))
    if record.decision == "voicemail":
        return forwarded + text("fell_back", reason=record.reason) + taken
    if record.reason in _UNANSWERED:
        return forwarded + text("second", reason=record.reason)
    return forwarded + ending


def diverting(record: CallRecord) -> Sequence[str]:
    """Return our numbers that diverted the call, the called one first."""
    if record.number in record.diversions:
        return record.diversions[record.diversions.index(record.number) :]
    return [record.number or record.called]
