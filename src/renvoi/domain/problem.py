"""The one place for the codes of `/v2`'s errors (`docs/v2.md`); their texts stand beside it, a file for a language."""

from collections.abc import Mapping, Sequence
from enum import Enum

from renvoi.domain.field_error import FieldError, filled
from renvoi.domain.outcome import Outcome
from renvoi.domain.problem_texts_en import ENGLISH
from renvoi.domain.problem_texts_fr import FRENCH

_TEXTS: Mapping[str, Mapping[str, tuple[str, str]]] = {"en": ENGLISH, "fr": FRENCH}


class ProblemCode(Enum):
    """What a request of `/v2` can be refused for: the word of `code`, the HTTP status, and the texts.

    `v1` is the row of `/v1` that says the same, None where it has none. The texts stand by their words in
    `problem_texts_en` and `problem_texts_fr`; they may name arguments of the problem in braces.
    """

    def __init__(self, word: str, status: int, v1: Outcome | None) -> None:
        self.word = word
        self.status = status
        self.v1 = v1

    @property
    def label(self) -> str:
        """What logs and metrics call it, as `Outcome.label`."""
        return self.word

    @property
    def code(self) -> int | None:
        """The code of `/v1` for the same, None where it has none; in logs and metrics as `Outcome.code`."""
        return None if self.v1 is None else self.v1.code

    def title(self, language: str) -> str:
        return _TEXTS[language][self.word][0]

    def detail(self, language: str) -> str:
        """Return the text of `detail`, with names in braces where arguments go."""
        return _TEXTS[language][self.word][1]

    BODY_MALFORMED = ("body_malformed", 400, Outcome.BODY_INVALID)
    QUERY_MALFORMED = ("query_malformed", 400, Outcome.BODY_INVALID)
    HEADER_MALFORMED = ("header_malformed", 400, Outcome.BODY_INVALID)
    CURSOR_INVALID = ("cursor_invalid", 400, None)
    KEY_REQUIRED = ("key_required", 401, Outcome.KEY_REQUIRED)
    KEY_INCORRECT = ("key_incorrect", 401, Outcome.KEY_INCORRECT)
    SCOPE_MISSING = ("scope_missing", 403, Outcome.KEY_INCORRECT)
    KEY_LIMITED = ("key_limited", 403, None)
    NOT_FOUND = ("not_found", 404, Outcome.NOT_FOUND)
    NUMBER_UNKNOWN = ("number_unknown", 404, Outcome.NUMBER_UNKNOWN)
    ACCOUNT_UNKNOWN = ("account_unknown", 404, None)
    ACCOUNT_CLOSED = ("account_closed", 409, None)
    ACCOUNT_CLOSING = ("account_closing", 409, None)
    ACCOUNT_NAME_TAKEN = ("account_name_taken", 409, None)
    NUMBER_TAKEN = ("number_taken", 409, None)
    REMOVAL_UNKNOWN = ("removal_unknown", 404, None)
    TRUNK_UNKNOWN = ("trunk_unknown", 404, None)
    NOT_POSSIBLE = ("not_possible", 409, None)
    KEY_UNKNOWN = ("key_unknown", 404, None)
    KEY_BEYOND_RIGHTS = ("key_beyond_rights", 403, None)
    KEY_OVER = ("key_over", 409, None)
    TOO_MANY_KEYS = ("too_many_keys", 409, None)
    WEBHOOK_UNKNOWN = ("webhook_unknown", 404, None)
    DELIVERY_UNKNOWN = ("delivery_unknown", 404, None)
    EVENT_GONE = ("event_gone", 409, None)
    TOO_MANY_WEBHOOKS = ("too_many_webhooks", 409, None)
    TOO_MANY_STREAMS = ("too_many_streams", 429, None)
    MESSAGE_UNKNOWN = ("message_unknown", 404, None)
    AUDIO_GONE = ("audio_gone", 404, None)
    LINK_UNKNOWN = ("link_unknown", 404, None)
    CALL_UNKNOWN = ("call_unknown", 404, None)
    GREETING_UNKNOWN = ("greeting_unknown", 404, None)
    MAIL_UNDER_WAY = ("mail_under_way", 409, None)
    RANGE_NOT_SATISFIABLE = ("range_not_satisfiable", 416, None)
    AUDIO_INVALID = ("audio_invalid", 422, None)
    METHOD_NOT_ALLOWED = ("method_not_allowed", 405, Outcome.METHOD_NOT_ALLOWED)
    IDEMPOTENCY_CONFLICT = ("idempotency_conflict", 409, Outcome.IDEMPOTENCY_CONFLICT)
    REQUEST_IN_PROGRESS = ("request_in_progress", 409, None)
    FORWARDING_WOULD_LOOP = ("forwarding_would_loop", 409, Outcome.LOOP)
    FORWARDING_NOT_ENABLED = ("forwarding_not_enabled", 409, Outcome.FORWARDING_NOT_ENABLED)
    RULE_UNREADABLE = ("rule_unreadable", 409, None)
    POLICY_UNREADABLE = ("policy_unreadable", 409, None)
    TRUNK_UNREADABLE = ("trunk_unreadable", 409, None)
    NUMBER_INACTIVE = ("number_inactive", 409, Outcome.NUMBER_DEACTIVATED)
    DESTINATION_NOT_ALLOWED = ("destination_not_allowed", 422, Outcome.DESTINATION_REFUSED)
    NOTHING_TO_UNDO = ("nothing_to_undo", 409, None)
    REVISION_UNKNOWN = ("revision_unknown", 409, None)
    BATCH_REFUSED = ("batch_refused", 422, None)
    BATCH_INTERRUPTED = ("batch_interrupted", 503, None)
    PRECONDITION_FAILED = ("precondition_failed", 412, None)
    BODY_TOO_LARGE = ("body_too_large", 413, Outcome.BODY_TOO_LARGE)
    CONTENT_TYPE_UNKNOWN = ("content_type_unknown", 415, Outcome.CONTENT_TYPE_UNKNOWN)
    FIELDS_INVALID = ("fields_invalid", 422, None)
    TOO_MANY_REQUESTS = ("too_many_requests", 429, Outcome.TOO_MANY_REQUESTS)
    HEAD_TOO_LARGE = ("head_too_large", 431, Outcome.HEAD_TOO_LARGE)
    INTERNAL_ERROR = ("internal_error", 500, Outcome.INTERNAL_ERROR)
    TRANSFER_CODING_UNKNOWN = ("transfer_coding_unknown", 501, Outcome.TRANSFER_CODING_UNKNOWN)
    UNAVAILABLE = ("unavailable", 503, Outcome.UNAVAILABLE)


_BODY = {"en": "the body", "fr": "le corps"}


class Problem(Exception):
    """A request of `/v2` ends with this answer.

    `args` fill the texts; `headers` are sent besides the usual ones.
    """

    def __init__(
        self,
        code: ProblemCode,
        *,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
        **args: object,
    ) -> None:
        super().__init__(code.word)
        self.code = code
        self.errors = tuple(errors)
        self.headers = dict(headers or {})
        self.problem_args = args

    def detail(self, language: str) -> str:
        pointers = ", ".join(error.pointer or _BODY[language] for error in self.errors[:10])
        return filled(self.code.detail(language), {"pointers": pointers, **self.problem_args}, language)


def invalid(*errors: FieldError) -> Problem:
    """Return the problem of a request with these wrong fields."""
    return Problem(ProblemCode.FIELDS_INVALID, errors=errors)
