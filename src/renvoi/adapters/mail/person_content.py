"""What the mails tell by which people set a password, in the words of their readers."""

from collections.abc import Mapping
from dataclasses import dataclass

from babel.dates import format_date

from renvoi.adapters.mail.mail_content import moment, one_line, translation_for
from renvoi.application.person_mail import PersonNotice
from renvoi.domain.access.session import TokenKind
from renvoi.domain.moment import zone_of


@dataclass(frozen=True, slots=True)
class _Words:
    """All words of one language; `{…}` stands for what `person_content` fills in."""

    subjects: Mapping[TokenKind, str]
    invited: str
    invited_operator: str
    forgotten: str
    address: str
    advice: Mapping[TokenKind, str]
    until: str


_WORDS: Mapping[str, _Words] = {
    "en": _Words(
        subjects={TokenKind.INVITATION: "Your access to renvoi", TokenKind.RESET: "Your password for renvoi"},
        invited="You were given access to the account {account}: see and change where its numbers forward calls, "
        "and listen to its messages.",
        invited_operator="You were given access as an operator of this service.",
        forgotten="Somebody, most likely you, asked to set a new password for {email}.",
        address="Choose a password here:",
        advice={
            TokenKind.INVITATION: "If you do not know what this is about, you need do nothing.",
            TokenKind.RESET: "If it was not you, you need do nothing: your password stays as it is.",
        },
        until="The address works once. It is valid until",
    ),
    "fr": _Words(
        subjects={TokenKind.INVITATION: "Votre accès à renvoi", TokenKind.RESET: "Votre mot de passe pour renvoi"},
        invited="Vous avez reçu un accès au compte {account}\u00a0: voyez et modifiez où ses numéros renvoient les "
        "appels, et écoutez ses messages.",
        invited_operator="Vous avez reçu un accès d’exploitant à ce service.",
        forgotten="Quelqu’un, sans doute vous, a demandé un nouveau mot de passe pour {email}.",
        address="Choisissez un mot de passe ici\u00a0:",
        advice={
            TokenKind.INVITATION: "Si cela ne vous dit rien, vous n’avez rien à faire.",
            TokenKind.RESET: "Si ce n’est pas vous, vous n’avez rien à faire\u00a0: votre mot de passe ne change pas.",
        },
        until="L’adresse fonctionne une seule fois. Elle est valable jusqu’au",
    ),
}


def person_content(notice: PersonNotice) -> tuple[str, str, str]:
    """Return subject, text and language (BCP 47) of the mail by which somebody sets a password."""
    person = notice.person
    common = translation_for(person.language or person.locale)
    words = _WORDS[common.language]
    if notice.kind is TokenKind.RESET:
        why = words.forgotten.format(email=one_line(person.email.value))
    elif notice.account is None:
        why = words.invited_operator
    else:
        why = words.invited.format(account=one_line(notice.account))
    ends = moment("UTC" if person.is_operator else zone_of(person.region), notice.ends_at_ms)
    when = common.at.format(date=format_date(ends, "full", common.formats), time=f"{ends:%H:%M}", zone=ends.tzinfo)
    lines = [why, "", words.address, notice.url, "", f"{words.until} {when}.", words.advice[notice.kind], ""]
    return words.subjects[notice.kind], "\n".join(lines), common.language
