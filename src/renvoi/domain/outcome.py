"""The one place for the API's codes and texts (`docs/api.md §1`)."""

from enum import Enum

LANGUAGES = ("en", "fr")
"""The languages that customers and callers meet; the first one is the default."""


class Outcome(Enum):
    """What a request of the API came to: a row of the tables of `docs/api.md §1`.

    The members differ by name, as several rows share a code (10, 100).
    """

    def __init__(self, label: str, success: bool, code: int, en: str, fr: str) -> None:
        self.label = label
        self.success = success
        self.code = code
        self._texts = {"en": en, "fr": fr}

    def text(self, language: str) -> str:
        """Return the `message` in `language`, one of `LANGUAGES`."""
        return self._texts[language]

    DISABLED = ("disabled", True, 2, "Callforward disabled", "Transfert d’appel désactivé")
    FORWARD_ENABLED = ("forward_enabled", True, 3, "Callforward enabled", "Transfert d’appel activé")
    VOICEMAIL_ENABLED = ("voicemail_enabled", True, 4, "Voicemail enabled", "Messagerie activée")
    OK = ("ok", True, 200, "OK", "OK")

    NAME_REQUIRED = ("name_required", False, 1, "name is required", "name est requis")
    NUMBER_REQUIRED = ("number_required", False, 5, "Virtual number is required", "Le numéro virtuel est requis")
    TYPE_REQUIRED = ("type_required", False, 6, "Type is required", "Le type est requis")
    TYPE_INVALID = ("type_invalid", False, 7, "Type is invalid", "Le type n’est pas valide")
    PARAM_REQUIRED = ("param_required", False, 8, "param is required", "param est requis")
    EMAIL_INVALID = ("email_invalid", False, 9, "Email is invalid", "L’email n’est pas valide")
    KEY_REQUIRED = ("key_required", False, 10, "API key is required", "La Clé API est requise")
    KEY_INCORRECT = ("key_incorrect", False, 10, "Incorrect API key", "Clé API incorrecte")
    TARGET_INVALID = (
        "target_invalid",
        False,
        12,
        "Forwarding number is invalid",
        "Le numéro de transfert n’est pas valide",
    )
    NUMBER_UNKNOWN = ("number_unknown", False, 13, "Virtual number does not exist", "Le numéro virtuel n’existe pas")
    FORWARDING_NOT_ENABLED = (
        "forwarding_not_enabled",
        False,
        14,
        "Call forwarding is not enabled",
        "Le transfert d’appel n’est pas activé",
    )
    NUMBER_DEACTIVATED = ("number_deactivated", False, 15, "Number is deactivated", "Le numéro est désactivé")
    ALREADY_FORWARDING = (
        "already_forwarding",
        False,
        16,
        "Call forwarding is already enabled",
        "Le transfert d’appel est déjà activé",
    )
    ALREADY_VOICEMAIL = (
        "already_voicemail",
        False,
        17,
        "Voicemail is already enabled",
        "La messagerie est déjà activée",
    )
    ALREADY_DISABLED = (
        "already_disabled",
        False,
        18,
        "Call forwarding is already disabled",
        "Le transfert d’appel est déjà désactivé",
    )

    BODY_INVALID = ("body_invalid", False, 100, "Request body is invalid", "Le corps de la requête n’est pas valide")
    BODY_TOO_LARGE = (
        "body_too_large",
        False,
        100,
        "Request body is invalid",
        "Le corps de la requête n’est pas valide",
    )
    HEAD_TOO_LARGE = (
        "head_too_large",
        False,
        100,
        "Request body is invalid",
        "Le corps de la requête n’est pas valide",
    )
    CONTENT_TYPE_UNKNOWN = (
        "content_type_unknown",
        False,
        100,
        "Request body is invalid",
        "Le corps de la requête n’est pas valide",
    )
    TRANSFER_CODING_UNKNOWN = (
        "transfer_coding_unknown",
        False,
        100,
        "Request body is invalid",
        "Le corps de la requête n’est pas valide",
    )
    LOOP = ("loop", False, 101, "Forwarding would loop", "Le transfert ferait une boucle")
    DESTINATION_REFUSED = ("destination_refused", False, 102, "Destination is not allowed", "Destination non autorisée")
    TOO_MANY_REQUESTS = ("too_many_requests", False, 103, "Too many requests", "Trop de requêtes")
    UNAVAILABLE = ("unavailable", False, 104, "Service unavailable", "Service indisponible")
    METHOD_NOT_ALLOWED = ("method_not_allowed", False, 105, "Method not allowed", "Méthode non autorisée")
    IDEMPOTENCY_CONFLICT = (
        "idempotency_conflict",
        False,
        106,
        "Idempotency key was used for another request",
        "La clé d’idempotence a servi à une autre requête",
    )

    NOT_FOUND = ("not_found", False, 404, "Not found", "Introuvable")
    INTERNAL_ERROR = ("internal_error", False, 500, "Internal server error", "Erreur interne du serveur")
