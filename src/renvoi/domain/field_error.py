"""What can be wrong with one field of a request of `/v2`, in English and French (`docs/v2.md`)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum


class FieldCode(Enum):
    """What can be wrong with one field, its word and its texts, which may name arguments in braces.

    Texts and lists that are too short or too long share a word, and differ in what is said of them.
    """

    def __init__(self, word: str, en: str, fr: str) -> None:
        self.word = word
        self._texts = {"en": en, "fr": fr}

    def text(self, language: str) -> str:
        return self._texts[language]

    NOT_JSON = ("not_json", "is not JSON: {why}", "n’est pas du JSON : {why}")
    NOT_A_FORM = ("not_a_form", "is not a multipart form: {why}", "n’est pas un formulaire multipart : {why}")
    NOT_TEXT = ("not_text", "is not text in UTF-8", "n’est pas du texte en UTF-8")
    NOT_COMPLETE = ("not_complete", "did not come in time", "n’est pas arrivé à temps")
    NOT_DECOMPRESSED = ("not_decompressed", "cannot be decompressed", "ne peut pas être décompressé")
    DUPLICATE_NAME = ("duplicate_name", "has the name {name} twice", "a deux fois le nom {name}")
    TOO_DEEP = ("too_deep", "is nested deeper than {most} levels", "a plus de {most} niveaux")
    BAD_CHARACTER = (
        "bad_character",
        "holds a character that cannot be in a text: NUL, or half of a surrogate pair",
        "contient un caractère qui ne peut pas être dans un texte : NUL, ou la moitié d’une paire de substitution",
    )
    MISSING = ("missing", "is required", "est requis")
    UNKNOWN_FIELD = ("unknown_field", "is not a field of this request", "n’est pas un champ de cette requête")
    REPEATED = ("repeated", "may be given once", "ne peut être donné qu’une fois")
    WRONG_TYPE = ("wrong_type", "has to be {expected}", "doit être {expected}")
    EMPTY = ("too_short", "is empty: give a value", "est vide : indiquez une valeur")
    TOO_SHORT = (
        "too_short",
        "has to have at least {least} characters",
        "doit avoir au moins {least} caractères",
    )
    TOO_LONG = ("too_long", "may have at most {most} characters", "peut avoir {most} caractères au plus")
    TOO_FEW = ("too_short", "needs at least {least}", "il en faut au moins {least}")
    TOO_MANY = ("too_long", "may have at most {most}", "peut en avoir {most} au plus")
    TOO_EASY = (
        "too_easy",
        "is too easy to guess: take some words that belong together for you alone",
        "est trop facile à deviner : prenez quelques mots qui ne vont ensemble que pour vous",
    )
    TAKEN = (
        "taken",
        "belongs to somebody else already: give another one",
        "est déjà à quelqu’un : donnez-en une autre",
    )
    TOO_SMALL = ("too_small", "has to be at least {least}", "doit être au moins {least}")
    TOO_LARGE = ("too_large", "may be at most {most}", "peut être {most} au plus")
    NOT_ALLOWED = ("not_allowed", "has to be one of {allowed}", "doit être l’un de {allowed}")
    BAD_FORMAT = ("bad_format", "has to look like {expected}", "doit ressembler à {expected}")
    NOT_PRINTABLE = (
        "not_printable",
        "may hold printable characters only",
        "ne peut contenir que des caractères imprimables",
    )
    NUMBER_INVALID = (
        "number_invalid",
        "is not a phone number: write it like +33199001234",
        "n’est pas un numéro de téléphone : écrivez-le comme +33199001234",
    )
    NUMBER_UNKNOWN = (
        "number_unknown",
        "names numbers that are not of this account: {numbers}",
        "nomme des numéros qui ne sont pas de ce compte : {numbers}",
    )
    REFUSED = ("refused", "{why}", "{why}")
    URL_REFUSED = (
        "url_refused",
        "is not the address of an endpoint: {why}",
        "n’est pas l’adresse d’un point d’accès : {why}",
    )
    NOT_IN_FUTURE = ("not_in_future", "has to be a time to come", "doit être un moment à venir")
    BEYOND_RIGHTS = (
        "beyond_rights",
        "goes beyond what the key of this request may do",
        "dépasse ce que permet la clé de cette requête",
    )
    CHANGE_REFUSED = ("change_refused", "cannot be made: {why}", "ne peut être fait : {why}")
    EITHER = ("either", "has to have one of {names}", "doit avoir l’un de {names}")
    WOULD_LOOP = (
        "would_loop",
        "leads back to this number: give one that does not",
        "ramène à ce numéro : donnez-en un qui ne le fait pas",
    )
    DESTINATION_REFUSED = (
        "destination_refused",
        "is a destination that the account’s policy does not allow: {why}",
        "est une destination que les règles du compte n’autorisent pas : {why}",
    )
    NOT_USED = (
        "not_used",
        "goes with the action {action} only: take it out, or change the action",
        "ne va qu’avec l’action {action} : retirez-le, ou changez l’action",
    )
    OVERLAPS = (
        "overlaps",
        "has a day that another one has: each day may be in one",
        "a un jour qu’un autre a aussi : chaque jour peut être dans un seul",
    )
    ENDS_BEFORE_BEGIN = (
        "ends_before_begin",
        "ends before it begins, or lasts more than {most} days",
        "finit avant de commencer, ou dure plus de {most} jours",
    )
    HOLIDAYS_UNKNOWN = (
        "holidays_unknown",
        "is none of the codes whose holidays are known: use ISO 3166 such as FR, or FR-57 with a subdivision",
        "n’est aucun des codes dont les jours fériés sont connus : prenez l’ISO 3166 tel que FR, "
        "ou FR-57 avec une subdivision",
    )
    EMAIL_INVALID = (
        "email_invalid",
        "is not an e-mail address: write it like owner@example.com",
        "n’est pas une adresse e-mail : écrivez-la comme owner@example.com",
    )
    TIME_ZONE_UNKNOWN = (
        "time_zone_unknown",
        "is not a time zone: use an IANA name such as Europe/Paris",
        "n’est pas un fuseau horaire : prenez un nom de l’IANA tel que Europe/Paris",
    )
    REGION_UNKNOWN = (
        "region_unknown",
        "is not a region: use an ISO 3166-1 code such as FR",
        "n’est pas une région : prenez un code ISO 3166-1 tel que FR",
    )


@dataclass(frozen=True, slots=True)
class FieldError:
    """One wrong field.

    `pointer` says where it stands: a JSON pointer into the body (RFC 6901: `/voicemail/emails/0`, empty for the body as
    a whole), `?limit` for a parameter of the query, `{number}` for one of the path, `If-Match:` for a header.
    """

    pointer: str
    code: FieldCode
    args: Mapping[str, object] = field(default_factory=dict)

    def detail(self, language: str) -> str:
        return filled(self.code.text(language), self.args, language)


class FieldFault(ValueError):
    """Raised by what checks one value of a request: what is wrong with it, `at` which place inside it (`/to`)."""

    def __init__(self, code: FieldCode, at: str = "", **args: object) -> None:
        super().__init__(code.word)
        self.code = code
        self.at = at
        self.field_args = args


def filled(text: str, args: Mapping[str, object], language: str) -> str:
    """Put arguments into a text; one that has a word in each language is given as a mapping of both."""
    for name, value in args.items():
        shown = value.get(language, "") if isinstance(value, Mapping) else value
        text = text.replace("{" + name + "}", str(shown))
    return text
