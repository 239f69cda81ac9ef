"""The steps of a call in words: who speaks to whom, what is said, and why; in English and French."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from renvoi.domain.calls.call_record import CallRecord
from renvoi.domain.calls.reason_text import reason_text
from renvoi.domain.calls.steps import CALLEE, CALLER, EDGE, TRUNK, VOICEMAIL, Step, StepKind

_SIDES: Mapping[str, Mapping[str, str]] = {
    CALLER: {"en": "Caller", "fr": "Appelant"},
    EDGE: {"en": "renvoi", "fr": "renvoi"},
    CALLEE: {"en": "Called side", "fr": "Appelé"},
    VOICEMAIL: {"en": "Voicemail", "fr": "Messagerie"},
}
_WHAT: Mapping[str, Mapping[str, str]] = {
    "ringing": {"en": "ringing", "fr": "sonnerie"},
    "unsent": {"en": "nothing: it could not be sent", "fr": "rien\u00a0: l’envoi était impossible"},
    "silent": {"en": "no answer came in time", "fr": "aucune réponse n’est venue à temps"},
    "gives-up": {"en": "gives up", "fr": "abandonne"},
    "cancel": {"en": "CANCEL, as nobody answered in time", "fr": "CANCEL, car personne n’a répondu à temps"},
    "closed": {"en": "the record is closed{cause}", "fr": "l’enregistrement est clos{cause}"},
    "cause": {"en": " (cause {cause})", "fr": " (cause {cause})"},
}
_WHY: Mapping[str, Mapping[str, str]] = {
    "arrives": {"en": "A call arrives from a carrier.", "fr": "Un appel arrive d’un opérateur."},
    "forwards": {"en": "The rule of the number forwards the call.", "fr": "La règle du numéro transfère l’appel."},
    "mailbox": {
        "en": "The rule of the number sends the call to the voicemail.",
        "fr": "La règle du numéro envoie l’appel à la messagerie.",
    },
    "next": {
        "en": "{before}: the next destination is tried.",
        "fr": "{before}\u00a0: la destination suivante est essayée.",
    },
    "next-mailbox": {
        "en": "{before}: the call goes to the voicemail.",
        "fr": "{before}\u00a0: l’appel passe à la messagerie.",
    },
    "rings": {"en": "The phone at the other end rings.", "fr": "Le téléphone du correspondant sonne."},
    "caller-rings": {"en": "The caller hears ringing.", "fr": "L’appelant entend la sonnerie."},
    "answered": {"en": "The call is answered.", "fr": "L’appel est pris."},
    "recorded": {
        "en": "The voicemail answers and plays its greeting.",
        "fr": "La messagerie répond et joue son annonce.",
    },
    "mailbox-refused": {
        "en": "The voicemail cannot take the call.",
        "fr": "La messagerie ne peut pas prendre l’appel.",
    },
    "redirected": {
        "en": "The trunk redirects the call to another number.",
        "fr": "Le trunk renvoie l’appel vers un autre numéro.",
    },
    "busy": {"en": "The called side is busy.", "fr": "Le correspondant est occupé."},
    "declined": {"en": "The called side declines the call.", "fr": "Le correspondant refuse l’appel."},
    "unreachable": {
        "en": "The called side cannot be reached there.",
        "fr": "Le correspondant y est injoignable.",
    },
    "cancelled": {
        "en": "The call was cancelled before anybody answered.",
        "fr": "L’appel a été annulé avant toute réponse.",
    },
    "login": {"en": "The trunk asks for a login.", "fr": "Le trunk demande une authentification."},
    "undelivered": {"en": "The trunk cannot deliver the call.", "fr": "Le trunk ne peut pas acheminer l’appel."},
    "refused-there": {"en": "The call is refused there.", "fr": "L’appel y est refusé."},
    "rang-out": {
        "en": "Nobody answered within the ring time of the rule.",
        "fr": "Personne n’a répondu dans le temps de sonnerie de la règle.",
    },
    "silent": {
        "en": "Nothing came from this address in time.",
        "fr": "Rien n’est venu de cette adresse à temps.",
    },
    "unsent": {
        "en": "There was no way to send the call to this address.",
        "fr": "L’appel ne pouvait pas être envoyé à cette adresse.",
    },
    "connected": {"en": "The caller is connected.", "fr": "L’appelant est mis en relation."},
    "caller-gave-up": {"en": "The caller ended the call itself.", "fr": "L’appelant a lui-même mis fin à l’appel."},
    "refused": {"en": "The call is refused: {reason}.", "fr": "L’appel est refusé\u00a0: {reason}."},
    "failed": {"en": "Nobody took the call: {reason}.", "fr": "Personne n’a pris l’appel\u00a0: {reason}."},
    "not-taken": {"en": "Nobody took the call.", "fr": "Personne n’a pris l’appel."},
    "gives-up": {
        "en": "The caller hangs up before anybody answers.",
        "fr": "L’appelant raccroche avant toute réponse.",
    },
    "caller-bye": {"en": "The caller hangs up.", "fr": "L’appelant raccroche."},
    "mailbox-bye": {"en": "The voicemail ends the call.", "fr": "La messagerie met fin à l’appel."},
    "callee-bye": {"en": "The called side hangs up.", "fr": "Le correspondant raccroche."},
    "closed": {"en": "renvoi closes the record: {reason}.", "fr": "renvoi clôt l’enregistrement\u00a0: {reason}."},
    "closed-only": {"en": "renvoi closes the record.", "fr": "renvoi clôt l’enregistrement."},
}
_STATUSES = {
    **dict.fromkeys((401, 407), "login"),
    **dict.fromkeys((404, 410, 480, 484, 604), "unreachable"),
    408: "undelivered",
    **dict.fromkeys((486, 600), "busy"),
    487: "cancelled",
    603: "declined",
}
"""What the final statuses mean that do not speak for their class (`docs/calls.md §3`)."""
_BEFORE = frozenset({StepKind.ANSWER, StepKind.CANCEL, StepKind.SILENT, StepKind.UNSENT})
"""The steps that end an attempt."""


@dataclass(frozen=True, slots=True)
class ExplainedStep:
    """A step with its words: the names of the two sides, what is said, and why that happens."""

    step: Step
    sender: str
    receiver: str
    what: str
    why: str


def explained(record: CallRecord, steps: Sequence[Step], language: str) -> Iterator[ExplainedStep]:
    """Yield the steps of a call, which are in the order of time, with their words in `language` (`en` or `fr`)."""
    ended: str | None = None
    for step in steps:
        why = _why(record, step, ended, language)
        if step.kind in _BEFORE and CALLER not in (step.sender, step.receiver):
            ended = why
        yield ExplainedStep(
            step, side_text(step.sender, language), side_text(step.receiver, language), what(step, language), why
        )


def side_text(side: str, language: str) -> str:
    """Return the name of a side of a call."""
    if side.startswith(TRUNK):
        return f"Trunk {side.removeprefix(TRUNK)}"
    return _SIDES[side][language]


def what(step: Step, language: str) -> str:
    """Return what one side tells the other; words of SIP stay as they are."""

    def text(name: str, **args: object) -> str:
        return _WHAT[name][language].format(**args)

    cause = text("cause", cause=step.cause) if step.cause is not None else ""
    match step.kind:
        case StepKind.INVITE:
            return f"INVITE {step.uri}"
        case StepKind.ANSWER:
            return f"{step.status} {step.phrase}" if step.phrase else f"{step.status}{cause}"
        case StepKind.CANCEL:
            return text("gives-up" if step.sender == CALLER else "cancel")
        case StepKind.BYE:
            return f"BYE{cause}"
        case StepKind.CLOSED:
            return text("closed", cause=cause)
        case _:
            return text(step.kind.value)


def _why(record: CallRecord, step: Step, ended: str | None, language: str) -> str:
    """Return why a step happens; `ended` says how the attempt before it ended, None: there was none."""

    def text(name: str, **args: object) -> str:
        return _WHY[name][language].format(**args)

    match step.kind:
        case StepKind.INVITE if step.sender == CALLER:
            return text("arrives")
        case StepKind.INVITE if ended is None:
            return text("mailbox" if step.receiver == VOICEMAIL else "forwards")
        case StepKind.INVITE:
            goes_on = "next-mailbox" if step.receiver == VOICEMAIL else "next"
            return text(goes_on, before=(ended or "").removesuffix("."))
        case StepKind.ANSWER if step.receiver == CALLER:
            return _answer_to_caller(record, language)
        case StepKind.CLOSED if record.reason is not None:
            return text("closed", reason=reason_text(record.reason, language))
        case _:
            return text(_name_of(step))


def _name_of(step: Step) -> str:
    """Return the name of the text that says why a step happens, of those to which nothing is added."""
    match step.kind:
        case StepKind.RINGING:
            return "caller-rings" if step.receiver == CALLER else "rings"
        case StepKind.ANSWER:
            return _answer_of_trunk(step.status or 0, step.sender)
        case StepKind.CANCEL:
            return "gives-up" if step.sender == CALLER else "rang-out"
        case StepKind.BYE if step.sender == CALLER:
            return "caller-bye"
        case StepKind.BYE:
            return "mailbox-bye" if step.sender == VOICEMAIL else "callee-bye"
        case StepKind.CLOSED:
            return "closed-only"
        case _:
            return step.kind.value


def _answer_of_trunk(status: int, sender: str) -> str:
    if 200 <= status < 300:
        return "recorded" if sender == VOICEMAIL else "answered"
    if sender == VOICEMAIL:
        return "mailbox-refused"
    if 300 <= status < 400:
        return "redirected"
    if status in _STATUSES:
        return _STATUSES[status]
    return "undelivered" if 500 <= status < 600 or status >= 700 else "refused-there"


def _answer_to_caller(record: CallRecord, language: str) -> str:
    """Return why the caller gets the final answer."""
    if record.answer_at_ms is not None:
        return _WHY["connected"][language]
    if record.hung_up_by == CALLER:
        return _WHY["caller-gave-up"][language]
    if record.reason is None:
        return _WHY["not-taken"][language]
    name = "refused" if record.decision == "reject" else "failed"
    return _WHY[name][language].format(reason=reason_text(record.reason, language))
