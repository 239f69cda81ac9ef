"""The words of a voicemail mail, in each language."""

from collections.abc import Mapping
from dataclasses import dataclass


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
